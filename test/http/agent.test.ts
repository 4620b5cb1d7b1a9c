/** The agent's conversation with the real server, and everybody who tries to join it. */

import { randomBytes } from 'node:crypto'
import test from 'ava'
import { z } from 'zod'
import { sessionCode } from '../../server/http/agent/session-code.ts'
import { rootArchive } from '../support/root-archive.ts'
import { codeOf, kindOf, mac, prepare, sessionOf, start, startedEvent } from './agent-site.ts'
import { type Answer, TestAgent } from './test-site.ts'

test('a known machine says hello, starts its run, reports, and ends', async (t) => {
  const prepared = await prepare()
  const { site } = prepared
  t.teardown(() => site.close())
  const agent = new TestAgent(mac)
  const hello = await agent.sayHello(site)
  t.is(hello.status, 200, hello.body.toString())
  t.is(kindOf(hello), 'armed')
  t.regex(String(hello.json['code']), /^[A-Z2-7]{8}$/)
  const { answer, runToken, runId } = await start(prepared, agent)
  t.is(answer.status, 200, answer.body.toString())
  const policy = z
    .object({
      variables: z.array(z.object({ name: z.string(), value: z.string(), secret: z.boolean() })),
      content: z.array(z.looseObject({ id: z.string() })),
    })
    .parse(answer.json['policy'])
  t.deepEqual(
    policy.content.map(({ id }) => id),
    [prepared.imageId],
  )
  t.deepEqual(policy.variables.find(({ name }) => name === 'where')?.value, 'Bonn')
  const report = await agent.say(site, '/agent/v1/events', { runId, events: [startedEvent] }, runToken)
  t.deepEqual(report.json, { acknowledged: 1 })
  const twice = await agent.say(site, '/agent/v1/events', { runId, events: [startedEvent] }, runToken)
  t.deepEqual(twice.json, { acknowledged: 1 })
  const gap = await agent.say(site, '/agent/v1/events', { runId, events: [{ ...startedEvent, sequence: 5 }] }, runToken)
  t.is(codeOf(gap), 'event-gap')
  const ended = { sequence: 2, atMs: 2, body: { kind: 'sequence-ended', outcome: { kind: 'succeeded' } } }
  t.is((await agent.say(site, '/agent/v1/events', { runId, events: [ended] }, runToken)).status, 200)
  t.is((await site.api('GET', `/runs/${runId}`)).json['state'], 'succeeded')
  const events = await site.api('GET', `/runs/${runId}/events`)
  t.is(z.array(z.unknown()).parse(events.json['items']).length, 2)
})

test('A03: a run token opens the content of its run and nothing else, and nothing after its end', async (t) => {
  const prepared = await prepare()
  const { site, imageId, otherImageId } = prepared
  t.teardown(() => site.close())
  const { agent, runToken, runId } = await start(prepared)
  const headers = { authorization: `Bearer ${runToken}` }
  const wanted = `/content/${imageId}/1/rootfs.tar`
  const archive = await rootArchive('Wanted')
  t.deepEqual((await site.ask('GET', wanted, { headers })).body, archive)
  const part = await site.ask('GET', wanted, { headers: { ...headers, range: 'bytes=1-2' } })
  t.deepEqual(part.body, archive.subarray(1, 3))
  t.is((await site.ask('GET', `/content/${otherImageId}/1/rootfs.tar`, { headers })).status, 404)
  t.is((await site.ask('GET', `/content/${imageId}/2/rootfs.tar`, { headers })).status, 404)
  t.is((await site.ask('GET', wanted)).status, 401)
  const other = await site.api('GET', `/operating-system-images/${otherImageId}`)
  const own = await site.api('GET', `/operating-system-images/${imageId}`)
  const hashOf = (answer: Answer) =>
    z.object({ files: z.array(z.object({ sha256: z.string() })) }).parse(answer.json['content']).files[0]?.sha256
  t.deepEqual((await site.ask('GET', `/blobs/${hashOf(own)}`, { headers })).body, archive)
  t.is((await site.ask('GET', `/blobs/${hashOf(other)}`, { headers })).status, 404)
  const ended = { sequence: 1, atMs: 2, body: { kind: 'sequence-ended', outcome: { kind: 'succeeded' } } }
  await agent.say(site, '/agent/v1/events', { runId, events: [ended] }, runToken)
  t.is((await site.ask('GET', wanted, { headers })).status, 401)
})

test('A04: an unapproved unknown computer is told nothing, until its code is approved', async (t) => {
  const prepared = await prepare({}, { collectionId: 'RVL10002' })
  const { site } = prepared
  t.teardown(() => site.close())
  const agent = new TestAgent('52:54:00:99:99:99')
  const hello = await agent.sayHello(site)
  t.is(kindOf(hello), 'waiting-for-approval')
  t.false(hello.body.includes('Install'))
  const refused = await agent.say(
    site,
    '/agent/v1/runs',
    { deploymentId: prepared.deploymentId, variables: [] },
    sessionOf(hello),
  )
  t.is(codeOf(refused), 'not-armed')
  const approved = await site.api('POST', `/agent-sessions/${String(hello.json['code'])}/approve`)
  t.is(approved.status, 200)
  const again = await agent.sayHello(site)
  t.is(again.json['code'], hello.json['code'])
  t.is(kindOf(again), 'armed')
  const { answer } = await start(prepared, agent)
  t.is(answer.status, 200, answer.body.toString())
})

test('unknown computers are armed only where the site allows it and something is deployed to them', async (t) => {
  const allowed = await prepare({ unknownComputers: 'allow' }, { collectionId: 'RVL10002' })
  t.teardown(() => allowed.site.close())
  t.is(kindOf(await new TestAgent('52:54:00:99:99:98').sayHello(allowed.site)), 'armed')
  const nothing = await prepare({ unknownComputers: 'allow' })
  t.teardown(() => nothing.site.close())
  t.is(kindOf(await new TestAgent('52:54:00:99:99:97').sayHello(nothing.site)), 'nothing-to-run')
})

test('A05: a request sent twice is 409, with another key 401, after its time 401', async (t) => {
  const prepared = await prepare()
  const { site } = prepared
  t.teardown(() => site.close())
  const { agent, runToken, runId } = await start(prepared)
  const once = agent.prepare('/agent/v1/events', { runId, events: [startedEvent] }, runToken)
  t.is((await site.ask('POST', '/agent/v1/events', once)).status, 200)
  const replayed = await site.ask('POST', '/agent/v1/events', once)
  t.is(replayed.status, 409)
  t.is(codeOf(replayed), 'replayed')
  const thief = new TestAgent(mac)
  thief.counter = 100
  const stolen = await thief.say(site, '/agent/v1/events', { runId, events: [] }, runToken)
  t.is(stolen.status, 401)
  t.is(codeOf(stolen), 'bad-signature')
  t.is((await agent.say(site, '/agent/v1/events', { runId, events: [] }, runToken)).status, 200)
  const changed = agent.prepare('/agent/v1/events', { runId, events: [] }, runToken)
  t.is((await site.ask('POST', '/agent/v1/events', { ...changed, body: `${changed.body} ` })).status, 401)
  site.clock.nowMs += 25 * 3_600_000
  t.is((await agent.say(site, '/agent/v1/events', { runId, events: [] }, runToken)).status, 401)
})

test('A06: a copy of a machine is parked while the machine is alive, and harms nothing', async (t) => {
  const prepared = await prepare()
  const { site } = prepared
  t.teardown(() => site.close())
  const { agent, runToken, runId } = await start(prepared)
  const copy = new TestAgent(mac)
  const hello = await copy.sayHello(site)
  t.is(kindOf(hello), 'waiting-for-approval')
  const refused = await copy.say(
    site,
    '/agent/v1/runs',
    { deploymentId: prepared.deploymentId, variables: [] },
    sessionOf(hello),
  )
  t.is(codeOf(refused), 'not-armed')
  t.true(site.logged.some(({ level, text }) => level === 'warn' && text.includes('parked')))
  t.is((await agent.say(site, '/agent/v1/events', { runId, events: [startedEvent] }, runToken)).status, 200)
  t.is((await site.api('GET', `/runs/${runId}`)).json['state'], 'running')
  // When nothing was heard of the first one for long, the machine was started anew.
  site.clock.nowMs += 121_000
  t.is(kindOf(await copy.sayHello(site)), 'armed')
})

test('A07: a deployment that is not there, not mine, hidden or expired is one and the same answer', async (t) => {
  const prepared = await prepare({}, { makeAvailableTo: 'media-and-pxe-hidden' })
  const { site } = prepared
  t.teardown(() => site.close())
  const agent = new TestAgent(mac)
  const hello = await agent.sayHello(site)
  t.is(kindOf(hello), 'nothing-to-run')
  t.false(hello.body.includes('Install'))
  const bodies = new Set<string>()
  for (const deploymentId of [prepared.deploymentId, 'RVL2FFFF', 'RVL20777']) {
    const answer = await agent.say(site, '/agent/v1/runs', { deploymentId, variables: [] }, sessionOf(hello))
    t.is(answer.status, 403)
    bodies.add(answer.body.toString())
  }
  t.is(bodies.size, 1)
})

test('A14: a token reports for its own run only', async (t) => {
  const prepared = await prepare()
  const { site } = prepared
  t.teardown(() => site.close())
  const { agent, runToken } = await start(prepared)
  const other = randomBytes(16).toString('hex')
  const answer = await agent.say(site, '/agent/v1/events', { runId: other, events: [startedEvent] }, runToken)
  t.is(answer.status, 404)
})

test('A17: other keys give another code', (t) => {
  const parts = { identityKey: 'a', sealingKey: 'b', nonce: 'c', serverNonce: 'd' }
  const codes = new Set([sessionCode(parts)])
  for (let trial = 0; trial < 1_000; trial += 1)
    codes.add(sessionCode({ ...parts, identityKey: randomBytes(32).toString('base64') }))
  t.is(codes.size, 1_001)
})

test('A18: a token in the URL opens nothing', async (t) => {
  const prepared = await prepare()
  const { site, imageId } = prepared
  t.teardown(() => site.close())
  const { runToken } = await start(prepared)
  t.is(
    (await site.ask('GET', `/content/${imageId}/1/rootfs.tar?token=${runToken}&access_token=${runToken}`)).status,
    401,
  )
})

test('a run goes on after a restart with its ticket, once for each key', async (t) => {
  const prepared = await prepare()
  const { site } = prepared
  t.teardown(() => site.close())
  const { answer, runToken, runId } = await start(prepared)
  const resumeTicket = String(answer.json['resumeTicket'])
  const risen = new TestAgent(mac, { startedFrom: 'installed-system' })
  const resumed = await risen.say(site, '/agent/v1/resume', { hello: risen.hello, runId, resumeTicket })
  t.is(resumed.status, 200, resumed.body.toString())
  t.is(resumed.json['acknowledged'], 0)
  t.is(
    (await risen.say(site, '/agent/v1/events', { runId, events: [startedEvent] }, String(resumed.json['runToken'])))
      .status,
    200,
  )
  t.is((await risen.say(site, '/agent/v1/events', { runId, events: [startedEvent] }, runToken)).status, 401)
  const copy = new TestAgent(mac)
  const burned = await copy.say(site, '/agent/v1/resume', { hello: copy.hello, runId, resumeTicket })
  t.is(codeOf(burned), 'ticket-used')
})

test('a required deployment is started without asking, once; a lost answer may be asked for again', async (t) => {
  const prepared = await prepare({}, { purpose: 'required' })
  const { site } = prepared
  t.teardown(() => site.close())
  const agent = new TestAgent(mac)
  const hello = await agent.sayHello(site)
  t.like(hello.json['machine'], { kind: 'armed', selection: { kind: 'start', because: 'required' } })
  const ask = async () =>
    agent.say(site, '/agent/v1/runs', { deploymentId: prepared.deploymentId, variables: [] }, sessionOf(hello))
  t.is((await ask()).status, 200)
  const again = await ask()
  t.is(again.status, 200, again.body.toString())
  const { runId, runToken } = again.json
  await agent.say(site, '/agent/v1/events', { runId, events: [startedEvent] }, String(runToken))
  t.is(codeOf(await ask()), 'not-armed')
})

test('S6-028: an agent that claims the installed system does not start a required deployment again; its own run goes on', async (t) => {
  const prepared = await prepare({}, { purpose: 'required', makeAvailableTo: 'clients-media-and-pxe' })
  const { site, deploymentId } = prepared
  t.teardown(() => site.close())
  const { agent, runId, runToken, resume } = await start(prepared)
  await agent.say(site, '/agent/v1/events', { runId, events: [startedEvent] }, runToken)
  // Its run is not at its end, so what it says of itself is true; still it gets nothing to start, and its run with the ticket.
  site.clock.nowMs += 121_000
  const risen = new TestAgent(mac, { startedFrom: 'installed-system' })
  const claims = async (): Promise<void> => {
    const hello = await risen.sayHello(site)
    t.is(kindOf(hello), 'nothing-to-run', hello.body.toString())
    const again = await risen.say(site, '/agent/v1/runs', { deploymentId, variables: [] }, sessionOf(hello))
    t.is(codeOf(again), 'not-armed')
  }
  await claims()
  const resumed = await resume(risen)
  t.is(resumed.status, 200, resumed.body.toString())
  // The run is over: a machine that restarts into the boot image and lies gets no more.
  const ended = { sequence: 2, atMs: 2, body: { kind: 'sequence-ended', outcome: { kind: 'succeeded' } } }
  await risen.say(site, '/agent/v1/events', { runId, events: [ended] }, String(resumed.json['runToken']))
  await claims()
  // Only the administrator has it run again (S6-027).
  const devices = z.array(z.object({ id: z.string() })).parse((await site.api('GET', '/devices')).json['items'])
  const cleared = await site.api('POST', `/devices/${devices[0]?.id}/clear-required-pxe-deployments`, {})
  t.is(cleared.status, 200, cleared.body.toString())
  t.is(kindOf(await risen.sayHello(site)), 'armed')
})

test('content that is missing is named before the first step', async (t) => {
  const { site } = await prepare({}, { enabled: false })
  t.teardown(() => site.close())
  const { json } = await site.api('POST', '/operating-system-images', { name: 'Empty', architecture: 'x64' })
  const boot = await site.api('GET', '/boot-images')
  const bootImageId = z.array(z.object({ id: z.string() })).parse(boot.json['items'])[0]?.id
  const sequence = {
    name: 'Empty',
    children: [{ name: 'A', action: { type: 'apply-operating-system-image', imageId: json['id'] } }],
  }
  const made = await site.api('POST', '/task-sequences', { bootImageId, sequence })
  const deployed = await site.api('POST', '/deployments', {
    taskSequenceId: made.json['id'],
    collectionId: 'RVL10001',
    purpose: 'available',
    makeAvailableTo: 'media-and-pxe',
  })
  const agent = new TestAgent(mac)
  const hello = await agent.sayHello(site)
  const answer = await agent.say(
    site,
    '/agent/v1/runs',
    { deploymentId: deployed.json['id'], variables: [] },
    sessionOf(hello),
  )
  t.is(codeOf(answer), 'not-found')
  t.regex(String(answer.json['detail']), new RegExp(String(json['id'])))
})
