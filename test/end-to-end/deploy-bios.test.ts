/**
 * The main job on a BIOS machine: it boots from the network, gets Debian, restarts into it, restarts there once more, and
 * the sequence ends in the installed system. The server is killed in the middle, and a browser watches all of it.
 */

import { join } from 'node:path'
import test from 'ava'
import { openLab } from '../../scripts/lab/lab.ts'
import { deployRequired, readOutput, readSequence } from '../../scripts/lab/site-setup.ts'
import { untilDone } from './until-done.ts'
import { watchInBrowser } from './watching-browser.ts'

const macAddress = '52:54:00:01:00:01'

test('A6-02, scenario 8: a BIOS machine gets Debian without a key press; the server is killed meanwhile; a page sees it all', async (t) => {
  const lab = await openLab({
    name: 'bios',
    network: '10.77.1',
    flags: ['--dhcp', 'full', '--pool', '10.77.1.100-10.77.1.150'],
  })
  t.teardown(() => lab.close())
  const image = await lab.addDebian()
  const sequence = withRestart(await readSequence('debian', { image }))
  await deployRequired(lab.server, { name: 'bios-1', macAddress, bootImageId: lab.bootImageId, sequence })
  const page = await watchInBrowser(lab.server)
  t.teardown(() => page.close())

  const disk = { file: join(lab.directory, 'bios.disk'), megabytes: 3_072 }
  const machine = await lab.startMachine({ name: 'bios', macAddress, firmware: 'bios', disk })
  const patience = { machine, macAddress, timeoutMs: 16 * 60_000 }
  await untilDone(t, lab, { ...patience, wanted: ({ run }) => run?.stepName === 'Apply Debian' })
  await lab.restartServer()
  const lane = await untilDone(t, lab, patience)
  t.is(lane.condition, 'succeeded', lane.text)
  t.is(lane.run?.stepsEnded, lane.run?.stepsTotal)
  const output = await readOutput(lab.server, lane.run?.runId ?? '')
  t.is(output.filter((line) => line.startsWith('REPORT bios-1: Debian GNU/Linux')).length, 1, output.join('\n'))

  // One page, never loaded again: it saw the steps come, and the end, although the server went away in between.
  await page.waitForText('Deploy Debian succeeded')
  t.deepEqual(page.textsSeen(['Apply Debian', 'Setup Windows and ConfigMgr', 'Report']), [
    'Apply Debian',
    'Setup Windows and ConfigMgr',
    'Report',
  ])
  t.is(page.loads(), 1)
})

/** "Restart Computer" in the installed system: the run goes on a second time. */
function withRestart(sequence: unknown): unknown {
  const { children, ...rest } = sequence as { children: readonly unknown[] }
  const restart = {
    kind: 'step',
    name: 'Restart Computer',
    action: { type: 'restart-computer', target: 'installed-system' },
  }
  return { ...rest, children: [...children.slice(0, 1), restart, ...children.slice(1)] }
}
