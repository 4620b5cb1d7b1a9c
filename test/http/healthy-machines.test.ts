/** A required deployment and a machine whose client is heard, from hello to preview (S5-043, S12-016). */

import test from 'ava'
import { bootImageFiles } from '../../server/site/boot-image.ts'
import { kindOf, lanesOf, mac, type Prepared, prepare, start, startedEvent } from './agent-site.ts'
import { addContent, TestAgent, type TestSite } from './test-site.ts'

const hour = 3_600_000
const silentMs = 10 * 60_000

async function prepareRequired(): Promise<Prepared> {
  const prepared = await prepare({}, { purpose: 'required' })
  const [image] = await prepared.site.store.bootImages.list()
  const files = Object.values(bootImageFiles).map((name) => [name, Buffer.from(name)] as const)
  await addContent(prepared.site, `/boot-images/${image?.id}`, Object.fromEntries(files))
  return prepared
}

async function preview(site: TestSite): Promise<string> {
  const { json } = await site.api('GET', `/boot-preview?mac=${mac}`)
  return `${String(json['decision'])}: ${JSON.stringify(json['explanation'])}`
}

const client = (): TestAgent => new TestAgent(mac, { startedFrom: 'installed-system' })
const clear = async (site: TestSite, query = '') =>
  site.api('POST', `/devices/${(await site.store.devices.list())[0]?.id}/clear-required-pxe-deployments${query}`)

test('S5-043, S12-016: a machine that is well is not installed anew until somebody consents, once', async (t) => {
  const prepared = await prepareRequired()
  const { site, deploymentId } = prepared
  t.teardown(() => site.close())
  t.regex(await preview(site), /^boot: /)
  t.is(kindOf(await client().sayHello(site)), 'nothing-to-run')
  t.regex(await preview(site), /^continue-to-local-disk: .*was heard, 0 min ago, so the machine is well/)
  // The machine was started anew, and its client is silent.
  site.clock.nowMs += silentMs
  const agent = new TestAgent(mac)
  t.is(
    kindOf(await agent.sayHello(site)),
    'nothing-to-run',
    'nor does it start in a boot image that it came to otherwise',
  )
  t.regex((await lanesOf(site))[0]?.text ?? '', /the machine is well/)
  t.is((await start(prepared, agent)).answer.status, 403)
  // There is no mark to clear, but to do so says what is wanted.
  t.is((await clear(site)).status, 200)
  const told = (await site.api('GET', '/audit?kind=device&limit=1')).body.toString()
  t.regex(told, /clear-marks.*mayInstallAnew/)
  site.clock.nowMs += silentMs
  t.is(kindOf(await client().sayHello(site)), 'nothing-to-run', 'the client is heard until the machine is started')
  t.regex(await preview(site), /^boot: /)
  site.clock.nowMs += silentMs
  const { answer, runId, runToken } = await start(prepared, agent)
  t.is(answer.status, 200, answer.body.toString())
  const events = [
    startedEvent,
    { sequence: 2, atMs: 2, body: { kind: 'sequence-ended', outcome: { kind: 'succeeded' } } },
  ]
  t.is((await agent.say(site, '/agent/v1/events', { runId, events }, runToken)).status, 200)
  // The consent is used up, and the mark holds; afterwards the new system is heard.
  site.clock.nowMs += silentMs
  await client().sayHello(site)
  t.regex(await preview(site), /^continue-to-local-disk: .*it has started on this machine before/)
  await clear(site, `?deployment=${deploymentId}`)
  t.regex(await preview(site), /^boot: /)
})

test('S5-043, S12-016: after a day of silence, by the deployment or by the site it starts as published', async (t) => {
  const { site, deploymentId } = await prepareRequired()
  t.teardown(() => site.close())
  await client().sayHello(site)
  site.clock.nowMs += 23 * hour
  t.regex(await preview(site), /^continue-to-local-disk: /)
  site.clock.nowMs += hour
  t.regex(await preview(site), /^boot: /)
  await client().sayHello(site)
  t.regex(await preview(site), /^continue-to-local-disk: /)
  t.is((await site.api('PUT', '/start-guard/limits', { healthyHours: 0 })).json['healthyHours'], 0)
  t.regex(await preview(site), /^boot: /)
  await site.api('PUT', '/start-guard/limits', { healthyHours: 24 })
  const [deployed] = await site.store.deployments.list()
  const { id: _id, revision: _revision, createdAtMs: _at, ...draft } = deployed ?? {}
  const changed = await site.api('PUT', `/deployments/${deploymentId}`, { ...draft, reinstallHealthy: true })
  t.is(changed.json['reinstallHealthy'], true, changed.body.toString())
  t.regex(await preview(site), /^boot: /)
  await site.api('PUT', `/deployments/${deploymentId}`, { ...draft, reinstallHealthy: false })
  t.regex(await preview(site), /^continue-to-local-disk: /)
  const lab = (await site.store.collections.list()).find(({ name }) => name === 'Named one by one')
  await site.api('POST', `/collections/${lab?.id}/clear-required-pxe-deployments`)
  t.regex(await preview(site), /^boot: /, 'clearing for a collection is consent for all in it')
})

test('S5-043, A06: a second agent that speaks for the machine is not taken for its client', async (t) => {
  const { site } = await prepareRequired()
  t.teardown(() => site.close())
  await new TestAgent(mac).sayHello(site)
  t.is(kindOf(await client().sayHello(site)), 'waiting-for-approval')
  t.regex(await preview(site), /^boot: /)
})
