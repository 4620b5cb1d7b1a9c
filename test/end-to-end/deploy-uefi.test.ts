/** The main job on a UEFI machine: OVMF's own PXE, GPT, an EFI system partition, and the installed system's report. */

import { join } from 'node:path'
import test from 'ava'
import { openLab } from '../../scripts/lab/lab.ts'
import {
  addCollection,
  addDevice,
  addTaskSequence,
  deploy,
  readOutput,
  readSequence,
  waitForLane,
} from '../../scripts/lab/site-setup.ts'

const macAddress = '52:54:00:02:00:01'

test('D04, S6-022: a UEFI machine boots by its own PXE, gets Debian and ends the sequence in it', async (t) => {
  const lab = await openLab({
    name: 'uefi',
    network: '10.77.2',
    flags: ['--dhcp', 'full', '--pool', '10.77.2.100-10.77.2.150'],
  })
  t.teardown(() => lab.close())
  const image = await lab.addDebian()
  const taskSequenceId = await addTaskSequence(lab.server, lab.bootImageId, await readSequence('debian', { image }))
  const device = await addDevice(lab.server, { name: 'uefi-1', macAddress })
  const collectionId = await addCollection(lab.server, 'UEFI', [device])
  await deploy(lab.server, { taskSequenceId, collectionId, purpose: 'required' })

  const disk = { file: join(lab.directory, 'uefi.disk'), megabytes: 3_072 }
  const machine = await lab.startMachine({ name: 'uefi', macAddress, firmware: 'uefi', disk })
  const lane = await waitForLane(lab.server, {
    macAddress,
    wanted: ({ stage }) => stage === 'done',
    timeoutMs: 10 * 60_000,
  }).catch((error: unknown) => {
    t.log(machine.serial().slice(-4_000))
    throw error
  })
  t.is(lane.condition, 'succeeded', lane.text)
  t.is(lane.platform, 'x64 UEFI')
  const output = await readOutput(lab.server, lane.run?.runId ?? '')
  t.is(output.filter((line) => line.startsWith('REPORT uefi-1: Debian GNU/Linux')).length, 1, output.join('\n'))
})
