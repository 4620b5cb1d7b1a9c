/** A required deployment to unknown computers runs once on each, whichever door the machine comes through (S6-025 to S6-028). */

import test from 'ava'
import { bootImageFiles } from '../../server/site/boot-image.ts'
import { approve, codeOf, kindOf, type Prepared, prepare, sessionOf, start, startedEvent } from './agent-site.ts'
import { addContent, TestAgent, type TestSite } from './test-site.ts'

const first = '52:54:00:77:00:01'
const second = '52:54:00:77:00:02'
const guid = '00112233-4455-6677-8899-AABBCCDDEEFF'
const silentMs = 10 * 60_000

/** Something required for them, with a boot image that starts. */
async function prepareUnknown(unknownComputers: 'allow' | 'approve'): Promise<Prepared> {
  const prepared = await prepare({ unknownComputers }, { collectionId: 'RVL10002', purpose: 'required' })
  // These stay unknown: what becomes of others is in provisioning.test.ts.
  await prepared.site.api('PUT', '/settings', { provisionUnknown: false })
  const [image] = await prepared.site.store.bootImages.list()
  const files = Object.values(bootImageFiles).map((name) => [name, Buffer.from(name)] as const)
  await addContent(prepared.site, `/boot-images/${image?.id}`, Object.fromEntries(files))
  return prepared
}

function machine(macAddresses: readonly string[], smbiosGuid?: string): TestAgent {
  const { hello } = new TestAgent(first)
  const identifiers = { macAddresses, ...(smbiosGuid === undefined ? {} : { smbiosGuid }) }
  return new TestAgent(first, { hardware: { ...hello.hardware, ...identifiers } })
}

async function preview(site: TestSite, query: string): Promise<string> {
  const { json } = await site.api('GET', `/boot-preview?${query}`)
  return `${String(json['decision'])}: ${JSON.stringify(json['explanation'])}`
}

const clearPath = '/unknown-computers/clear-required-pxe-deployments'

/** Its run began and ended. */
async function installed(prepared: Prepared, agent: TestAgent): Promise<void> {
  const { site } = prepared
  const { answer, runId, runToken } = await start(prepared, agent)
  if (answer.status !== 200) throw new Error(answer.body.toString())
  const ended = { sequence: 2, atMs: 2, body: { kind: 'sequence-ended', outcome: { kind: 'succeeded' } } }
  await agent.say(site, '/agent/v1/events', { runId, events: [startedEvent, ended] }, runToken)
  site.clock.nowMs += silentMs
}

test('S6-025, S6-028: what has started on an unknown computer does not start there again, over PXE or by its agent', async (t) => {
  const prepared = await prepareUnknown('allow')
  const { site, deploymentId } = prepared
  t.teardown(() => site.close())
  t.regex(await preview(site, `mac=${first}`), /^boot: /)
  await installed(prepared, machine([first, second]))
  for (const query of [`mac=${first}`, `mac=${second}`]) {
    t.regex(await preview(site, query), /^continue-to-local-disk: .*it has started on this machine before; clear/)
  }
  t.regex(await preview(site, 'mac=52:54:00:77:00:03'), /^boot: /, 'another computer is served')
  // By a card it has besides the one that booted, too.
  const again = machine(['52:54:00:77:00:09', second])
  const hello = await again.sayHello(site)
  t.is(kindOf(hello), 'nothing-to-run')
  const refused = await again.say(site, '/agent/v1/runs', { deploymentId, variables: [] }, sessionOf(hello))
  t.is(codeOf(refused), 'not-armed')
})

test('S6-025: before its first event the agent may ask for its run again', async (t) => {
  const prepared = await prepareUnknown('allow')
  const { site } = prepared
  t.teardown(() => site.close())
  const agent = machine([first])
  const { answer } = await start(prepared, agent)
  const again = await start(prepared, agent)
  t.is(again.answer.status, 200, again.answer.body.toString())
  t.is(again.runId, String(answer.json['runId']))
})

test('S6-028: an approval does not overrule the mark', async (t) => {
  const prepared = await prepareUnknown('approve')
  const { site } = prepared
  t.teardown(() => site.close())
  const agent = machine([first], guid)
  await approve(site, await agent.sayHello(site))
  await installed(prepared, agent)
  const next = machine([first], guid)
  const hello = await next.sayHello(site)
  await approve(site, hello)
  t.is(kindOf(await next.sayHello(site)), 'nothing-to-run')
})

test('S6-025, D19: an adapter that goes from machine to machine marks the machine it was used on', async (t) => {
  const prepared = await prepareUnknown('allow')
  const { site } = prepared
  t.teardown(() => site.close())
  await installed(prepared, machine([first], guid))
  t.regex(await preview(site, `mac=${first}&uuid=${guid}`), /^continue-to-local-disk: /)
  t.regex(await preview(site, `mac=${first}&uuid=11${guid.slice(2)}`), /^boot: /)
  t.is(kindOf(await machine([first], `11${guid.slice(2)}`).sayHello(site)), 'armed')
})

test('S6-027, S9-011: cleared by an address, or for All Unknown Computers, it starts once more', async (t) => {
  const prepared = await prepareUnknown('allow')
  const { site } = prepared
  t.teardown(() => site.close())
  await installed(prepared, machine([first, second]))
  const cleared = await site.api('POST', `${clearPath}?mac=${second}`, {})
  t.deepEqual([cleared.status, cleared.json], [200, { deviceMarks: 0, unknownComputerMarks: 1 }])
  t.regex(await preview(site, `mac=${first}`), /^boot: /)
  await installed(prepared, machine([first, second]))
  t.regex(await preview(site, `mac=${first}`), /^continue-to-local-disk: /)
  const all = await site.api('POST', '/collections/RVL10002/clear-required-pxe-deployments', {})
  t.deepEqual([all.status, all.json], [200, { deviceMarks: 0, unknownComputerMarks: 1 }])
  t.regex(await preview(site, `mac=${first}`), /^boot: /)
  t.is((await site.api('POST', '/collections/RVL1FFFF/clear-required-pxe-deployments', {})).status, 404)
  t.is((await site.api('POST', `${clearPath}?mac=00:00:00:00:00:00`, {})).status, 400)
  const ofDevice = await site.api('POST', `${clearPath}?mac=52:54:00:12:34:56`, {})
  t.is(ofDevice.status, 409)
  t.regex(ofDevice.body.toString(), /device PC1/)
})

test('S6-018, S6-028: a computer that becomes a device keeps its mark', async (t) => {
  const prepared = await prepareUnknown('allow')
  const { site, deploymentId } = prepared
  t.teardown(() => site.close())
  await installed(prepared, machine([first]))
  const made = await site.api('POST', '/devices', { name: 'New', macAddresses: [first] })
  t.like(made.json, { requiredPxeMarks: [{ deploymentId }] })
})
