/** What every store must do for runs in debug mode: keep commands and state, show variables, and not count time that is held. */

import test from 'ava'
import type { RunEventBody } from '../../server/contract/agent.ts'
import type { DebugCommand } from '../../server/sequence/debug.ts'
import type { Store } from '../../server/store/ports.ts'
import { type OpenSite, startMs } from './open-test-store.ts'
import { collection, device, event, newRun, runId, saved, startedRun } from './site-builders.ts'

const minute = 60_000
const id = runId('a')
const attached: RunEventBody = { kind: 'debugger-attached', opens: 'before-steps' }
const held: RunEventBody = { kind: 'debugger-paused', path: [0], name: 'One', number: 1, reason: 'before-step' }
const taken = (number: number): RunEventBody => ({ kind: 'debugger-command', number, command: { kind: 'step' } })
const given = (command: DebugCommand = { kind: 'step' }) => ({
  runId: id,
  command,
  givenBy: 'admin',
  givenAtMs: startMs,
})

/** Each call is a report of its own. */
function reporter(store: Store) {
  let sequence = 0
  return async (atMs: number, ...bodies: readonly RunEventBody[]): Promise<void> => {
    const events = bodies.map((body) => event(++sequence, body))
    await store.addEvents(id, events, atMs)
  }
}

export function debuggerSuite(open: OpenSite): void {
  commandTests(open)
  variableTests(open)
  timeTests(open)
  collectionTests(open)
}

function commandTests(open: OpenSite): void {
  test('S1-101: commands are kept in their order until the machine has taken them, also over a restart', async (t) => {
    const { store, reopen } = await open(t)
    await startedRun(store)
    await reporter(store)(startMs, attached, held)
    const path = [0, 1]
    t.deepEqual(await store.addDebugCommand(given({ kind: 'set-break', path })), {
      ...given({ kind: 'set-break', path }),
      number: 1,
    })
    t.like(await store.addDebugCommand(given()), { number: 2 })
    t.like(await store.nextDebugCommand(id, 0), { number: 1, command: { kind: 'set-break', path } })
    // Asked again it is the same: the machine may have lost the answer.
    t.like(await store.nextDebugCommand(id, 0), { number: 1 })
    const again = await reopen()
    t.like(await again.nextDebugCommand(id, 1), { number: 2 })
    t.is(await again.nextDebugCommand(id, 2), undefined)
    t.is(await again.nextDebugCommand(runId('b'), 0), undefined)
    t.deepEqual(
      (await again.debuggedRun(id))?.waiting.map(({ number }) => number),
      [1, 2],
    )
    await again.addEvents(id, [event(3, taken(1))], startMs)
    const { state, waiting } = (await again.debuggedRun(id)) ?? {}
    t.deepEqual(
      waiting?.map(({ number }) => number),
      [2],
    )
    t.like(state, { taken: 1, standing: { kind: 'going-on' } })
    t.like(await again.addDebugCommand(given()), { number: 3 })
  })

  test('S1-100 S1-101: commands are for runs that are debugged, have not ended, and not for a debugger that has quit', async (t) => {
    const { store } = await open(t)
    t.is(await store.addDebugCommand(given()), 'not-debugged')
    await startedRun(store)
    const report = reporter(store)
    await report(startMs, { kind: 'sequence-started' })
    t.is(await store.addDebugCommand(given()), 'not-debugged')
    t.is(await store.debuggedRun(id), undefined)
    await report(startMs, attached)
    t.like(await store.addDebugCommand(given()), { number: 1 })
    await report(startMs, held, { kind: 'debugger-command', number: 1, command: { kind: 'quit' } })
    t.is(await store.addDebugCommand(given()), 'quit')
    await report(startMs, { kind: 'sequence-ended', outcome: { kind: 'succeeded' } })
    t.is(await store.addDebugCommand(given()), 'run-ended')
  })

  test('a hundred commands may wait for one machine', async (t) => {
    const { store } = await open(t)
    await startedRun(store)
    await reporter(store)(startMs, attached, held)
    const answers = await Promise.all(Array.from({ length: 101 }, () => store.addDebugCommand(given())))
    t.deepEqual(answers.map((answer) => (typeof answer === 'string' ? answer : answer.number)).slice(-2), [
      100,
      'too-many',
    ])
    await store.addEvents(id, [event(3, taken(1))], startMs)
    t.like(await store.addDebugCommand(given()), { number: 101 })
  })
}

function variableTests(open: OpenSite): void {
  test('S1-102: variables are those of the last report, without the values of secrets', async (t) => {
    const { store } = await open(t)
    await startedRun(store)
    const report = reporter(store)
    const changed = (...variables: readonly (readonly [string, string, boolean?])[]): RunEventBody => ({
      kind: 'variables-changed',
      variables: variables.map(([name, value, secret = false]) => ({ name, value, secret })),
    })
    // What is told before the run is known to be debugged is told again.
    await report(startMs, changed(['Early', '1']))
    await report(
      startMs,
      attached,
      changed(['Site', 'A'], ['Gone', 'x'], ['Password', '***', true], ['Leaked', 'x', true]),
    )
    await report(startMs, changed(['SITE', 'B'], ['gone', '']))
    t.deepEqual((await store.debuggedRun(id))?.variables, [
      { name: 'Leaked', value: '***', secret: true },
      { name: 'Password', value: '***', secret: true },
      { name: 'SITE', value: 'B', secret: false },
    ])
  })
}

function timeTests(open: OpenSite): void {
  test('S1-078 S1-101: time that the debugger holds a run is none of its maximum run time', async (t) => {
    const { store } = await open(t)
    const start = newRun()
    const runTime = { endsAtMs: startMs + 10 * minute, whenUp: 'stop' } as const
    await startedRun(store, { ...start, run: { ...start.run, runTime } })
    const report = reporter(store)
    const stoppedAt = async (minutes: number) => (await store.endOverdueRuns(startMs + minutes * minute)).stopped
    await report(startMs + 2 * minute, attached, held)
    t.deepEqual(await stoppedAt(500), [])
    await report(startMs + 7 * minute, taken(1), held)
    await report(startMs + 12 * minute, taken(2))
    t.deepEqual(await stoppedAt(19), [])
    await report(startMs + 18 * minute, held)
    await report(startMs + 19 * minute, taken(3))
    t.deepEqual(await stoppedAt(20), [])
    t.deepEqual(await stoppedAt(21), [id])
  })
}

function collectionTests(open: OpenSite): void {
  test('S1-100: a collection with TSDebugMode has at most ten members', async (t) => {
    const { store } = await open(t)
    const members = []
    for (let number = 1; number <= 11; number += 1) {
      members.push(saved(await store.devices.create(device({ name: `PC-${number}`, macAddresses: [] }))).id)
    }
    const variables = [{ name: 'tsDebugMode', value: 'true', secret: false }]
    const lab = collection({ directMembers: members.slice(0, 10), variables })
    const kept = saved(await store.collections.create(lab))
    const reason = `TSDebugMode is for collections of at most 10 members, and ${lab.name} has 11`
    const larger = { ...kept, directMembers: members }
    t.deepEqual(await store.collections.replace(kept.id, larger, undefined), { kind: 'refused', reason })
    const calm = { ...larger, variables: [{ name: 'TSDebugMode', value: 'FALSE', secret: false }] }
    saved(await store.collections.replace(kept.id, calm, undefined))
    t.deepEqual(await store.collections.replace(kept.id, larger, undefined), { kind: 'refused', reason })
    // An error opens the debugger on few machines, however many there are.
    const onError = { ...larger, variables: [{ name: 'TSDebugOnError', value: 'TRUE', secret: false }] }
    saved(await store.collections.replace(kept.id, onError, undefined))
    const [all] = await store.collections.list()
    if (all === undefined) return t.fail('there are built-in collections')
    const refusal = await store.collections.replace(all.id, { ...all, variables }, undefined)
    return t.regex(refusal.kind === 'refused' ? refusal.reason : '', /built in, with any number of them$/)
  })
}
