/** What every store must do for agents: sessions, runs, tickets, events. */

import test from 'ava'
import type { RunOutcome } from '../../server/sequence/run.ts'
import type { AgentSession, AgentStore, NewRun, ResumeRun } from '../../server/store/ports.ts'
import type { OpenSite } from './open-test-store.ts'
import { startMs } from './open-test-store.ts'
import {
  deployment,
  deploymentId,
  deviceId,
  event,
  events,
  hash,
  mac,
  newRun,
  runId,
  saved,
  session,
  smallSite,
  startedRun,
} from './site-builders.ts'

const minute = 60_000

export function agentSuite(open: OpenSite): void {
  sessionTests(open)
  limitTests(open)
  runTests(open)
  eventTests(open)
}

function sessionTests(open: OpenSite): void {
  test('the same key and nonce give the same session again, under the old token and the new one', async (t) => {
    const { store } = await open(t)
    const first = await store.addSession(session(), 1)
    t.deepEqual(first, session())
    const again = await store.addSession(
      session({ tokenSha256: hash('2'), code: 'OTHER', createdAtMs: startMs + 5 }),
      2,
    )
    t.deepEqual(again, session({ tokenSha256: hash('2') }))
    t.is((await store.listSessions()).length, 1)
    await store.approveSession('ABCDEFGH')
    const moved = session({ tokenSha256: hash('4'), ipAddress: '192.168.7.21', deviceId: deviceId('16777217') })
    t.deepEqual(await store.addSession(moved, 3), { ...moved, approved: true })
    t.like(await store.useSession(hash('1'), 4, startMs), { code: 'ABCDEFGH' })
    t.like(await store.useSession(hash('2'), 5, startMs), { code: 'ABCDEFGH' })
    await store.addSession(session({ tokenSha256: hash('3'), nonce: 'nonce-2', code: 'OTHER' }), 6)
    t.is((await store.listSessions()).length, 2)
  })

  test('A04, A06: an approval is for the identifiers that were told, in any order; an agent that tells of others waits again', async (t) => {
    const { store } = await open(t)
    const { hardware } = session()
    const cards = ['52:54:00:00:00:0a', '52:54:00:00:00:0b']
    const known = { ...hardware, macAddresses: cards, smbiosGuid: '1b4e28ba-2fa1-11d2-883f-0016d3cca427' }
    let counter = 0
    const tell = async (changes: Partial<AgentSession['hardware']>) => {
      const told = await store.addSession(session({ hardware: { ...known, ...changes } }), (counter += 1))
      return typeof told !== 'string' && told.approved
    }
    t.false(await tell({}))
    await store.approveSession('ABCDEFGH')
    t.true(await tell({ macAddresses: cards.toReversed(), smbiosGuid: known.smbiosGuid.toUpperCase(), disks: [] }))
    for (const change of [
      { macAddresses: [...cards, '52:54:00:00:00:0c'] },
      { smbiosGuid: '00000000-2fa1-11d2-883f-0016d3cca427' },
      { serialNumber: 'another' },
    ]) {
      t.false(await tell(change), JSON.stringify(change))
      t.false(await tell({}))
      await store.approveSession('ABCDEFGH')
    }
    t.true(await tell({}))
  })

  test('a session answers to its token with a counter that grew, until it expires', async (t) => {
    const { store, reopen } = await open(t)
    await store.addSession(session(), 1)
    t.is(await store.useSession(hash('9'), 2, startMs), 'unknown-token')
    t.like(await store.useSession(hash('1'), 2, startMs), { identityKey: 'key-1' })
    t.is(await store.useSession(hash('1'), 2, startMs), 'replayed')
    t.like(await store.useSession(hash('1'), 7, startMs), { identityKey: 'key-1' })
    const again = await reopen()
    t.is(await again.useSession(hash('1'), 7, startMs), 'replayed')
    t.is(await again.useSession(hash('1'), 8, startMs + 3_600_000), 'expired')
  })

  test('a key whose tokens all expired is forgotten, and one with a live run keeps its counter', async (t) => {
    const { store, clock } = await open(t)
    await store.addSession(session(), 1)
    await store.startRun(newRun())
    t.like(await store.useSession(hash('1'), 5, startMs), { identityKey: 'key-1' })
    clock.nowMs = startMs + 4 * 60 * minute
    const later = { createdAtMs: clock.nowMs, expiresAtMs: clock.nowMs + 60 * minute }
    await store.forgetExpired(clock.nowMs)
    t.is(await store.useSession(hash('1'), 6, clock.nowMs), 'unknown-token')
    t.is(await store.addSession(session({ ...later, tokenSha256: hash('2') }), 5), 'replayed')
    await store.addSession(session({ ...later, tokenSha256: hash('2') }), 6)
    t.is(await store.useSession(hash('2'), 6, clock.nowMs), 'replayed')
    clock.nowMs = startMs + 72 * 60 * minute
    const fresh = { createdAtMs: clock.nowMs, expiresAtMs: clock.nowMs + 60 * minute }
    await store.forgetExpired(clock.nowMs)
    await store.addSession(session({ ...fresh, tokenSha256: hash('3') }), 1)
    t.like(await store.useSession(hash('3'), 2, clock.nowMs), { identityKey: 'key-1' })
  })

  test('of requests that carry one counter at the same time exactly one is let in', async (t) => {
    const { store } = await open(t)
    await store.addSession(session(), 1)
    const answers = await Promise.all(Array.from({ length: 20 }, () => store.useSession(hash('1'), 2, startMs)))
    t.is(answers.filter((answer) => answer === 'replayed').length, 19)
  })

  test('A17: approval goes by the code on both screens, and a code shown twice approves nobody', async (t) => {
    const { store, clock } = await open(t)
    await store.addSession(session(), 1)
    t.is(await store.approveSession('WRONG'), undefined)
    t.like(await store.approveSession('ABCDEFGH'), { approved: true, identityKey: 'key-1' })
    t.like(await store.useSession(hash('1'), 2, startMs), { approved: true })
    await store.addSession(session({ tokenSha256: hash('2'), identityKey: 'key-2' }), 1)
    t.is(await store.approveSession('ABCDEFGH'), undefined)
    clock.nowMs += 3_600_000
    t.is(await store.approveSession('ABCDEFGH'), undefined)
    t.deepEqual(await store.listSessions(), [])
  })
}

/** One machine of many; each has a token of its own. */
const stranger = (number: number, fields: Partial<AgentSession> = {}): AgentSession =>
  session({
    tokenSha256: number.toString(16).padStart(64, '0'),
    identityKey: `key of ${number}`,
    ipAddress: `10.0.${Math.floor(number / 250)}.${number % 250}`,
    ...fields,
  })

function limitTests(open: OpenSite): void {
  test('A06: the counter of a hello counts, so a hello that was recorded is refused', async (t) => {
    const { store } = await open(t)
    await store.addSession(session(), 3)
    t.is(await store.addSession(session({ ipAddress: '10.0.0.66' }), 3), 'replayed')
    t.is(await store.useSession(hash('1'), 3, startMs), 'replayed')
    t.like((await store.listSessions())[0], { ipAddress: '192.168.7.20' })
    t.like(await store.addSession(session({ tokenSha256: hash('2') }), 4), { code: 'ABCDEFGH' })
  })

  test('A13: one address has 64 sessions that nobody approved; the one not heard longest makes room', async (t) => {
    const { store, clock } = await open(t)
    const ipAddress = '10.0.0.66'
    for (let number = 1; number <= 64; number += 1) await store.addSession(stranger(number, { ipAddress }), 1)
    t.is(await store.addSession(stranger(65, { ipAddress }), 1), 'too-many')
    t.like(await store.addSession(stranger(65), 1), { identityKey: 'key of 65' })
    t.like(await store.addSession(stranger(3, { ipAddress }), 2), { identityKey: 'key of 3' })
    clock.nowMs += minute
    t.like(await store.addSession(stranger(1, { ipAddress }), 2), { identityKey: 'key of 1' })
    t.like(await store.addSession(stranger(66, { ipAddress }), 1), { identityKey: 'key of 66' })
    t.is(await store.sessionOfToken(stranger(2).tokenSha256), undefined)
    t.like(await store.sessionOfToken(stranger(1).tokenSha256), { identityKey: 'key of 1' })
  })

  test('A13: the site has 2,000 sessions that nobody approved, and an approved one never makes room', async (t) => {
    const { store, clock } = await open(t)
    await store.addSession(session({ tokenSha256: hash('f'), code: 'APPROVED' }), 1)
    await store.approveSession('APPROVED')
    await Promise.all(Array.from({ length: 2_000 }, (_, number) => store.addSession(stranger(number), 1)))
    t.is(await store.addSession(stranger(2_000), 1), 'too-many')
    clock.nowMs += minute
    t.like(await store.addSession(stranger(2_000), 1), { identityKey: 'key of 2000' })
    t.is((await store.listSessions()).length, 2_001)
    t.like(await store.sessionOfToken(hash('f')), { approved: true })
  })
}

function runTests(open: OpenSite): void {
  test('a run is kept as it was started, and its token opens it', async (t) => {
    const { store, reopen } = await open(t)
    const start = newRun()
    const run = await startedRun(store, start)
    t.deepEqual(run, { ...start.run, state: 'running', acknowledged: 0 })
    const again = await reopen()
    t.deepEqual(await again.getRun(run.id), run)
    t.deepEqual(await again.listRuns(10), [run])
    t.deepEqual(await again.peekRunToken(start.runTokenSha256, startMs), run)
    t.deepEqual(await again.useRunToken(start.runTokenSha256, 1, startMs), run)
    t.is(await again.useRunToken(start.runTokenSha256, 1, startMs), 'replayed')
    t.is(await again.useRunToken(hash('9'), 2, startMs), 'unknown-token')
    t.is(await again.getRun(runId('f')), undefined)
  })

  test('a run token dies when it is idle too long or too old, and every use renews the first limit', async (t) => {
    const { store } = await open(t)
    const { runTokenSha256: token } = await started(store, newRun())
    t.like(await store.useRunToken(token, 1, startMs + 14 * minute), { state: 'running' })
    t.like(await store.useRunToken(token, 2, startMs + 28 * minute), { state: 'running' })
    t.is(await store.useRunToken(token, 3, startMs + 43 * minute), 'expired')
    t.is(await store.peekRunToken(token, startMs + 43 * minute), undefined)
    for (let at = 14; at < 8 * 60; at += 14) await store.useRunToken(token, 100 + at, startMs + at * minute)
    t.is(await store.useRunToken(token, 1_000, startMs + 8 * 60 * minute), 'expired')
  })

  test('session and run share the counter of their key', async (t) => {
    const { store } = await open(t)
    await store.addSession(session(), 1)
    const { runTokenSha256 } = await started(store, newRun())
    t.like(await store.useSession(hash('1'), 5, startMs), { identityKey: 'key-1' })
    t.is(await store.useRunToken(runTokenSha256, 5, startMs), 'replayed')
    t.like(await store.useRunToken(runTokenSha256, 6, startMs), { state: 'running' })
  })

  test('S5-027, S6-025, S6-028: starting a required deployment marks the device, an available one does not', async (t) => {
    const { store } = await open(t)
    const { sequence, pc, lab } = await smallSite(store)
    const { id } = saved(await store.deployments.create(deployment(sequence.id, lab.id)))
    await store.startRun(newRun({ deviceId: pc.id, deploymentId: id }))
    t.deepEqual((await store.devices.get(pc.id))?.requiredPxeMarks, [])
    const second = newRun({
      id: runId('b'),
      deviceId: pc.id,
      deploymentId: id,
      required: true,
      token: hash('d'),
      ticket: hash('e'),
    })
    await store.startRun(second)
    t.deepEqual((await store.devices.get(pc.id))?.requiredPxeMarks, [{ deploymentId: id, startedAtMs: startMs }])
  })

  test('I9: a machine has one live run; starting another abandons the older ones', async (t) => {
    const { store } = await open(t)
    const { pc } = await smallSite(store)
    const first = await started(store, newRun({ deviceId: pc.id }))
    const elsewhere = newRun({
      id: runId('9'),
      identityKey: 'key-2',
      lane: mac('52:54:00:00:00:99'),
      token: hash('8'),
      ticket: hash('7'),
    })
    await store.startRun(elsewhere)
    const second = newRun({
      id: runId('b'),
      deviceId: pc.id,
      deploymentId: deploymentId('RVL20002'),
      lane: mac('52:54:00:00:00:02'),
      token: hash('d'),
      ticket: hash('e'),
      startedAtMs: startMs + 1,
    })
    await store.startRun(second)
    t.like(await store.getRun(first.run.id), { state: 'abandoned', endedAtMs: startMs + 1 })
    t.like(await store.getRun(elsewhere.run.id), { state: 'running' })
    t.is(await store.useRunToken(first.runTokenSha256, 1, startMs), 'run-ended')
    t.is(await store.peekRunToken(first.runTokenSha256, startMs), undefined)
    t.is(await store.resumeRun(resume(first)), 'run-ended')
  })

  test('I9, A06: the run of a device is not ended by an unknown computer with its address, nor the other way round', async (t) => {
    const { store } = await open(t)
    const { pc } = await smallSite(store)
    const ofDevice = await started(store, newRun({ deviceId: pc.id }))
    const ofUnknown = await started(
      store,
      newRun({ id: runId('b'), identityKey: 'key-2', token: hash('d'), ticket: hash('e') }),
    )
    t.like(await store.getRun(ofDevice.run.id), { state: 'running' })
    const approved = { identityKey: 'key-3', mayReplaceLive: true }
    const anew = { ...approved, id: runId('9'), deviceId: pc.id, token: hash('5'), ticket: hash('6') }
    await started(store, newRun(anew))
    t.like(await store.getRun(ofDevice.run.id), { state: 'abandoned' })
    t.like(await store.getRun(ofUnknown.run.id), { state: 'running' })
    await started(
      store,
      newRun({
        ...approved,
        deploymentId: deploymentId('RVL20002'),
        id: runId('8'),
        token: hash('7'),
        ticket: hash('8'),
      }),
    )
    t.like(await store.getRun(ofUnknown.run.id), { state: 'abandoned' })
  })

  test('I9, A06: while the run of a machine is alive another agent starts none, unless an administrator decided for it', async (t) => {
    const { store } = await open(t)
    const first = await started(store, newRun())
    const copy = { id: runId('b'), identityKey: 'key-2', token: hash('d'), ticket: hash('e') }
    await store.useRunToken(first.runTokenSha256, 1, startMs + minute)
    t.is(await store.startRun(newRun({ ...copy, startedAtMs: startMs + 3 * minute - 1 })), 'machine-busy')
    t.like(await store.getRun(first.run.id), { state: 'running' })
    t.is(await store.getRun(runId('b')), undefined)
    await started(store, newRun({ ...copy, startedAtMs: startMs + 3 * minute }))
    t.like(await store.getRun(first.run.id), { state: 'abandoned' })
    const approved = { id: runId('9'), identityKey: 'key-3', token: hash('5'), ticket: hash('6'), mayReplaceLive: true }
    await started(store, newRun({ ...approved, startedAtMs: startMs + 3 * minute }))
    t.like(await store.getRun(runId('b')), { state: 'abandoned' })
  })

  test('60: a start that is asked again before the first event is the same run, with a token and a ticket of its own', async (t) => {
    const { store } = await open(t)
    const first = await started(store, newRun())
    const again = newRun({ id: runId('b'), token: hash('d'), ticket: hash('e'), startedAtMs: startMs + 5 })
    t.like(await store.startRun(again), { id: first.run.id, startedAtMs: startMs })
    t.is((await store.listRuns(10)).length, 1)
    t.is((await store.lanes()).lanes[0]?.lane.run?.runId, first.run.id)
    t.is(await store.useRunToken(first.runTokenSha256, 1, startMs), 'unknown-token')
    t.is(await store.resumeRun(resume(first)), 'not-found')
    t.like(await store.useRunToken(hash('d'), 2, startMs), { id: first.run.id })
    t.like(await store.unansweredRun('key-1', first.run.deploymentId), { id: first.run.id })
    await store.addEvents(first.run.id, events(1, 1), startMs)
    t.is(await store.unansweredRun('key-1', first.run.deploymentId), undefined)
    const anew = newRun({ id: runId('b'), token: hash('7'), ticket: hash('8'), startedAtMs: startMs + 6 })
    t.like(await store.startRun(anew), { id: runId('b') })
    t.like(await store.getRun(first.run.id), { state: 'abandoned' })
  })

  test('a resume ticket is used once, binds the run to the new key, and replaces the token', async (t) => {
    const { store } = await open(t)
    const first = await started(store, newRun())
    t.is(await store.resumeRun({ ...resume(first), ticketSha256: hash('0') }), 'not-found')
    t.is(await store.resumeRun({ ...resume(first), runId: runId('f') }), 'not-found')
    t.like(await store.resumeRun(resume(first)), { state: 'running', identityKey: 'key-2' })
    t.is(await store.useRunToken(first.runTokenSha256, 9, startMs), 'unknown-token')
    t.is(await store.useRunToken(hash('d'), 3, startMs), 'replayed')
    t.like(await store.useRunToken(hash('d'), 4, startMs), { identityKey: 'key-2' })
    t.is(await store.resumeRun({ ...resume(first), identityKey: 'key-of-a-copy' }), 'ticket-used')
    const next = {
      ...resume(first),
      ticketSha256: hash('e'),
      nextTicketSha256: hash('f'),
      identityKey: 'key-3',
      runTokenSha256: hash('5'),
    }
    t.like(await store.resumeRun(next), { identityKey: 'key-3' })
  })

  test('scenario 28: an agent that lost its power before it kept its new ticket comes back with the old one and another key', async (t) => {
    const { store } = await open(t)
    const first = await started(store, newRun())
    t.like(await store.resumeRun(resume(first)), { identityKey: 'key-2' })
    const backAgain = {
      ...resume(first),
      identityKey: 'key-3',
      counter: 1,
      runTokenSha256: hash('5'),
      nextTicketSha256: hash('6'),
    }
    t.like(await store.resumeRun(backAgain), { identityKey: 'key-3' })
    t.like(await store.useRunToken(hash('5'), 2, startMs), { identityKey: 'key-3' })
    t.is(await store.resumeRun({ ...backAgain, identityKey: 'key-4' }), 'ticket-used')
  })

  test('A05: content that was fetched is a use of the token: the ticket that bought it is spent, and the token lives on', async (t) => {
    const { store } = await open(t)
    const first = await started(store, newRun())
    t.like(await store.resumeRun(resume(first)), { ticketUsedBefore: false })
    const again = { ...resume(first), counter: 1, runTokenSha256: hash('5'), nextTicketSha256: hash('6') }
    t.like(await store.resumeRun({ ...again, identityKey: 'key-3' }), { ticketUsedBefore: true })
    t.like(await store.peekRunToken(hash('5'), startMs), { identityKey: 'key-3' })
    t.is(await store.resumeRun({ ...again, identityKey: 'key-4' }), 'ticket-used')
    for (let at = 10; at < 60; at += 10) await store.peekRunToken(hash('5'), startMs + at * minute)
    t.like(await store.useRunToken(hash('5'), 9, startMs + 60 * minute), { state: 'running' })
  })

  test('the run of a token is told for its signature alone, and nothing counts as a use', async (t) => {
    const { store } = await open(t)
    const first = await started(store, newRun())
    t.is(await store.runOfToken(hash('9')), undefined)
    t.like(await store.runOfToken(first.runTokenSha256), { id: first.run.id })
    await store.resumeRun(resume(first))
    t.like(await store.runOfToken(hash('d')), { identityKey: 'key-2' })
    t.like(await store.resumeRun({ ...resume(first), identityKey: 'key-3' }), { identityKey: 'key-3' })
  })

  test('an agent whose resume was answered into the void asks again with a counter that grew', async (t) => {
    const { store } = await open(t)
    const first = await started(store, newRun())
    const asked = resume(first)
    t.like(await store.resumeRun(asked), { identityKey: 'key-2' })
    t.is(await store.resumeRun(asked), 'ticket-used')
    const again = { ...asked, counter: 4, runTokenSha256: hash('5'), nextTicketSha256: hash('6') }
    t.like(await store.resumeRun(again), { identityKey: 'key-2' })
    t.is(await store.useRunToken(asked.runTokenSha256, 5, startMs), 'unknown-token')
    t.like(await store.useRunToken(hash('5'), 5, startMs), { state: 'running' })
    t.is(await store.resumeRun({ ...asked, ticketSha256: asked.nextTicketSha256, counter: 6 }), 'not-found')
  })
}

function eventTests(open: OpenSite): void {
  test('I1, I2, I3: events are kept once, in order; what was sent twice is skipped and a gap is refused', async (t) => {
    const { store, reopen } = await open(t)
    const { run } = await started(store, newRun())
    t.deepEqual(await store.addEvents(run.id, events(1, 3), startMs), { acknowledged: 3 })
    t.deepEqual(await store.addEvents(run.id, events(1, 3), startMs), { acknowledged: 3 })
    t.deepEqual(await store.addEvents(run.id, events(2, 5), startMs + 1), { acknowledged: 5 })
    t.is(await store.addEvents(run.id, events(7, 8), startMs), 'event-gap')
    t.is(await store.addEvents(run.id, [event(6), event(8)], startMs), 'event-gap')
    t.deepEqual(await store.addEvents(run.id, [], startMs), { acknowledged: 5 })
    const again = await reopen()
    const kept = await again.runEvents(run.id, 0, 100)
    t.deepEqual(
      kept.map((one) => one.event),
      [...events(1, 5)],
    )
    t.deepEqual(
      kept.map((one) => one.receivedAtMs - startMs),
      [0, 0, 0, 1, 1],
    )
    t.is((await again.getRun(run.id))?.acknowledged, 5)
    const third = kept[2]?.seq ?? 0
    t.deepEqual(await again.runEvents(run.id, third, 1), kept.slice(3, 4))
  })

  const outcomes: readonly (readonly [RunOutcome, string])[] = [
    [{ kind: 'succeeded' }, 'succeeded'],
    [{ kind: 'failed', path: [0], exitCode: 5, message: 'no disk' }, 'failed'],
  ]
  for (const [outcome, state] of outcomes) {
    test(`I10: a run that reports its end has ${state}; its last report may be repeated for a while`, async (t) => {
      const { store } = await open(t)
      const { run, runTokenSha256 } = await started(store, newRun())
      const last = [event(1), event(2, { kind: 'sequence-ended', outcome })]
      await store.addEvents(run.id, last, startMs + 7)
      t.like(await store.getRun(run.id), { state, endedAtMs: startMs + 7, acknowledged: 2 })
      t.like(await store.useRunToken(runTokenSha256, 1, startMs + minute), { state })
      t.deepEqual(await store.addEvents(run.id, last, startMs + minute), { acknowledged: 2 })
      t.is(await store.useRunToken(runTokenSha256, 2, startMs + 11 * minute), 'run-ended')
      t.is(await store.peekRunToken(runTokenSha256, startMs + 8), undefined)
      t.is(await store.resumeRun(resume(newRun())), 'run-ended')
    })
  }
}

async function started(store: Pick<AgentStore, 'startRun'>, start: NewRun): Promise<NewRun> {
  await store.startRun(start)
  return start
}

const resume = (start: NewRun): ResumeRun => ({
  runId: start.run.id,
  ticketSha256: start.resumeTicketSha256,
  identityKey: 'key-2',
  runTokenSha256: hash('d'),
  nextTicketSha256: hash('e'),
  counter: 3,
  nowMs: startMs,
  idleMs: 15 * minute,
  expiresAtMs: startMs + 8 * 60 * minute,
})
