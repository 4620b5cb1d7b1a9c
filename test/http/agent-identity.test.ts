/** Who an agent is taken for: its lane, and the runs it may go on with. Hardware identifiers are hints, never proof. */

import test from 'ava'
import type { Hello } from '../../server/contract/agent.ts'
import { codeOf, kindOf, lanesOf, mac, prepare, start, startedEvent } from './agent-site.ts'
import { TestAgent } from './test-site.ts'

const dock = '52:54:00:d0:c0:01'

function agentWith(macAddresses: readonly string[], hardware: Partial<Hello['hardware']> = {}): TestAgent {
  const { hello } = new TestAgent(mac)
  return new TestAgent(mac, { hardware: { ...hello.hardware, macAddresses, ...hardware } })
}

async function prepareWithSharedDock() {
  const prepared = await prepare()
  const listed = await prepared.site.api('PUT', `/duplicate-hardware-identifiers/${dock}`, {
    comment: 'the dock of desk 3',
  })
  if (listed.status !== 200) throw new Error(listed.body.toString())
  return prepared
}

test('D19: the lane of a machine is never the address of a shared adapter, of nobody, or of a group', async (t) => {
  const { site } = await prepareWithSharedDock()
  t.teardown(() => site.close())
  const agent = agentWith([dock, '00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:01', mac])
  t.is(kindOf(await agent.sayHello(site)), 'armed')
  const lanes = await lanesOf(site)
  t.deepEqual(
    lanes.map(({ id, name }) => [id, name]),
    [[mac, 'PC1']],
  )
  const nobody = await agentWith([dock, '01:00:5e:00:00:01']).sayHello(site)
  t.is(nobody.status, 422)
  t.is(codeOf(nobody), 'invalid')
})

test('D19: a device that came over a shared adapter is known by its SMBIOS GUID and has a lane of its own', async (t) => {
  const { site } = await prepareWithSharedDock()
  t.teardown(() => site.close())
  const smbiosGuid = '4c4c4544-0043-4810-8054-b7c04f4d3132'
  await site.api('POST', '/devices', { name: 'Tablet', macAddresses: [], smbiosGuid })
  t.is(kindOf(await agentWith([dock], { smbiosGuid }).sayHello(site)), 'armed')
  const lanes = await lanesOf(site)
  t.deepEqual(
    lanes.map(({ id, name }) => [id, name]),
    [['02:00:01:00:00:02', 'Tablet']],
  )
})

test('D19: an agent that is another device than its firmware alone is that device, and the log says so', async (t) => {
  const { site } = await prepare()
  t.teardown(() => site.close())
  const [own, serialNumber] = ['52:54:00:00:00:b1', '5CG1234ABC']
  await site.api('POST', '/devices', { name: 'PC2', macAddresses: [own], serialNumber })
  t.is(kindOf(await agentWith([mac, own], { serialNumber }).sayHello(site)), 'armed')
  const [warning] = site.logged.filter(({ level }) => level === 'warn')
  t.like(warning?.fields, { device: 'PC2', otherDevice: 'PC1 (16777217)' })
})

test('A05, 6.9: a run goes on only on the machine of its device, whoever has the ticket', async (t) => {
  const prepared = await prepare()
  const { site } = prepared
  t.teardown(() => site.close())
  const { resume } = await start(prepared)
  const other = await resume(agentWith(['52:54:00:99:99:99']))
  t.is(codeOf(other), 'not-found')
  t.true(site.logged.some(({ level, text }) => level === 'warn' && text.includes('run of another')))
  t.is((await resume(agentWith(['52:54:00:99:99:99', mac]))).status, 200)
})

test('A05, 33: the run of an unknown computer goes on where one of the cards is the one it began with', async (t) => {
  const prepared = await prepare({ unknownComputers: 'allow' }, { collectionId: 'RVL10002' })
  const { site } = prepared
  t.teardown(() => site.close())
  const { resume } = await start(prepared, agentWith(['52:54:00:99:99:99']))
  t.is(codeOf(await resume(agentWith(['52:54:00:99:99:98']))), 'not-found')
  t.is((await resume(agentWith(['52:54:00:99:99:98', '52:54:00:99:99:99']))).status, 200)
})

test('6.9: a run whose device was removed goes on where it began', async (t) => {
  const prepared = await prepare()
  const { site } = prepared
  t.teardown(() => site.close())
  const { resume } = await start(prepared)
  t.is(codeOf(await resume(agentWith(['52:54:00:99:99:98']))), 'not-found')
  const [device] = await site.store.devices.list()
  if (device !== undefined) await site.store.devices.remove(device.id, undefined)
  t.is(codeOf(await resume(agentWith(['52:54:00:99:99:98']))), 'not-found')
  t.is((await resume(agentWith([mac]))).status, 200)
})

test('A05: a ticket that is used a second time is told in the log and in the lane, once', async (t) => {
  const prepared = await prepare()
  const { site } = prepared
  t.teardown(() => site.close())
  const { resume, runId } = await start(prepared)
  const warnings = () =>
    site.logged.filter(({ level, text }) => level === 'warn' && text.includes('second time')).length
  const linesOfLane = async () => (await lanesOf(site))[0]?.lines.filter((line) => line.includes('second time')).length
  t.is((await resume(new TestAgent(mac))).status, 200)
  t.is(warnings(), 0)
  // The agent that lost its power and a copy of its disk look alike until one of them uses its token.
  const back = new TestAgent(mac)
  const { json } = await resume(back)
  t.is(warnings(), 1)
  t.is(await linesOfLane(), 1)
  await back.say(site, '/agent/v1/events', { runId, events: [startedEvent] }, String(json['runToken']))
  const heardMs = (await lanesOf(site))[0]?.changedAtMs
  site.clock.nowMs += 1_000
  t.is(codeOf(await resume(new TestAgent(mac))), 'ticket-used')
  t.is(warnings(), 2)
  t.is(await linesOfLane(), 1)
  t.is((await lanesOf(site))[0]?.changedAtMs, heardMs)
})
