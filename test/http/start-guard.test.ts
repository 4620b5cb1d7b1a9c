/** The switch that stops every start, as machines and administrators meet it. */

import test from 'ava'
import { bootImageFiles } from '../../server/site/boot-image.ts'
import { codeOf, kindOf, lanesOf, mac, type Prepared, prepare, sessionOf, start, startedEvent } from './agent-site.ts'
import { addContent, openTestSite, TestAgent, type TestSite } from './test-site.ts'

/** With a boot image that starts. */
async function prepareBoot(deployment: object): Promise<Prepared> {
  const prepared = await prepare({}, deployment)
  const [image] = await prepared.site.store.bootImages.list()
  const files = Object.values(bootImageFiles).map((name) => [name, Buffer.from(name)] as const)
  await addContent(prepared.site, `/boot-images/${image?.id}`, Object.fromEntries(files))
  return prepared
}

const nothing = {
  stopped: null,
  maximumStartsPerHour: null,
  healthyHours: 24,
  highRiskDefaultSize: 100,
  highRiskMaximumSize: 0,
  secondApprovalAbove: 0,
  siteSystemServers: 'block',
}

async function preview(site: TestSite): Promise<string> {
  const { json } = await site.api('GET', `/boot-preview?mac=${mac}`)
  return `${String(json['decision'])}: ${JSON.stringify(json['explanation'])}`
}

test('an administrator stops all starts with a reason, and allows them again', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  t.deepEqual((await site.api('GET', '/start-guard')).json, nothing)
  t.is((await site.api('POST', '/start-guard/stop', {})).status, 422)
  t.is((await site.api('POST', '/start-guard/stop', { reason: '' })).status, 422)
  const stopped = { reason: 'wrong image', by: 'administrator (preset token)', atMs: site.clock.nowMs }
  const answer = await site.api('POST', '/start-guard/stop', { reason: 'wrong image' })
  t.deepEqual([answer.status, answer.json], [200, { ...nothing, stopped }])
  t.deepEqual((await site.api('GET', '/start-guard')).json, { ...nothing, stopped })
  t.deepEqual((await site.api('POST', '/start-guard/allow')).json, nothing)
})

test('while starts are stopped a machine goes to its disk, an agent has nothing to run, and no run is created', async (t) => {
  const prepared = await prepareBoot({ purpose: 'required' })
  const { site, deploymentId } = prepared
  t.teardown(() => site.close())
  const agent = new TestAgent(mac)
  const armed = await agent.sayHello(site)
  t.is(kindOf(armed), 'armed')
  t.regex(await preview(site), /^boot: /)
  await site.api('POST', '/start-guard/stop', { reason: 'wrong image' })
  t.regex(await preview(site), /^continue-to-local-disk: .*stopped all starts: wrong image/)
  // It was told to start just before.
  const refused = await agent.say(site, '/agent/v1/runs', { deploymentId, variables: [] }, sessionOf(armed))
  t.is(codeOf(refused), 'not-armed')
  const hello = await agent.sayHello(site)
  t.is(kindOf(hello), 'nothing-to-run')
  t.regex(hello.body.toString(), /an administrator has stopped all starts/)
  t.notRegex(hello.body.toString(), /wrong image|preset/, 'A07: the reason is for administrators')
  const [lane] = await lanesOf(site)
  t.regex(lane?.text ?? '', /stopped all starts: wrong image/)
  t.true(site.logged.some(({ fields }) => JSON.stringify(fields).includes('wrong image')))
  t.deepEqual((await site.api('GET', '/runs')).json['items'], [])
  await site.api('POST', '/start-guard/allow')
  t.regex(await preview(site), /^boot: /)
  t.is((await start(prepared, agent)).answer.status, 200, 'nothing was lost')
})

test('a client in the installed system starts nothing either, and a run that goes on is not touched', async (t) => {
  const prepared = await prepareBoot({ purpose: 'available', makeAvailableTo: 'clients-media-and-pxe' })
  const { site } = prepared
  t.teardown(() => site.close())
  const { agent, runId } = await start(prepared)
  await site.api('POST', '/start-guard/stop', { reason: 'wrong image' })
  // Its answer may have been lost, so it asks again before its first event: it is the same run.
  const again = await start(prepared, agent)
  t.deepEqual([again.answer.status, again.runId], [200, runId])
  const reported = await agent.say(site, '/agent/v1/events', { runId, events: [startedEvent] }, again.runToken)
  t.is(reported.status, 200, reported.body.toString())
  t.is((await again.resume(agent)).status, 200)
  await site.api('POST', '/devices', { name: 'PC2', macAddresses: ['52:54:00:12:34:57'] })
  const client = new TestAgent('52:54:00:12:34:57', { startedFrom: 'installed-system' })
  t.is(kindOf(await client.sayHello(site)), 'nothing-to-run')
  await site.api('POST', '/start-guard/allow')
  t.is(kindOf(await client.sayHello(site)), 'armed')
})

const macs = ['52:54:00:12:34:56', '52:54:00:12:34:a1', '52:54:00:12:34:a2'] as const

/** A required deployment to three devices. */
async function prepareThree(): Promise<Prepared> {
  const prepared = await prepareBoot({ purpose: 'required' })
  const { site } = prepared
  const [device] = await site.store.devices.list()
  const members = [String(device?.id)]
  for (const [index, macAddress] of macs.slice(1).entries()) {
    const { json } = await site.api('POST', '/devices', { name: `PC${index + 2}`, macAddresses: [macAddress] })
    members.push(String(json['id']))
  }
  const lab = (await site.store.collections.list()).find(({ name }) => name === 'Named one by one')
  const changed = await site.api('PUT', `/collections/${lab?.id}`, { name: lab?.name, directMembers: members })
  if (changed.status !== 200) throw new Error(changed.body.toString())
  return prepared
}

test('as many runs begin in an hour as may; the next machine waits in the boot image and starts when there is room', async (t) => {
  const prepared = await prepareThree()
  const { site, deploymentId } = prepared
  t.teardown(() => site.close())
  t.is((await site.api('PUT', '/start-guard/limits', { maximumStartsPerHour: 0 })).status, 422)
  const limited = await site.api('PUT', '/start-guard/limits', { maximumStartsPerHour: 2 })
  t.deepEqual(limited.json, { ...nothing, maximumStartsPerHour: 2 })
  t.deepEqual((await site.api('PUT', '/start-guard/limits', {})).json, limited.json, 'what is left out stays')
  const [first, second, third] = macs.map((macAddress) => new TestAgent(macAddress)) as [
    TestAgent,
    TestAgent,
    TestAgent,
  ]
  t.is((await start(prepared, first)).answer.status, 200)
  // Both were told to start, and there is room for one.
  const hellos = [await second.sayHello(site), await third.sayHello(site)] as const
  t.deepEqual(hellos.map(kindOf), ['armed', 'armed'])
  const message = { deploymentId, variables: [] }
  const answers = await Promise.all([
    second.say(site, '/agent/v1/runs', message, sessionOf(hellos[0])),
    third.say(site, '/agent/v1/runs', message, sessionOf(hellos[1])),
  ])
  t.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 403],
  )
  const [waits, waitsMac] = answers[0].status === 200 ? [third, macs[2]] : [second, macs[1]]
  const hello = await waits.sayHello(site)
  t.is(kindOf(hello), 'nothing-to-run')
  t.regex(hello.body.toString(), /waits for its turn/)
  t.notRegex(hello.body.toString(), /Install|RVL/)
  const lane = (await lanesOf(site)).find(({ id }) => id === waitsMac)
  t.regex(lane?.text ?? '', /^Install: it waits for its turn: 2 runs began in the last hour, and 2 may$/)
  const device = (await site.store.devices.list()).find(({ macAddresses }) => macAddresses[0] === waitsMac)
  t.deepEqual(device?.requiredPxeMarks, [], 'no mark is set')
  site.clock.nowMs += 3_600_000 + 1
  t.is((await start(prepared, waits)).answer.status, 200)
})

test('what somebody chose at the machine neither counts nor waits', async (t) => {
  const prepared = await prepareBoot({ purpose: 'available' })
  const { site } = prepared
  t.teardown(() => site.close())
  await site.api('PUT', '/start-guard/limits', { maximumStartsPerHour: 1 })
  for (const macAddress of macs) {
    await site.api('POST', '/devices', { name: macAddress, macAddresses: [macAddress] })
    t.is((await start(prepared, new TestAgent(macAddress))).answer.status, 200)
  }
})

test('a canary ring goes ahead; who waits is told so, and after a failure an administrator decides', async (t) => {
  const prepared = await prepareThree()
  const { site, deploymentId } = prepared
  t.teardown(() => site.close())
  const [deployed] = await site.store.deployments.list()
  const { id: _id, revision: _revision, createdAtMs: _at, ...draft } = deployed ?? {}
  const path = `/deployments/${deploymentId}`
  t.is((await site.api('PUT', path, { ...draft, canary: { machines: 2, failuresMax: 2 } })).status, 422)
  const canary = { machines: 1, failuresMax: 0 }
  t.deepEqual((await site.api('PUT', path, { ...draft, canary })).json['canary'], canary)
  t.deepEqual(
    (await site.api('PUT', path, draft)).json['canary'],
    canary,
    'who does not know the field changes nothing',
  )
  const [first, second] = [new TestAgent(macs[0]), new TestAgent(macs[1])]
  const run = await start(prepared, first)
  t.is(run.answer.status, 200)
  const hello = await second.sayHello(site)
  t.regex(hello.body.toString(), /waits for its turn/)
  const lane = (await lanesOf(site)).find(({ id }) => id === macs[1])
  t.regex(lane?.text ?? '', /^RVL20001: it waits for the canary ring: 1 of its 1 machines have not ended$/)
  const outcome = { kind: 'failed', path: [0], exitCode: 1, message: 'broken' }
  const events = [startedEvent, { sequence: 2, atMs: 2, body: { kind: 'sequence-ended', outcome } }]
  t.is((await first.say(site, '/agent/v1/events', { runId: run.runId, events }, run.runToken)).status, 200)
  t.like((await site.api('GET', `${path}/canary`)).json, { standing: 'stopped', machines: [{ state: 'failed' }] })
  const { json } = await site.api('GET', `/boot-preview?mac=${macs[1]}`)
  t.is(json['decision'], 'continue-to-local-disk')
  t.regex(String(json['reason']), /its canary ring has stopped it/)
  const stopped = await second.sayHello(site)
  t.is(kindOf(stopped), 'nothing-to-run')
  t.regex((await lanesOf(site)).find(({ id }) => id === macs[1])?.text ?? '', /canary ring has stopped it/)
  t.is((await site.api('POST', `${path}/resume-canary`)).status, 204)
  t.is((await start(prepared, second)).answer.status, 200)
})
