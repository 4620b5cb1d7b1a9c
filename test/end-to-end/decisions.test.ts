/**
 * What a real machine does for each decision: required, available with and without the key, hidden, unknown, nothing at
 * all. Real firmware and a real disk that says when it was started; the sequence is one step in the boot image.
 */

import test from 'ava'
import { addCollection, deploy, findLane, readOutput } from '../../scripts/lab/site-setup.ts'
import { addTarget, bootMs, fromDisk, openSite, startMachine } from './decision-site.ts'
import { untilDone } from './until-done.ts'

test('A6-01, D23: a known machine without a deployment goes on to its disk at once, and the page says why', async (t) => {
  const site = await openSite(t)
  const macAddress = '52:54:00:03:00:01'
  await addTarget(site, 'none-1', macAddress)
  // A deployment to unknown computers is none for a known one.
  await deploy(site.lab.server, { taskSequenceId: site.taskSequenceId, collectionId: 'RVL10002', purpose: 'required' })
  const machine = await startMachine(site, 'none', macAddress)
  await machine.waitForSerial(fromDisk, bootMs)
  const lane = await findLane(site.lab.server, macAddress)
  t.is(lane?.condition, 'local-disk')
  t.regex(lane?.text ?? '', /nothing is deployed to device none-1/)
})

test('A6-02, S6-025, S6-027, S6-031: required runs at once, ahead of an available one, the second boot goes to the disk, and clearing the mark runs it again', async (t) => {
  const site = await openSite(t)
  const { server } = site.lab
  const macAddress = '52:54:00:03:00:02'
  const device = await addTarget(site, 'required-1', macAddress)
  const collectionId = await addCollection(server, 'Required', [device])
  const required = await deploy(server, { taskSequenceId: site.taskSequenceId, collectionId, purpose: 'required' })
  // A higher identifier would come first among equals.
  await deploy(server, { taskSequenceId: site.taskSequenceId, collectionId, purpose: 'available' })
  const machine = await startMachine(site, 'req', macAddress)
  const first = await untilDone(t, site.lab, { machine, macAddress, timeoutMs: bootMs })
  t.is(first.condition, 'succeeded', first.text)
  t.is<string | undefined, string>(first.run?.deploymentId, required)
  t.regex((await readOutput(server, first.run?.runId ?? '')).join('\n'), /HELLO from/)
  // The agent restarts the machine after success; the mark now keeps the deployment away.
  await machine.waitForSerial(fromDisk, bootMs)

  await server.call('POST', `/api/v1/devices/${device}/clear-required-pxe-deployments`)
  await machine.stop()
  const restarted = await startMachine(site, 'req2', macAddress)
  const again = await untilDone(t, site.lab, {
    machine: restarted,
    macAddress,
    wanted: ({ stage, run }) => stage === 'done' && run?.runId !== first.run?.runId,
    timeoutMs: bootMs,
  })
  t.is(again.condition, 'succeeded', again.text)
  t.is<string | undefined, string>(again.run?.deploymentId, required)
})

test('A6-03, S6-020: available waits for F12; without the key the machine starts from its disk, with it the sequence runs', async (t) => {
  const site = await openSite(t, ['--prompt-seconds', '15'])
  const { server } = site.lab
  const macAddress = '52:54:00:03:00:03'
  const device = await addTarget(site, 'available-1', macAddress)
  const collectionId = await addCollection(server, 'Available', [device])
  await deploy(server, { taskSequenceId: site.taskSequenceId, collectionId, purpose: 'available' })
  const patient = await startMachine(site, 'avail', macAddress)
  await patient.waitForSerial(fromDisk, bootMs)
  await patient.stop()

  const machine = await startMachine(site, 'avail2', macAddress)
  // The lane waits for a person since the first start already; the screen says when this one does.
  await machine.waitForSerial(/Press F12 within/, bootMs)
  t.is((await findLane(server, macAddress))?.condition, 'waiting-for-person')
  const pressing = setInterval(() => void machine.pressKey('f12').catch(() => undefined), 1_000)
  t.teardown(() => clearInterval(pressing))
  await machine.waitForSerial(/choose a task sequence/, bootMs)
  clearInterval(pressing)
  machine.type('1\r')
  const lane = await untilDone(t, site.lab, { machine, macAddress, timeoutMs: bootMs })
  t.is(lane.condition, 'succeeded', lane.text)
})

test('A5-02, S6-040, S6-041: a hidden deployment runs without a question, ahead of a required one, for the machine that names it', async (t) => {
  const site = await openSite(t)
  const { server } = site.lab
  const macAddress = '52:54:00:03:00:04'
  const device = await addTarget(site, 'hidden-1', macAddress, 'RVL20002')
  const collectionId = await addCollection(server, 'Hidden', [device])
  const required = await deploy(server, { taskSequenceId: site.taskSequenceId, collectionId, purpose: 'required' })
  const hidden = await deploy(server, {
    taskSequenceId: site.taskSequenceId,
    collectionId,
    purpose: 'available',
    makeAvailableTo: 'media-and-pxe-hidden',
  })
  t.deepEqual([required, hidden], ['RVL20001', 'RVL20002'])
  const machine = await startMachine(site, 'hidden', macAddress)
  const lane = await untilDone(t, site.lab, { machine, macAddress, timeoutMs: bootMs })
  t.is(lane.condition, 'succeeded', lane.text)
  t.is<string | undefined, string>(lane.run?.deploymentId, hidden)
})

test('S6-044, A07: a wrong SMSTSPreferredAdvertID runs nothing, and the machine, the page and the log say so', async (t) => {
  const site = await openSite(t)
  const { server } = site.lab
  const macAddress = '52:54:00:03:00:05'
  const device = await addTarget(site, 'wrong-1', macAddress, 'RVL2FFFF')
  const collectionId = await addCollection(server, 'Wrong', [device])
  await deploy(server, { taskSequenceId: site.taskSequenceId, collectionId, purpose: 'required' })
  const machine = await startMachine(site, 'wrong', macAddress)
  await machine.waitForSerial(/SMSTSPreferredAdvertID names RVL2FFFF, which cannot run/, bootMs)
  await machine.waitForSerial(fromDisk, bootMs)
  const lane = await findLane(server, macAddress)
  t.is(lane?.condition, 'local-disk')
  t.regex(lane?.text ?? '', /RVL2FFFF/)
  t.regex(server.log(), /RVL2FFFF/)
  t.is(lane?.run, undefined)
})

test('S6-014, A17: an unknown computer waits for approval with a code, and runs what is deployed to unknown computers', async (t) => {
  const site = await openSite(t)
  const { server } = site.lab
  const macAddress = '52:54:00:03:00:06'
  await deploy(server, { taskSequenceId: site.taskSequenceId, collectionId: 'RVL10002', purpose: 'required' })
  const machine = await startMachine(site, 'unknown', macAddress)
  const waiting = await untilDone(t, site.lab, {
    machine,
    macAddress,
    wanted: ({ approvalCode }) => approvalCode !== undefined,
    timeoutMs: bootMs,
  })
  await machine.waitForSerial(new RegExp(waiting.approvalCode ?? 'no code'), bootMs)
  await server.call('POST', `/api/v1/agent-sessions/${waiting.approvalCode}/approve`)
  const lane = await untilDone(t, site.lab, { machine, macAddress, timeoutMs: bootMs })
  t.is(lane.condition, 'succeeded', lane.text)
})
