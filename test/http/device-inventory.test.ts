/** What agents tell of their machines: kept with the device, shown, asked for by queries, and taken from its own agent only. */

import test from 'ava'
import { approve, kindOf, mac, prepare } from './agent-site.ts'
import { TestAgent, type TestSite } from './test-site.ts'

/** An agent of a machine with this model. */
function agentOf(macAddress: string, model: string): TestAgent {
  const { hello } = new TestAgent(macAddress)
  return new TestAgent(macAddress, { hardware: { ...hello.hardware, model } })
}

async function shown(site: TestSite) {
  const [device] = await site.store.devices.list()
  const answer = await site.api('GET', `/devices/${device?.id ?? ''}`)
  const inventory = answer.json['inventory']
  return {
    etag: answer.headers.etag,
    model: inventory instanceof Object && 'model' in inventory ? inventory.model : undefined,
  }
}

test('S9-008: a hello is shown with the device and leaves its ETag alone, and queries know it', async (t) => {
  const prepared = await prepare({ knownDevices: 'automatic' })
  const { site } = prepared
  t.teardown(() => site.close())
  const before = await shown(site)
  t.is(before.model, undefined)
  const agent = agentOf(mac, 'OptiPlex 7010')
  t.is(kindOf(await agent.sayHello(site)), 'armed')
  t.deepEqual(await shown(site), { etag: before.etag, model: 'OptiPlex 7010' })
  const collection = await site.api('POST', '/collections', { name: 'Desks', queries: ['model like "optiplex%"'] })
  t.is(collection.status, 201, collection.body.toString())
  const [deployment] = await site.store.deployments.list()
  const { id = '', createdAtMs: _, revision: __, ...draft } = { ...deployment, collectionId: collection.json['id'] }
  t.is((await site.api('DELETE', `/deployments/${id}`)).status, 204)
  t.is((await site.api('POST', '/deployments', draft)).status, 201)
  t.is(kindOf(await agent.sayHello(site)), 'armed')
  const path = `/collections/${String(collection.json['id'])}`
  t.is((await site.api('PUT', path, { name: 'Desks', queries: ['not model like "optiplex%"'] })).status, 200)
  t.is(kindOf(await agent.sayHello(site)), 'nothing-to-run')
})

test('A04, A06: a copied address cannot tell for a machine whose agent is alive', async (t) => {
  const prepared = await prepare({ knownDevices: 'automatic' })
  const { site } = prepared
  t.teardown(() => site.close())
  await agentOf(mac, 'Real').sayHello(site)
  await agentOf(mac, 'Copy').sayHello(site)
  t.is((await shown(site)).model, 'Real')
})

test('A04, A06: where known devices are approved, nothing is kept before', async (t) => {
  const prepared = await prepare({ knownDevices: 'approve' })
  const { site } = prepared
  t.teardown(() => site.close())
  const agent = agentOf(mac, 'Real')
  const hello = await agent.sayHello(site)
  t.is((await shown(site)).model, undefined)
  await approve(site, hello)
  await agent.sayHello(site)
  t.is((await shown(site)).model, 'Real')
})

test('an agent of an unknown computer leaves nothing behind', async (t) => {
  const prepared = await prepare({ unknownComputers: 'allow' })
  const { site } = prepared
  t.teardown(() => site.close())
  await agentOf('52:54:00:99:99:99', 'Stranger').sayHello(site)
  t.is((await site.store.devices.list()).filter(({ inventory }) => inventory !== undefined).length, 0)
})
