/** What settings of a task sequence mean for its runs: how long they may take, on which platforms, and that edits do not reach them. */

import test from 'ava'
import type { Hardware } from '../../server/contract/agent.ts'
import { parseRunId } from '../../server/address/identifiers.ts'
import { assert } from '../../server/assert.ts'
import { readSiteTimeZone } from '../../server/http/agent/site-time-zone.ts'
import { comeBackMs } from '../../server/schedule/abandon-silent-runs.ts'
import { endOverdueRuns } from '../../server/schedule/end-overdue-runs.ts'
import { codeOf, kindOf, lanesOf, mac, type Prepared, prepare, sessionOf, start, startedEvent } from './agent-site.ts'
import { TestAgent, type TestSite } from './test-site.ts'

const minute = 60_000
const toClients = { makeAvailableTo: 'clients' }
const required = { purpose: 'required' }

/** The client in the installed system asks, as a machine of this kind. */
function client(hardware: Partial<Hardware> = {}): TestAgent {
  const { hello } = new TestAgent(mac)
  return new TestAgent(mac, { startedFrom: 'installed-system', hardware: { ...hello.hardware, ...hardware } })
}

async function change(site: TestSite, settings: object): Promise<void> {
  const path = await pathOf(site)
  const { json } = await site.api('GET', path)
  const { bootImageId, sequence } = json
  const changed = await site.api('PUT', path, { bootImageId, sequence, settings })
  assert(changed.status === 200, changed.body.toString())
}

async function pathOf(site: TestSite): Promise<string> {
  const [first] = await site.store.taskSequences.list()
  assert(first !== undefined, 'the site has a task sequence')
  return `/task-sequences/${first.id}`
}

const turn = async ({ site }: Prepared) =>
  endOverdueRuns(site.store, site.clock.nowMs - comeBackMs).run(site.clock.nowMs)

test('S1-078: a required run of a client is stopped when its time is up, and its agent is told', async (t) => {
  const prepared = await prepare({}, { ...toClients, ...required })
  const { site } = prepared
  t.teardown(() => site.close())
  await change(site, { maximumRunMinutes: 30 })
  const { agent, runToken, runId, answer } = await start(prepared, client())
  t.is(answer.status, 200, answer.body.toString())
  // What is allowed was settled at the start.
  await change(site, { maximumRunMinutes: 500 })
  site.clock.nowMs += 30 * minute - 1
  t.deepEqual(await turn(prepared), {})
  const report = { runId, events: [startedEvent] }
  t.is((await agent.say(site, '/agent/v1/events', report, runToken)).status, 200)
  site.clock.nowMs += 1
  t.deepEqual((await turn(prepared)).fields, { stopped: [runId], noLongerMonitored: [] })
  t.is(codeOf(await agent.say(site, '/agent/v1/events', { runId, events: [] }, runToken)), 'run-ended')
  t.is((await site.api('GET', `/runs/${runId}`)).json['state'], 'abandoned')
  t.regex((await lanesOf(site))[0]?.text ?? '', /ran longer than the 30 minutes it is allowed/)
  t.deepEqual(await turn(prepared), {})
})

test('S6-042: a client runs what is deployed to clients, though a variable of its device names a hidden deployment', async (t) => {
  const prepared = await prepare({}, toClients)
  const { site } = prepared
  t.teardown(() => site.close())
  const [pc] = await site.store.devices.list()
  assert(pc !== undefined, 'the site has a device')
  const [deployed] = await site.store.deployments.list()
  assert(deployed !== undefined, 'something is deployed')
  const { taskSequenceId, collectionId } = deployed
  const hidden = { taskSequenceId, collectionId, purpose: 'available', makeAvailableTo: 'media-and-pxe-hidden' }
  const made = await site.api('POST', '/deployments', hidden)
  const named = { name: 'SMSTSPreferredAdvertID', value: String(made.json['id']) }
  const edited = await site.api('PUT', `/devices/${pc.id}`, { name: pc.name, macAddresses: [mac], variables: [named] })
  t.is(edited.status, 200, edited.body.toString())
  const { answer } = await start(prepared, client())
  t.is(answer.status, 200, answer.body.toString())
  const hello = await new TestAgent(mac).sayHello(site)
  t.is(kindOf(hello), 'waiting-for-approval', 'the agent of the run is alive; another one is parked')
  site.clock.nowMs += 10 * minute
  const inBootImage = await new TestAgent(mac).sayHello(site)
  t.like(inBootImage.json['machine'], { selection: { kind: 'start', because: 'preferred' } })
})

test('S5-022, A5-05: a client is not offered what has expired, and an agent in the boot image is', async (t) => {
  const prepared = await prepare({}, { makeAvailableTo: 'clients-media-and-pxe' })
  const { site, deploymentId } = prepared
  t.teardown(() => site.close())
  const { json } = await site.api('GET', `/deployments/${deploymentId}`)
  const { id: _, createdAtMs: __, revision: ___, ...draft } = json
  const ended = { ...draft, expiresAtMs: site.clock.nowMs + minute }
  t.is((await site.api('PUT', `/deployments/${deploymentId}`, ended)).status, 200)
  t.is(kindOf(await client().sayHello(site)), 'armed')
  site.clock.nowMs += 10 * minute
  t.is(kindOf(await client().sayHello(site)), 'nothing-to-run')
  site.clock.nowMs += 10 * minute
  t.is(kindOf(await new TestAgent(mac).sayHello(site)), 'armed')
  const strict = { ...ended, obeyScheduleInBootImage: true }
  t.is((await site.api('PUT', `/deployments/${deploymentId}`, strict)).status, 200)
  site.clock.nowMs += 10 * minute
  t.is(kindOf(await new TestAgent(mac).sayHello(site)), 'nothing-to-run')
})

test('S1-078: what a person chose, or began over the network, goes on and is only no longer monitored', async (t) => {
  for (const [deployment, agent] of [
    [toClients, client()],
    [required, new TestAgent(mac)],
  ] as const) {
    const prepared = await prepare({}, deployment)
    const { site } = prepared
    t.teardown(() => site.close())
    // 0 is counted as twelve hours.
    await change(site, { maximumRunMinutes: 0 })
    const { runToken, runId, answer } = await start(prepared, agent)
    t.is(answer.status, 200, answer.body.toString())
    for (let hour = 0; hour < 12; hour += 1) {
      t.deepEqual(await turn(prepared), {})
      t.is((await agent.say(site, '/agent/v1/events', { runId, events: [] }, runToken)).status, 200)
      site.clock.nowMs += 60 * minute
    }
    t.deepEqual((await turn(prepared)).fields, { stopped: [], noLongerMonitored: [runId] })
    t.is((await agent.say(site, '/agent/v1/events', { runId, events: [startedEvent] }, runToken)).status, 200)
    t.like((await site.api('GET', `/runs/${runId}`)).json, { state: 'running', monitoringEndedAtMs: site.clock.nowMs })
    t.regex((await lanesOf(site))[0]?.lines.join('\n') ?? '', /longer than the 720 minutes/)
  }
})

test('after the server was away, a run may say that it ended in time before it is stopped', async (t) => {
  const prepared = await prepare({}, { ...toClients, ...required })
  const { site } = prepared
  t.teardown(() => site.close())
  await start(prepared, client())
  site.clock.nowMs += 300 * minute
  const job = endOverdueRuns(site.store, site.clock.nowMs)
  t.deepEqual(await job.run(site.clock.nowMs + comeBackMs - 1), {})
  t.is((await job.run(site.clock.nowMs + comeBackMs)).text, 'Runs took longer than they are allowed to')
})

test('S1-079: a client of another platform is offered nothing, and over PXE the platform is not looked at', async (t) => {
  const prepared = await prepare({}, { makeAvailableTo: 'clients-media-and-pxe' })
  const { site } = prepared
  t.teardown(() => site.close())
  const platform = { architecture: 'x64', operatingSystem: { name: 'debian', version: '12' } } as const
  await change(site, { platforms: [platform] })
  const next = (): void => void (site.clock.nowMs += 5 * minute)
  t.is(kindOf(await client({ operatingSystem: { name: 'debian', version: '11' } }).sayHello(site)), 'nothing-to-run')
  t.true(site.logged.some(({ fields }) => /runs on debian 12 x64 only/.test(JSON.stringify(fields))))
  next()
  t.is(kindOf(await client().sayHello(site)), 'nothing-to-run')
  next()
  t.is(kindOf(await client({ operatingSystem: platform.operatingSystem }).sayHello(site)), 'armed')
  next()
  t.is(kindOf(await new TestAgent(mac).sayHello(site)), 'armed')
  next()
  const refused = client()
  const session = sessionOf(await refused.sayHello(site))
  const message = { deploymentId: prepared.deploymentId, variables: [] }
  t.is(codeOf(await refused.say(site, '/agent/v1/runs', message, session)), 'not-armed')
})

test('a running copy never changes: edits make revisions, and the run keeps the one it started with', async (t) => {
  const prepared = await prepare()
  const { site } = prepared
  t.teardown(() => site.close())
  const { runId } = await start(prepared)
  const before = await site.api('GET', `/runs/${runId}`)
  const path = await pathOf(site)
  const step = { name: 'New', action: { type: 'run-command-line', commandLine: 'true' } }
  const { bootImageId } = (await site.api('GET', path)).json
  const edited = await site.api('PUT', path, { bootImageId, sequence: { name: 'Changed', children: [step] } })
  t.is(edited.json['revision'], 2)
  t.deepEqual((await site.api('GET', `/runs/${runId}`)).json, before.json)
  t.like(before.json, { taskSequenceName: 'Install', taskSequenceRevision: 1 })
  const id = parseRunId(runId)
  assert(id !== undefined, 'the answer named the run')
  const policy = (await site.store.getRun(id))?.policy
  const asStarted = await site.api('GET', `${path}/revisions/1`)
  t.deepEqual(JSON.parse(JSON.stringify(policy?.sequence)), (asStarted.json['object'] as { sequence: object }).sequence)
})

test('S3.1: the policy says whose site it is', async (t) => {
  const prepared = await prepare({ organization: 'Example Ltd' })
  t.teardown(() => prepared.site.close())
  t.like((await start(prepared, new TestAgent(mac))).answer.json['policy'], { organizationName: 'Example Ltd' })
})

test('S3.1: the policy tells the time zone of the site, where the server has the files of zones', async (t) => {
  const prepared = await prepare()
  t.teardown(() => prepared.site.close())
  const { answer } = await start(prepared, new TestAgent(mac))
  const timeZone = await readSiteTimeZone()
  t.is(new Map(Object.entries(Object(answer.json['policy']))).get('timeZone'), timeZone)
  if (timeZone !== undefined) t.is(timeZone.split(',').length, 21)
})

test('S3.1: the policy names the boot image of its sequence, and says whether a person started it in the installed system', async (t) => {
  for (const [deployment, agent, userStarted] of [
    [{ ...toClients, ...required }, client(), false],
    [toClients, client(), true],
    [{}, new TestAgent(mac), undefined],
  ] as const) {
    const prepared = await prepare({}, deployment)
    t.teardown(() => prepared.site.close())
    const { answer } = await start(prepared, agent)
    const [sequence] = await prepared.site.store.taskSequences.list()
    t.like(answer.json['policy'], { bootImageId: sequence?.bootImageId, userStarted })
  }
})

test('S1-049: the power plan comes with the policy of a run, where its task sequence asks for it', async (t) => {
  const prepared = await prepare({}, { ...toClients, ...required })
  const { site } = prepared
  t.teardown(() => site.close())
  const usual = await start(prepared, client())
  t.false('highPerformancePowerPlan' in Object(usual.answer.json['policy']))
  const next = await prepare({}, { ...toClients, ...required })
  t.teardown(() => next.site.close())
  await change(next.site, { highPerformancePowerPlan: true })
  const { answer } = await start(next, client())
  t.like(answer.json['policy'], { highPerformancePowerPlan: true })
})
