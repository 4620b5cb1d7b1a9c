/** The door of the client in the installed system: what it is offered, what its users are told, and what nobody hears of. */

import test from 'ava'
import { parseIpv4Subnet } from '../../server/address/ipv4-address.ts'
import { assert } from '../../server/assert.ts'
import type { HelloAnswer, StartRunAnswer } from '../../server/contract/agent.ts'
import { approve, kindOf, lanesOf, mac, type Prepared, prepare, sessionOf, startedEvent } from './agent-site.ts'
import { type Answer, TestAgent, type TestSite } from './test-site.ts'

const client = (): TestAgent => new TestAgent(mac, { startedFrom: 'installed-system' })
const required = { purpose: 'required', makeAvailableTo: 'clients' }
/** Nobody may start it before, so that what is offered starts by itself. */
const byItself = { ...required, runIndependentlyOfAssignments: false }
const hour = 3_600_000
const wall = (wallMs: number): string => new Date(wallMs).toISOString().slice(0, 16)

async function change(site: TestSite, settings: object): Promise<void> {
  const [first] = await site.store.taskSequences.list()
  assert(first !== undefined, 'the site has a task sequence')
  const { json } = await site.api('GET', `/task-sequences/${first.id}`)
  const { bootImageId, sequence } = json
  const changed = await site.api('PUT', `/task-sequences/${first.id}`, { bootImageId, sequence, settings })
  assert(changed.status === 200, changed.body.toString())
}

function selectionOf(hello: Answer) {
  const { machine } = hello.json as unknown as HelloAnswer
  assert(machine.kind === 'armed', hello.body.toString())
  return machine.selection
}

async function startAs(
  agent: TestAgent,
  { site, deploymentId }: Prepared,
  programsRunFirst: readonly string[] = [],
): Promise<StartRunAnswer> {
  const hello = await agent.sayHello(site)
  const message = { deploymentId, variables: [], programsRunFirst }
  const { status, json, body } = await agent.say(site, '/agent/v1/runs', message, sessionOf(hello))
  assert(status === 200, body.toString())
  return json as unknown as StartRunAnswer
}

test('a client that asks, and starts nothing by itself, is on no page: it asks for as long as its system lives', async (t) => {
  const prepared = await prepare({}, { makeAvailableTo: 'clients' })
  const { site } = prepared
  t.teardown(() => site.close())
  const agent = client()
  t.is(selectionOf(await agent.sayHello(site)).kind, 'choose')
  t.deepEqual(await lanesOf(site), [])
  await startAs(agent, prepared)
  t.is((await lanesOf(site))[0]?.run?.where, 'installed-system')
})

test('S1-081, S1-083: a client tells its users what starts by itself, in the words of the administrator where there are some', async (t) => {
  const prepared = await prepare({}, required)
  const { site } = prepared
  t.teardown(() => site.close())
  const notificationOf = async () => {
    const selection = selectionOf(await client().sayHello(site))
    site.clock.nowMs += 60_000
    return selection.kind === 'start' ? selection.choice.notification : undefined
  }
  // It applies an operating system, so the site judges that it is of high impact.
  t.like(await notificationOf(), { waitSeconds: 300 })
  const customNotification = { headline: 'Window', message: 'On Monday', emphasis: 'Save', closing: 'Thanks' }
  await change(site, { highImpact: true, customNotification })
  t.deepEqual(await notificationOf(), { lines: ['Window', 'On Monday', 'Save', 'Thanks'], waitSeconds: 300 })
  await change(site, { suppressNotifications: true })
  t.is(await notificationOf(), undefined)
})

test('S1-081: in the boot image there are no users to tell', async (t) => {
  const { site } = await prepare({}, { purpose: 'required', makeAvailableTo: 'clients-media-and-pxe' })
  t.teardown(() => site.close())
  const selection = selectionOf(await new TestAgent(mac).sayHello(site))
  t.true(selection.kind === 'start' && selection.choice.notification === undefined)
})

test('S1-075: a program that is to run first is the first step of a client, with its package; elsewhere it is passed over', async (t) => {
  const prepared = await prepare({}, { makeAvailableTo: 'clients-media-and-pxe' })
  const { site } = prepared
  t.teardown(() => site.close())
  const program = { name: 'Check battery', commandLine: 'test ! -e /low' }
  const made = await site.api('POST', '/packages', { name: 'Tools', programs: [program] })
  const packageId = String(made.json['id'])
  await change(site, { runFirst: { packageId, programName: program.name } })
  const { policy } = await startAs(client(), prepared)
  t.true(policy.runsProgramFirst)
  t.like(policy.sequence.children[0], { name: 'Run another program first', action: { packageId } })
  t.is(policy.sequence.children.length, 2)
  t.true(policy.content.some(({ id }) => id === packageId))
  const [run] = await site.store.listRuns(1)
  // The page shows the steps as they run.
  t.deepEqual(run?.policy.sequence, policy.sequence)
  site.clock.nowMs += hour
  const { policy: again } = await startAs(client(), prepared, [policy.taskSequenceId])
  t.is(again.runsProgramFirst, undefined)
  t.is(again.sequence.children.length, 1)
  site.clock.nowMs += hour
  t.is((await startAs(new TestAgent(mac), prepared)).policy.runsProgramFirst, undefined)
})

test('A06: a client that was approved is approved the next month, too, but not when it tells of another machine', async (t) => {
  const { site } = await prepare({ knownDevices: 'approve' }, required)
  t.teardown(() => site.close())
  const agent = client()
  const hello = await agent.sayHello(site)
  t.is(kindOf(hello), 'waiting-for-approval')
  await approve(site, hello)
  for (let month = 0; month < 3; month += 1) {
    site.clock.nowMs += 30 * 24 * hour
    await site.store.forgetExpired(site.clock.nowMs)
    t.is(kindOf(await agent.sayHello(site)), 'armed')
  }
  const { hardware } = agent.hello
  const moved = { ...agent.hello, hardware: { ...hardware, serialNumber: 'another' } }
  t.is(kindOf(await agent.say(site, '/agent/v1/hello', moved)), 'waiting-for-approval')
})

test('A06: the approval of an agent in the boot image ends, whatever it says', async (t) => {
  const { site } = await prepare({ knownDevices: 'approve' })
  t.teardown(() => site.close())
  const agent = new TestAgent(mac)
  await approve(site, await agent.sayHello(site))
  site.clock.nowMs += 7 * hour
  t.is(kindOf(await agent.sayHello(site)), 'armed')
  site.clock.nowMs += 2 * hour
  t.is(kindOf(await agent.sayHello(site)), 'waiting-for-approval')
})

test('A06: the client of a system that an approved machine installed needs no second approval', async (t) => {
  for (const isApproved of [true, false]) {
    const prepared = await prepare({ knownDevices: 'approve' }, { makeAvailableTo: 'clients-media-and-pxe' })
    const { site } = prepared
    t.teardown(() => site.close())
    const agent = new TestAgent(mac)
    await approve(site, await agent.sayHello(site))
    const { runId, resumeTicket } = await startAs(agent, prepared)
    // An approval that was for another start, or is over, helps nobody.
    if (!isApproved) site.clock.nowMs += 9 * hour
    const installed = client()
    const resumed = await installed.say(site, '/agent/v1/resume', { hello: installed.hello, runId, resumeTicket })
    t.is(resumed.status, 200, resumed.body.toString())
    site.clock.nowMs += 24 * hour
    await site.store.forgetExpired(site.clock.nowMs)
    t.is(kindOf(await installed.sayHello(site)), isApproved ? 'armed' : 'waiting-for-approval')
    t.is(kindOf(await client().sayHello(site)), 'waiting-for-approval', 'another client of the same machine is nobody')
  }
})

test('S9-014, S9-016, S1-078: a required sequence starts on a client only in a maintenance window that it fits into', async (t) => {
  const { site } = await prepare({}, byItself)
  t.teardown(() => site.close())
  await change(site, { maximumRunMinutes: 60 })
  const [device] = await site.store.devices.list()
  const day = 24 * hour
  const midnight = Math.floor(site.clock.nowMs / day) * day
  const window = {
    name: 'Nights',
    start: wall(midnight),
    durationMinutes: 120,
    clock: 'local',
    recurrence: { kind: 'weekly', weekdays: [0, 1, 2, 3, 4, 5, 6] },
  }
  const made = await site.api('POST', '/collections', {
    name: 'Nights',
    directMembers: [device?.id],
    maintenanceWindows: [window],
  })
  t.is(made.status, 201, made.body.toString())
  t.like(made.json['maintenanceWindows'], [{ ...window, enabled: true, appliesTo: 'any-deployment' }])
  const { hello } = client()
  const hardware = { ...hello.hardware, utcOffsetMinutes: 60 }
  const agent = new TestAgent(mac, { startedFrom: 'installed-system', hardware })
  const askAt = async (nowMs: number) => {
    site.clock.nowMs = nowMs
    return kindOf(await agent.sayHello(site))
  }
  // Its clock is an hour before UTC: its night begins at eleven.
  t.is(await askAt(midnight + 2 * day - hour - 1), 'nothing-to-run')
  t.true(site.logged.some(({ fields }) => /it waits for a maintenance window, in 1 min/.test(JSON.stringify(fields))))
  t.is(await askAt(midnight + 2 * day - hour), 'armed')
  t.is(await askAt(midnight + 2 * day), 'armed')
  t.is(await askAt(midnight + 2 * day + 1), 'nothing-to-run')
  await change(site, { maximumRunMinutes: 121 })
  t.is(await askAt(midnight + 3 * day - hour), 'nothing-to-run')
  t.true(
    site.logged.some(({ fields }) => /no maintenance window of this device is as long/.test(JSON.stringify(fields))),
  )
})

test('S9-017, S9-019: what a person starts, and what starts in the boot image, takes no notice of maintenance windows', async (t) => {
  for (const [deployment, startedFrom] of [
    [{ makeAvailableTo: 'clients' }, 'installed-system'],
    [{ purpose: 'required', makeAvailableTo: 'clients-media-and-pxe' }, 'boot-image'],
  ] as const) {
    const { site } = await prepare({}, deployment)
    t.teardown(() => site.close())
    const [device] = await site.store.devices.list()
    const once = { name: 'Long ago', start: '1970-01-01T00:00', durationMinutes: 60, recurrence: { kind: 'once' } }
    await site.api('POST', '/collections', { name: 'N', directMembers: [device?.id], maintenanceWindows: [once] })
    t.is(kindOf(await new TestAgent(mac, { startedFrom }).sayHello(site)), 'armed')
  }
})

test('S9-016, S9-017: the policy says when a run that began outside of a window may restart', async (t) => {
  for (const [deployment, windowInHours, waits] of [
    [{ makeAvailableTo: 'clients' }, 2, true],
    [{ makeAvailableTo: 'clients' }, 0, false],
    [{ makeAvailableTo: 'clients', systemRestartOutsideWindow: true }, 2, false],
    [{ ...byItself, softwareInstallationOutsideWindow: true, systemRestartOutsideWindow: true }, 2, false],
  ] as const) {
    const prepared = await prepare({}, deployment)
    const { site } = prepared
    t.teardown(() => site.close())
    const [device] = await site.store.devices.list()
    site.clock.nowMs = Math.ceil(site.clock.nowMs / hour) * hour
    const startsAtMs = site.clock.nowMs + windowInHours * hour
    const window = {
      name: 'N',
      start: wall(startsAtMs),
      durationMinutes: 240,
      recurrence: { kind: 'once' },
      clock: 'utc',
    }
    await site.api('POST', '/collections', { name: 'N', directMembers: [device?.id], maintenanceWindows: [window] })
    const { policy, runId } = await startAs(client(), prepared)
    t.deepEqual(policy.restartWindows, waits ? [{ startsAtMs, endsAtMs: startsAtMs + 4 * hour }] : undefined)
    const run = await site.store.getRun(runId)
    const beginsAtMs = waits ? startsAtMs : site.clock.nowMs
    t.is(run?.runTime?.endsAtMs, beginsAtMs + 2 * hour, 'its time begins with the window that it waits for')
  }
})

test('S9-014: a window is shorter than a day, and built-in collections have none', async (t) => {
  const { site } = await prepare()
  t.teardown(() => site.close())
  const window = { name: 'W', start: '1970-01-01T00:00', durationMinutes: 1_440, recurrence: { kind: 'once' } }
  t.is((await site.api('POST', '/collections', { name: 'A', maintenanceWindows: [window] })).status, 422)
  const fit = { ...window, durationMinutes: 1_439 }
  t.is((await site.api('POST', '/collections', { name: 'A', maintenanceWindows: [fit] })).status, 201)
  const { json } = await site.api('GET', '/collections/RVL10001')
  const all = await site.api('PUT', '/collections/RVL10001', { name: json['name'], maintenanceWindows: [fit] })
  t.is(all.status, 422)
  t.regex(all.body.toString(), /Built-in collections have none/)
})

test('S1-038, S5-019, S5-024, S5-025: a client runs what is required again when it is scheduled again, as its last end allows', async (t) => {
  const prepared = await prepare({}, byItself)
  const { site, deploymentId } = prepared
  t.teardown(() => site.close())
  const path = `/deployments/${deploymentId}`
  const { createdAtMs: _, id: __, revision: ___, ...draft } = (await site.api('GET', path)).json
  t.deepEqual(draft['clientSchedule'], { assignments: [], rerun: 'always' })
  const startWallMs = Math.ceil(site.clock.nowMs / hour) * hour + hour
  const daily = { start: wall(startWallMs), clock: 'utc', recurrence: { kind: 'interval', minutes: 1_440 } }
  const clientSchedule = { assignments: [daily], rerun: 'if-failed' }
  const changed = await site.api('PUT', path, { ...draft, clientSchedule })
  t.deepEqual(changed.json['clientSchedule'], clientSchedule)
  const agent = client()
  const kindAt = async (nowMs: number) => {
    site.clock.nowMs = nowMs
    return kindOf(await agent.sayHello(site))
  }
  const runNow = async (outcome: object) => {
    const { runId, runToken } = await startAs(agent, prepared)
    const events = [startedEvent, { sequence: 2, atMs: 2, body: { kind: 'sequence-ended', outcome } }]
    t.is((await agent.say(site, '/agent/v1/events', { runId, events }, runToken)).status, 200)
  }
  t.is(await kindAt(startWallMs - 1), 'nothing-to-run')
  t.is(await kindAt(startWallMs), 'armed')
  await runNow({ kind: 'failed', path: [0], exitCode: 1, message: 'no' })
  t.is(await kindAt(startWallMs + 23 * hour), 'nothing-to-run')
  t.is(await kindAt(startWallMs + 24 * hour), 'armed')
  await runNow({ kind: 'succeeded' })
  t.is(await kindAt(startWallMs + 48 * hour), 'nothing-to-run')
  const [device] = await site.store.devices.list()
  await site.api('POST', `/devices/${device?.id}/clear-required-pxe-deployments`)
  t.is(await kindAt(startWallMs + 48 * hour + 1), 'armed', 'S6-027: as if it had never run')
})

test('S5-008, S9-017: what is required is offered before its time, and who starts it early has run it', async (t) => {
  const startWallMs = Math.ceil(Date.now() / hour) * hour + 3 * hour
  const daily = { start: wall(startWallMs), clock: 'utc', recurrence: { kind: 'interval', minutes: 1_440 } }
  for (const [rerun, nextDay] of [
    ['always', 'start'],
    ['if-failed', undefined],
  ] as const) {
    const clientSchedule = { assignments: [daily], rerun }
    const prepared = await prepare({}, { ...required, clientSchedule })
    const { site, deploymentId } = prepared
    t.teardown(() => site.close())
    await site.api('PUT', '/start-guard/limits', { maximumStartsPerHour: 1 })
    site.clock.nowMs = startWallMs - 3 * hour
    const agent = client()
    const asked = await agent.sayHello(site)
    t.like(selectionOf(asked), { kind: 'choose', choices: [{ deploymentId, startsAtMs: startWallMs }] })
    const { policy, runId, runToken } = await startAs(agent, prepared)
    t.true(policy.userStarted)
    const end = { sequence: 2, atMs: 2, body: { kind: 'sequence-ended', outcome: { kind: 'succeeded' } } }
    await agent.say(site, '/agent/v1/events', { runId, events: [startedEvent, end] }, runToken)
    t.is(await site.store.unattendedStarts(0), 0, 'a person started it')
    const [device] = await site.store.devices.list()
    t.deepEqual(
      device?.requiredPxeMarks.map((mark) => mark.deploymentId),
      [deploymentId],
    )
    site.clock.nowMs = startWallMs
    const later = await agent.sayHello(site)
    t.is(kindOf(later), nextDay === undefined ? 'nothing-to-run' : 'armed')
    if (nextDay !== undefined) t.is(selectionOf(later).kind, nextDay)
  }
})

test('S5-008: who starts early is let through no sooner than anybody else by what holds back every start', async (t) => {
  const prepared = await prepare({}, required)
  const { site, deploymentId } = prepared
  t.teardown(() => site.close())
  const [device] = await site.store.devices.list()
  const night = {
    name: 'N',
    start: wall(site.clock.nowMs + 5 * hour),
    durationMinutes: 300,
    recurrence: { kind: 'once' },
  }
  await site.api('POST', '/collections', { name: 'N', directMembers: [device?.id], maintenanceWindows: [night] })
  const agent = client()
  t.like(selectionOf(await agent.sayHello(site)), { kind: 'choose', choices: [{ deploymentId, purpose: 'required' }] })
  const session = sessionOf(await agent.sayHello(site))
  await site.api('POST', '/start-guard/stop', { reason: 'no' })
  const refused = await agent.say(site, '/agent/v1/runs', { deploymentId, variables: [] }, session)
  t.is(refused.status, 403)
  t.is(kindOf(await agent.sayHello(site)), 'nothing-to-run')
})

test('S5-019, S5-023: what a client tells has happened starts what waits for it, once, whatever is told again', async (t) => {
  const clientSchedule = { occasions: ['log-off', 'log-on', 'log-on'], rerun: 'always' }
  const prepared = await prepare({}, { ...byItself, clientSchedule })
  const { site, deploymentId } = prepared
  t.teardown(() => site.close())
  const { json } = await site.api('GET', `/deployments/${deploymentId}`)
  t.deepEqual(json['clientSchedule'], { assignments: [], occasions: ['log-on', 'log-off'], rerun: 'always' })
  const agent = client()
  const tell = async (...occasions: readonly string[]) => {
    site.clock.nowMs += 60_000
    return kindOf(await agent.say(site, '/agent/v1/hello', { ...agent.hello, occasions }))
  }
  t.is(await tell('start-up'), 'nothing-to-run')
  t.is(await tell('log-on'), 'armed')
  // Its answer was lost.
  t.is(await tell('log-on'), 'armed')
  const { runId, runToken } = await startAs(agent, prepared)
  const end = { sequence: 2, atMs: 2, body: { kind: 'sequence-ended', outcome: { kind: 'succeeded' } } }
  await agent.say(site, '/agent/v1/events', { runId, events: [startedEvent, end] }, runToken)
  t.is(await tell(), 'nothing-to-run')
  t.is(await tell('log-off', 'start-up'), 'armed')
  const hello = { ...agent.hello, occasions: ['full-moon'] }
  t.is((await agent.say(site, '/agent/v1/hello', hello)).status, 422)
})

test('S5-019: a start of the system that a run has brought about is no occasion, so nothing repeats itself for ever', async (t) => {
  const clientSchedule = { occasions: ['start-up'], rerun: 'always' }
  const prepared = await prepare({}, { ...byItself, clientSchedule })
  const { site } = prepared
  t.teardown(() => site.close())
  const agent = client()
  const start = async () => {
    site.clock.nowMs += hour
    return kindOf(await agent.say(site, '/agent/v1/hello', { ...agent.hello, occasions: ['start-up'] }))
  }
  t.is(await start(), 'armed')
  const { runId, runToken } = await startAs(agent, prepared)
  const end = { sequence: 2, atMs: 2, body: { kind: 'sequence-ended', outcome: { kind: 'succeeded' } } }
  await agent.say(site, '/agent/v1/events', { runId, events: [startedEvent, end] }, runToken)
  t.is(await start(), 'nothing-to-run', 'its post action has restarted the machine')
  t.is(await start(), 'armed', 'the next morning')
})

test('S5-019, A06: what an unapproved agent tells has not happened', async (t) => {
  const { site } = await prepare(
    { knownDevices: 'approve' },
    { ...byItself, clientSchedule: { occasions: ['log-on'] } },
  )
  t.teardown(() => site.close())
  const agent = client()
  const told = { ...agent.hello, occasions: ['log-on'] }
  const hello = await agent.say(site, '/agent/v1/hello', told)
  await approve(site, hello)
  t.is(kindOf(await agent.sayHello(site)), 'nothing-to-run')
  t.is(kindOf(await agent.say(site, '/agent/v1/hello', told)), 'armed')
})

test('S5-027, S6-029: in the boot image a mark decides alone, whatever is scheduled', async (t) => {
  const prepared = await prepare({}, { purpose: 'required', makeAvailableTo: 'clients-media-and-pxe' })
  const { site, deploymentId } = prepared
  t.teardown(() => site.close())
  const path = `/deployments/${deploymentId}`
  const { createdAtMs: _, id: __, revision: ___, ...draft } = (await site.api('GET', path)).json
  const later = {
    start: wall(site.clock.nowMs + 24 * hour),
    clock: 'utc',
    recurrence: { kind: 'interval', minutes: 15 },
  }
  await site.api('PUT', path, { ...draft, clientSchedule: { assignments: [later], rerun: 'always' } })
  await startAs(new TestAgent(mac), prepared)
  site.clock.nowMs += 48 * hour
  t.is(kindOf(await new TestAgent(mac).sayHello(site)), 'nothing-to-run')
})

test('S5-019: only what is required, and comes to clients, is scheduled', async (t) => {
  for (const deployment of [{ purpose: 'available', makeAvailableTo: 'clients' }, { purpose: 'required' }]) {
    const { site, deploymentId } = await prepare({}, deployment)
    t.teardown(() => site.close())
    const path = `/deployments/${deploymentId}`
    const { createdAtMs: _, id: __, revision: ___, ...draft } = (await site.api('GET', path)).json
    const assignments = [{ start: '1970-01-01T00:00', recurrence: { kind: 'once' } }]
    t.is((await site.api('PUT', path, { ...draft, clientSchedule: { assignments } })).status, 422)
  }
})

test('an administrator is told what a client would start, what it offers, and why not the rest', async (t) => {
  const { site, deploymentId } = await prepare({}, { makeAvailableTo: 'clients' })
  t.teardown(() => site.close())
  const [device] = await site.store.devices.list()
  const [sequence] = await site.store.taskSequences.list()
  const collectionId = String(
    (await site.api('POST', '/collections', { name: 'C', directMembers: [device?.id] })).json['id'],
  )
  const draft = { taskSequenceId: sequence?.id, collectionId, purpose: 'required', makeAvailableTo: 'clients' }
  site.clock.nowMs = Math.ceil(site.clock.nowMs / hour) * hour
  const later = { assignments: [{ start: wall(site.clock.nowMs + hour), clock: 'utc', recurrence: { kind: 'once' } }] }
  const made = await site.api('POST', '/deployments', { ...draft, clientSchedule: later })
  const scheduled = String(made.json['id'])
  const path = `/devices/${device?.id}/client-preview`
  const before = (await site.api('GET', path)).json
  t.deepEqual(before, {
    offers: [
      { deploymentId, taskSequenceName: 'Install' },
      {
        deploymentId: scheduled,
        taskSequenceName: 'Install',
        waits: 'it is scheduled, in 1 h 0 min',
        startsAtMs: site.clock.nowMs + hour,
      },
    ],
    rejected: [],
  })
  const alone = { ...(await site.api('GET', `/deployments/${scheduled}`)).json, runIndependentlyOfAssignments: false }
  const { createdAtMs: _, id: __, revision: ___, ...edited } = alone as Record<string, unknown>
  t.is((await site.api('PUT', `/deployments/${scheduled}`, edited)).status, 200)
  t.like((await site.api('GET', path)).json, {
    offers: [{ deploymentId, taskSequenceName: 'Install' }],
    rejected: [{ deploymentId: scheduled, reason: 'it is scheduled, in 1 h 0 min' }],
  })
  site.clock.nowMs += hour
  const after = (await site.api('GET', path)).json
  t.like(after, { starts: { deploymentId: scheduled }, offers: [] })
  t.is((await site.api('GET', '/devices/16777999/client-preview')).status, 404)
})

test('S5-017: what is required waits while a client tells that its connection is metered, and the preview says so', async (t) => {
  const prepared = await prepare({}, required)
  const { site, deploymentId } = prepared
  t.teardown(() => site.close())
  const { hello } = client()
  const hardware = { ...hello.hardware, meteredConnection: true }
  const agent = new TestAgent(mac, { startedFrom: 'installed-system', hardware })
  const asked = await agent.sayHello(site)
  t.like(selectionOf(asked), { kind: 'choose', choices: [{ deploymentId }] })
  const [device] = await site.store.devices.list()
  const preview = (await site.api('GET', `/devices/${device?.id}/client-preview`)).json
  t.like(preview, { offers: [{ waits: 'the connection of its client is metered, and it waits for another' }] })
  t.like((await site.api('GET', `/devices/${device?.id}`)).json, { inventory: { meteredConnection: true } })
  const { policy } = await startAs(agent, prepared)
  t.true(policy.userStarted)
})

test('S5-028: a client on another network is not offered what is not for internet clients, and the preview says why', async (t) => {
  const intranet = [parseIpv4Subnet('10.0.0.0/8')].filter((subnet) => subnet !== undefined)
  const { site } = await prepare({ intranet }, required)
  t.teardown(() => site.close())
  t.is(kindOf(await client().sayHello(site)), 'armed', 'the server itself is in the site')
  const [device] = await site.store.devices.list()
  assert(device?.inventory !== undefined, 'it has told')
  const elsewhere = { ...device.inventory, ipAddress: '203.0.113.5', heardAtMs: site.clock.nowMs + hour }
  await site.store.keepInventory(device.id, elsewhere)
  const preview = (await site.api('GET', `/devices/${device.id}/client-preview`)).json
  t.regex(JSON.stringify(preview['rejected']), /its client is at 203\.0\.113\.5/)
})

test('S5-018: a deployment may be available by the clock of each client', async (t) => {
  const availableAtMs = Math.ceil(Date.now() / hour) * hour + 10 * hour
  const { site } = await prepare({}, { ...required, timesByClientClock: true, availableAtMs })
  t.teardown(() => site.close())
  const { hello } = client()
  const inTheEast = new TestAgent(mac, {
    startedFrom: 'installed-system',
    hardware: { ...hello.hardware, utcOffsetMinutes: 120 },
  })
  site.clock.nowMs = availableAtMs - 2 * hour - 1
  t.is(kindOf(await inTheEast.sayHello(site)), 'nothing-to-run')
  site.clock.nowMs += 1
  t.is(kindOf(await inTheEast.sayHello(site)), 'armed')
})

test('S5-028: the policy says whether people may follow the steps', async (t) => {
  for (const showTaskSequenceProgress of [true, false]) {
    const prepared = await prepare({}, { makeAvailableTo: 'clients', showTaskSequenceProgress })
    t.teardown(() => prepared.site.close())
    const { policy } = await startAs(client(), prepared)
    t.is(policy.hidesProgress, showTaskSequenceProgress ? undefined : true)
  }
})

test('S5-030: a client fetches everything first where its deployment says so', async (t) => {
  const deployment = { makeAvailableTo: 'clients', contentOption: 'download-before-start' }
  const prepared = await prepare({}, deployment)
  const { site, imageId, deploymentId } = prepared
  t.teardown(() => site.close())
  const { policy } = await startAs(client(), prepared)
  t.true(policy.downloadsFirst)
  const [first] = policy.sequence.children
  const action = { type: 'download-package-content', location: 'working-directory' }
  t.like(first, { name: 'Download all content', continueOnError: false, action })
  assert(first?.kind === 'step' && first.action.type === 'download-package-content', 'it is one')
  t.deepEqual(
    first.action.content.map(({ id }) => id),
    policy.content.map(({ id }) => id),
  )
  t.true(policy.content.some(({ id }) => id === imageId))
  const {
    createdAtMs: _,
    id: __,
    revision: ___,
    ...draft
  } = (await site.api('GET', `/deployments/${deploymentId}`)).json
  await site.api('PUT', `/deployments/${deploymentId}`, { ...draft, contentOption: 'download-when-needed' })
  site.clock.nowMs += hour
  const { policy: asNeeded } = await startAs(client(), prepared)
  t.is(asNeeded.downloadsFirst, undefined)
  t.is(asNeeded.sequence.children.length, 1)
})

test('a time that no clock shows is refused', async (t) => {
  const { site } = await prepare()
  t.teardown(() => site.close())
  for (const start of ['2026-02-30T02:00', '2026-11-24', '2026-11-24T25:00', '2026-11-24T02:00Z', '1969-12-31T00:00']) {
    const window = { name: 'W', start, durationMinutes: 60, recurrence: { kind: 'once' } }
    const { status } = await site.api('POST', '/collections', { name: start, maintenanceWindows: [window] })
    t.is(status, 422, start)
  }
})
