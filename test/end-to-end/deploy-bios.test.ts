/** A BIOS machine boots from the network, gets Debian, restarts into it, and the sequence ends there. */

import { join } from 'node:path'
import test from 'ava'
import { openLab } from '../../scripts/lab/lab.ts'
import {
  addCollection,
  addDevice,
  addTaskSequence,
  deploy,
  readSequence,
  waitForLane,
} from '../../scripts/lab/site-setup.ts'

test('A6-02: a BIOS machine with a required deployment gets Debian without a key press, and then boots from its disk', async (t) => {
  const lab = await openLab({
    name: 'bios',
    network: '10.77.1',
    flags: ['--dhcp', 'full', '--pool', '10.77.1.100-10.77.1.150'],
  })
  t.teardown(() => lab.close())
  const macAddress = '52:54:00:01:00:01'
  const image = await lab.addDebian()
  const taskSequenceId = await addTaskSequence(lab.server, lab.bootImageId, await readSequence('debian', { image }))
  const device = await addDevice(lab.server, { name: 'bios-1', macAddress })
  const collectionId = await addCollection(lab.server, 'BIOS', [device])
  await deploy(lab.server, { taskSequenceId, collectionId, purpose: 'required' })

  const machine = await lab.startMachine({
    name: 'bios',
    macAddress,
    firmware: 'bios',
    disk: { file: join(lab.directory, 'bios.disk'), megabytes: 3_072 },
  })
  const lane = await waitForLane(lab.server, macAddress, ({ stage }) => stage === 'done', 10 * 60_000).catch(
    (error: unknown) => {
      t.log(machine.serial().slice(-4_000))
      throw error
    },
  )
  t.is(lane.condition, 'succeeded', lane.text)
  const events = JSON.stringify(await lab.server.call('GET', `/api/v1/runs/${lane.run?.runId}/events`))
  t.regex(events, /REPORT bios-1: Debian GNU\/Linux/)
})
