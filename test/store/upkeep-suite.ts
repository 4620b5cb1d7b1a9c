/** What every store must do for the clock's jobs: tell what content is in use, forget what expired, end silent runs. */

import test from 'ava'
import type { MacAddress } from '../../server/address/mac-address.ts'
import type { ProgressChange } from '../../server/store/ports.ts'
import type { OpenSite } from './open-test-store.ts'
import { startMs } from './open-test-store.ts'
import {
  bootImage,
  deviceId,
  event,
  events,
  file,
  hash,
  mac,
  newRun,
  operatingSystemImage,
  runId,
  saved,
  session,
  startedRun,
} from './site-builders.ts'

const hour = 3_600_000
const day = 24 * hour
const nothing = { pageSessions: 0, agentSessions: 0, runTokens: 0, resumeTickets: 0 }

export function upkeepSuite(open: OpenSite): void {
  contentTests(open)
  expiryTests(open)
  silenceTests(open)
  strangerTests(open)
}

function contentTests(open: OpenSite): void {
  test('content in use is that of every version of every object, until the object is removed', async (t) => {
    const { store } = await open(t)
    t.deepEqual(await store.keptContent(), new Set())
    const boot = saved(await store.bootImages.create(bootImage()))
    const image = saved(await store.operatingSystemImages.create(operatingSystemImage()))
    await store.addContent(boot.id, [file('vmlinuz', 'a'), file('initrd', 'b')])
    await store.addContent(boot.id, [file('vmlinuz', 'c')])
    await store.addContent(image.id, [file('rootfs.tar', 'd')])
    const hashes = (digits: string) => new Set(digits.split('').map((digit) => file('x', digit).sha256))
    t.deepEqual(await store.keptContent(), hashes('abcd'))
    await store.bootImages.remove(boot.id, undefined)
    t.deepEqual(await store.keptContent(), hashes('d'))
  })
}

function expiryTests(open: OpenSite): void {
  test('page sessions are forgotten when they are idle or old, and API tokens never', async (t) => {
    const { store } = await open(t)
    const created = { name: 'admin', createdAtMs: startMs }
    await store.addToken({ ...created, kind: 'api', sha256: hash('1') })
    const limits = { idleMs: hour / 2, expiresAtMs: startMs + 12 * hour }
    await store.addToken({ ...created, ...limits, kind: 'page-session', sha256: hash('2') })
    await store.addToken({ ...created, ...limits, idleMs: 20 * hour, kind: 'page-session', sha256: hash('3') })
    t.deepEqual(await store.forgetExpired(startMs + hour / 2 - 1), nothing)
    t.deepEqual(await store.forgetExpired(startMs + hour / 2), { ...nothing, pageSessions: 1 })
    t.deepEqual(await store.forgetExpired(startMs + 12 * hour), { ...nothing, pageSessions: 1 })
    t.deepEqual(
      (await store.listTokens()).map(({ sha256 }) => sha256),
      [hash('1')],
    )
  })

  test('sessions of agents are forgotten at their end, run tokens a day after theirs', async (t) => {
    const { store } = await open(t)
    await store.addSession(session(), 1)
    await store.startRun(newRun())
    t.deepEqual(await store.forgetExpired(startMs + hour), { ...nothing, agentSessions: 1 })
    t.deepEqual(await store.forgetExpired(startMs + 8 * hour + day - 1), nothing)
    t.deepEqual(await store.forgetExpired(startMs + 8 * hour + day), { ...nothing, runTokens: 1 })
  })

  test('tickets of a run are forgotten a month after its end, and those of a running one never', async (t) => {
    const { store } = await open(t)
    const { run } = newRun()
    await store.startRun(newRun())
    const other = { id: runId('b'), lane: mac('52:54:00:00:00:02'), token: hash('d'), ticket: hash('e') }
    await store.startRun(newRun(other))
    await store.addEvents(run.id, [event(1, { kind: 'sequence-ended', outcome: { kind: 'succeeded' } })], startMs)
    t.like(await store.forgetExpired(startMs + 30 * day - 1), { resumeTickets: 0 })
    t.like(await store.forgetExpired(startMs + 30 * day), { resumeTickets: 1 })
    t.like(await store.forgetExpired(startMs + 60 * day), { resumeTickets: 0 })
  })
}

function silenceTests(open: OpenSite): void {
  test('I10: a run that nothing is heard of ends as abandoned, and its lane says so', async (t) => {
    const { store } = await open(t)
    const { run, runTokenSha256 } = newRun()
    await store.startRun(newRun())
    await store.addEvents(run.id, events(1, 2), startMs + hour)
    const at = (nowMs: number) => ({ nowMs, silentMs: day })
    t.deepEqual(await store.abandonSilentRuns(at(startMs + day + hour - 1)), [])
    t.deepEqual(await store.abandonSilentRuns(at(startMs + day + hour)), [run.id])
    t.like(await store.getRun(run.id), { state: 'abandoned', endedAtMs: startMs + day + hour })
    const { lanes } = await store.lanes()
    t.like(lanes[0]?.lane, { stage: 'done', condition: 'failed', changedAtMs: startMs + day + hour })
    t.regex(lanes[0]?.lane.text ?? '', /nothing was heard of this machine for 24 hours \(Install Debian\)/)
    t.deepEqual(await store.abandonSilentRuns(at(startMs + 3 * day)), [])
    t.is(await store.useRunToken(runTokenSha256, 1, startMs + 1), 'run-ended')
  })

  test('I10: a run whose token is used is heard of, whether it reports or not', async (t) => {
    const { store } = await open(t)
    const idleMs = 2 * day
    await store.startRun({ ...newRun(), idleMs, expiresAtMs: startMs + 3 * day })
    await store.useRunToken(newRun().runTokenSha256, 1, startMs + day)
    t.deepEqual(await store.abandonSilentRuns({ nowMs: startMs + 2 * day - 1, silentMs: day }), [])
    await store.forgetExpired(startMs + 5 * day)
    t.deepEqual(await store.abandonSilentRuns({ nowMs: startMs + 5 * day, silentMs: day }), [newRun().run.id])
  })

  test('I10: a machine that comes back after its run was given up begins anew', async (t) => {
    const { store } = await open(t)
    const run = await startedRun(store)
    await store.addEvents(run.id, [event(1, { kind: 'restarting', target: 'boot-image' })], startMs)
    t.deepEqual(await store.abandonSilentRuns({ nowMs: startMs + 2 * day, silentMs: day }), [run.id])
    const observation = { kind: 'dhcp-request', platform: 'UEFI x64', stage: 'firmware' } as const
    await store.observe([{ lane: mac('52:54:00:00:00:01'), atMs: startMs + 3 * day, observation }])
    const lane = (await store.lanes()).lanes[0]?.lane
    t.like(lane, { stage: 'dhcp', condition: 'moving' })
    t.is(lane?.run, undefined)
  })
}

const firmware = { kind: 'dhcp-request', platform: 'UEFI x64', stage: 'firmware' } as const
const stranger = (number: number): MacAddress => mac(`5254${number.toString(16).padStart(8, '0')}`)

function strangerTests(open: OpenSite): void {
  test('C01: lanes of machines that the site does not know go after a day; those of devices and of runs stay', async (t) => {
    const { store } = await open(t)
    await startedRun(store)
    const ofDevice = { kind: 'boot-decided', decision: 'boot', text: 'x', prompt: false, name: '"run":' } as const
    await store.observe([
      { lane: stranger(11), atMs: startMs, observation: firmware },
      { lane: stranger(12), atMs: startMs, observation: { ...ofDevice, deviceId: deviceId('16777217') } },
      { lane: stranger(13), atMs: startMs + 1, observation: ofDevice },
    ])
    const left = async () => (await store.lanes()).lanes.map(({ lane }) => lane.id)
    t.is(await store.forgetStrangers(startMs + day - 1), 0)
    t.is(await store.forgetStrangers(startMs + day), 1)
    t.deepEqual(await left(), [mac('52:54:00:00:00:01'), stranger(12), stranger(13)])
    t.is(await store.forgetStrangers(startMs + day + 1), 1)
    t.deepEqual(await left(), [mac('52:54:00:00:00:01'), stranger(12)])
    t.is(await store.forgetStrangers(startMs + 9 * day), 0)
  })

  test('watchers are told which lanes were forgotten, and from which number on a page knows', async (t) => {
    const { store, reopen } = await open(t)
    await store.observe([{ lane: stranger(11), atMs: startMs, observation: firmware }])
    const before = await store.lanes()
    t.is(before.forgottenSeq, 0)
    const changes: ProgressChange[] = []
    store.onChange((change) => changes.push(change))
    t.is(await store.forgetStrangers(startMs), 0)
    t.deepEqual(changes, [])
    t.is(await store.forgetStrangers(startMs + day), 1)
    const seq = before.seq + 1
    t.deepEqual(changes, [{ seq, lanes: [], forgotten: [{ seq, id: stranger(11) }], events: [] }])
    t.deepEqual(await store.lanes(), { seq, forgottenSeq: seq, lanes: [] })
    const again = await reopen()
    t.deepEqual(await again.lanes(), { seq, forgottenSeq: seq, lanes: [] })
    await again.observe([{ lane: stranger(11), atMs: startMs, observation: firmware }])
    t.is((await again.lanes()).forgottenSeq, seq)
    t.is((await again.lanes()).seq, seq + 1)
    t.is(await again.forgetStrangers(startMs + day), 1)
    t.is((await again.lanes()).forgottenSeq, seq + 2)
  })

  test('C01: of 5,000 lanes of strangers and more, those that changed last stay', async (t) => {
    const { store } = await open(t)
    await startedRun(store)
    for (let first = 0; first < 5_600; first += 700) {
      const seen = Array.from({ length: 700 }, (_, index) => ({ lane: stranger(first + index + 10), atMs: startMs }))
      await store.observe(seen.map((one) => ({ ...one, observation: firmware })))
    }
    await store.observe([{ lane: stranger(10), atMs: startMs, observation: firmware }])
    t.is(await store.forgetStrangers(startMs), 600)
    t.is(await store.forgetStrangers(startMs), 0)
    const ids = new Set((await store.lanes()).lanes.map(({ lane }) => lane.id))
    t.is(ids.size, 5_001)
    t.deepEqual(
      [10, 11, 610, 611].map((number) => ids.has(stranger(number))),
      [true, false, false, true],
    )
  })
}
