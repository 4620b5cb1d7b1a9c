/**
 * Which machine is which, and when: real machines with other cards than they are known by, a ring that stops the rest, and one
 * that sleeps until the packet for it is on its wire.
 */

import test from 'ava'
import { startProgram } from '../../scripts/lab/program.ts'
import { addCollection, addDevice, addTaskSequence, deploy, findLane } from '../../scripts/lab/site-setup.ts'
import { addTarget, bootMs, fromDisk, openSite, startMachine } from './decision-site.ts'
import { untilDone } from './until-done.ts'

/** The clock's jobs come once a minute. */
const wakeMs = 3 * 60_000

test('S5-016: a sleeping machine is woken when its deployment is due, and runs it', async (t) => {
  const site = await openSite(t)
  const { server } = site.lab
  const macAddress = '52:54:00:04:00:01'
  const device = await addTarget(site, 'sleeper', macAddress)
  const collectionId = await addCollection(server, 'Sleepers', [device])
  const machine = await startMachine(site, 'sleep', macAddress, { asleep: true })
  // What its card does while it sleeps: look for its own address on its own wire.
  const pattern = ['-Y', 'wol', '-T', 'fields', '-e', 'wol.mac']
  const card = await startProgram(['tshark', '-l', '-i', 'tap-sleep', '-f', 'udp port 9', ...pattern])
  // Killed outright it would leave behind what captures for it.
  t.teardown(() => card.stop('SIGTERM'))
  await card.says(/Capturing on/)
  await deploy(server, {
    taskSequenceId: site.taskSequenceId,
    collectionId,
    purpose: 'required',
    options: { sendWakeUpPackets: true },
  })
  await card.says(new RegExp(macAddress), wakeMs)
  t.is(machine.serial(), '', 'nothing ran before')
  await machine.wake()
  const lane = await untilDone(t, site.lab, { machine, macAddress, timeoutMs: bootMs })
  t.is(lane.condition, 'succeeded', lane.text)
})

test('a canary ring stops after a machine that fails: the next one goes on to its disk, and the page says why', async (t) => {
  const site = await openSite(t)
  const { server, bootImageId } = site.lab
  const [first, second] = ['52:54:00:04:00:02', '52:54:00:04:00:03'] as const
  const devices = [await addTarget(site, 'canary', first), await addTarget(site, 'next', second)]
  const collectionId = await addCollection(server, 'Both', devices)
  const action = { type: 'run-command-line', commandLine: 'echo this does not work; exit 3' }
  const taskSequenceId = await addTaskSequence(server, bootImageId, {
    name: 'Fails',
    description: '',
    children: [{ kind: 'step', name: 'Fail', action }],
  })
  const deployment = await deploy(server, {
    taskSequenceId,
    collectionId,
    purpose: 'required',
    options: { canary: { machines: 1, failuresMax: 0 } },
  })
  const canary = await startMachine(site, 'canary', first)
  const failed = await untilDone(t, site.lab, { machine: canary, macAddress: first, timeoutMs: bootMs })
  t.is(failed.condition, 'failed', failed.text)
  await canary.stop()
  const machine = await startMachine(site, 'next', second)
  await machine.waitForSerial(fromDisk, bootMs)
  const lane = await findLane(server, second)
  t.is(lane?.condition, 'local-disk')
  t.regex(lane?.text ?? '', new RegExp(deployment))
  t.is(lane?.run, undefined)
  t.like(await server.call('GET', `/api/v1/deployments/${deployment}/canary`), { standing: 'stopped' })
})

test('S6-011, S6-061: a machine with another card, and one on a shared dock, is itself; the dock makes no other machine of it', async (t) => {
  const dock = '52:54:00:04:00:10'
  const site = await openSite(t, ['--duplicate-identifier', dock])
  const { server } = site.lab
  const [own, other] = ['AAAAAAAA-0001-0002-0003-00000000000A', 'BBBBBBBB-0001-0002-0003-00000000000B'] as const
  const device = await addDevice(server, { name: 'laptop', macAddress: '52:54:00:04:00:11', smbiosGuid: own })
  const collectionId = await addCollection(server, 'Laptops', [device])
  await deploy(server, { taskSequenceId: site.taskSequenceId, collectionId, purpose: 'required' })
  const replaced = '52:54:00:04:00:12'
  const machine = await startMachine(site, 'renamed', replaced, { smbiosGuid: own })
  const lane = await untilDone(t, site.lab, { machine, macAddress: replaced, timeoutMs: bootMs })
  t.deepEqual([lane.condition, lane.name, lane.deviceId], ['succeeded', 'laptop', device])
  await machine.stop()

  const stranger = await startMachine(site, 'stranger', dock, { smbiosGuid: other })
  await stranger.waitForSerial(fromDisk, bootMs)
  t.is((await findLane(server, dock))?.deviceId, undefined)
  await stranger.stop()

  await server.call('POST', `/api/v1/devices/${device}/clear-required-pxe-deployments`)
  const docked = await startMachine(site, 'docked', dock, { smbiosGuid: own })
  // It restarts after its run, whose mark sends it on to its disk.
  await docked.waitForSerial(fromDisk, bootMs)
  const { items } = await server.call<{ items: readonly Run[] }>('GET', '/api/v1/runs')
  t.deepEqual(
    items.map(({ deviceId, state }) => [deviceId, state]),
    [device, device].map((id) => [id, 'succeeded']),
  )
})

interface Run {
  readonly deviceId?: string
  readonly state: string
}
