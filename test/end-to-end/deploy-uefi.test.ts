/** The main job on a UEFI machine: OVMF's own PXE, GPT, an EFI system partition, and the installed system's report. */

import { join } from 'node:path'
import test from 'ava'
import { openLab } from '../../scripts/lab/lab.ts'
import { deployRequired, readOutput, readSequence } from '../../scripts/lab/site-setup.ts'
import { untilDone } from './until-done.ts'

const macAddress = '52:54:00:02:00:01'

test('D04, S6-022: a UEFI machine boots by its own PXE, gets Debian and ends the sequence in it', async (t) => {
  const lab = await openLab({
    name: 'uefi',
    network: '10.77.2',
    flags: ['--dhcp', 'full', '--pool', '10.77.2.100-10.77.2.150'],
  })
  t.teardown(() => lab.close())
  const image = await lab.addDebian()
  const sequence = await readSequence('debian', { image })
  await deployRequired(lab.server, { name: 'uefi-1', macAddress, bootImageId: lab.bootImageId, sequence })

  const disk = { file: join(lab.directory, 'uefi.disk'), megabytes: 3_072 }
  const machine = await lab.startMachine({ name: 'uefi', macAddress, firmware: 'uefi', disk })
  const lane = await untilDone(t, lab, { machine, macAddress, timeoutMs: 16 * 60_000 })
  t.is(lane.condition, 'succeeded', lane.text)
  t.is(lane.platform, 'x64 UEFI')
  const output = await readOutput(lab.server, lane.run?.runId ?? '')
  t.is(output.filter((line) => line.startsWith('REPORT uefi-1: Debian GNU/Linux')).length, 1, output.join('\n'))
})
