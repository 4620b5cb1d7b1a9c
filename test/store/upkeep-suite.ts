/** What every store must do for the clock's jobs: tell what content is in use, forget what expired, end silent runs. */

import test from 'ava'
import type { OpenSite } from './open-test-store.ts'
import { startMs } from './open-test-store.ts'
import {
  bootImage,
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
