/** When a required task sequence runs on a client, and when again. */

import test from 'ava'
import * as fc from 'fast-check'
import {
  type Assignment,
  type ClientNow,
  dueSince,
  isDue,
  type Occasion,
  type RerunBehaviour,
  rerunBehaviours,
} from '../../server/site/client-schedule.ts'
import { occurrencesBetween } from '../../server/site/recurrence.ts'

const hour = 3_600_000
const day = 24 * hour
const start = Date.UTC(2026, 10, 23, 2)
const daily: Assignment = { startWallMs: start, recurrence: { kind: 'interval', minutes: 1_440 }, clock: 'utc' }

const kindAt = (assignments: readonly Assignment[], now: Partial<ClientNow>, rerun: RerunBehaviour = 'always') =>
  isDue({ assignments, rerun }, { nowMs: start, utcOffsetMinutes: 0, availableAtMs: start - 30 * day, ...now })

test('S5-019: without a schedule it runs as soon as possible, and once', (t) => {
  t.deepEqual(kindAt([], {}), { kind: 'due' })
  t.deepEqual(kindAt([], { availableAtMs: start + hour }), { kind: 'not-yet', atMs: start + hour, occasions: [] })
  for (const startedAtMs of [start - 40 * day, start - hour]) {
    t.is(kindAt([], { lastRun: { startedAtMs, outcome: 'failed' } }).kind, 'no-more')
  }
})

test('S5-019, S5-025: with one it runs when it is due, and what was missed is made good', (t) => {
  t.deepEqual(kindAt([daily], { nowMs: start - 1 }), { kind: 'not-yet', atMs: start, occasions: [] })
  t.deepEqual(kindAt([daily], {}), { kind: 'due' })
  t.deepEqual(kindAt([daily], { nowMs: start + 23 * hour }), { kind: 'due' })
  const lastRun = { startedAtMs: start, outcome: 'succeeded' } as const
  t.deepEqual(kindAt([daily], { nowMs: start + hour, lastRun }), { kind: 'not-yet', atMs: start + day, occasions: [] })
  t.deepEqual(kindAt([daily], { nowMs: start + day, lastRun }), { kind: 'due' })
})

test('S5-019: the earliest of several, by the clock that is meant', (t) => {
  const local: Assignment = { ...daily, clock: 'local' }
  t.deepEqual(kindAt([daily, local], { nowMs: start - 2 * hour, utcOffsetMinutes: 60 }), {
    kind: 'not-yet',
    atMs: start - hour,
    occasions: [],
  })
})

test('S5-019: nothing is due before the deployment is available, nor when nothing is scheduled any more', (t) => {
  const once: Assignment = { ...daily, recurrence: { kind: 'once' } }
  t.deepEqual(kindAt([daily], { availableAtMs: start + hour, nowMs: start + hour }), {
    kind: 'not-yet',
    atMs: start + day,
    occasions: [],
  })
  t.is(kindAt([once], { availableAtMs: start + hour, nowMs: start + hour }).kind, 'no-more')
})

for (const [rerun, after] of [
  ['never', { succeeded: 'no-more', failed: 'no-more' }],
  ['always', { succeeded: 'due', failed: 'due' }],
  ['if-failed', { succeeded: 'no-more', failed: 'due' }],
  ['if-succeeded', { succeeded: 'due', failed: 'no-more' }],
] as const) {
  test(`S5-024: rerun behaviour ${rerun}`, (t) => {
    t.is(kindAt([daily], { nowMs: start + day }, rerun).kind, 'due', 'it has not run')
    for (const outcome of ['succeeded', 'failed'] as const) {
      t.is(
        kindAt([daily], { nowMs: start + day, lastRun: { startedAtMs: start, outcome } }, rerun).kind,
        after[outcome],
      )
    }
  })
}

test('S5-024, A5-06, property: nothing runs twice for one time of its schedule', (t) => {
  const minutes = fc.integer({ min: 15, max: 3_000 })
  const asked = fc.array(fc.integer({ min: 0, max: 20 * day }), { maxLength: 40 })
  fc.assert(
    fc.property(minutes, fc.constantFrom(...rerunBehaviours), asked, (every, rerun, times) => {
      const schedule: Assignment = { ...daily, recurrence: { kind: 'interval', minutes: every } }
      const turns = new Set<number>()
      let lastRun: ClientNow['lastRun']
      for (const atMs of times.toSorted((a, b) => a - b)) {
        const due = kindAt([schedule], { nowMs: start + atMs, lastRun }, rerun)
        if (due.kind !== 'due') continue
        const turn = Math.floor(atMs / (every * 60_000))
        t.false(turns.has(turn))
        turns.add(turn)
        lastRun = { startedAtMs: start + atMs, outcome: 'failed' }
      }
    }),
  )
})

test('S5-019, S5-023: an occasion is a time that nobody knows before', (t) => {
  const atOccasion = (now: Partial<ClientNow>, rerun: RerunBehaviour = 'always') =>
    isDue(
      { assignments: [], occasions: ['log-on', 'start-up'], rerun },
      { nowMs: start, utcOffsetMinutes: 0, availableAtMs: start - day, ...now },
    )
  const logOn = (atMs: number) => ({ happened: new Map<Occasion, number>([['log-on', atMs]]) })
  t.deepEqual(atOccasion({}), { kind: 'not-yet', occasions: ['log-on', 'start-up'] })
  t.deepEqual(atOccasion({ happened: new Map([['log-off', start]]) }).kind, 'not-yet')
  t.is(atOccasion(logOn(start - hour)).kind, 'due', 'what was missed is made good')
  t.is(atOccasion(logOn(start - 2 * day)).kind, 'not-yet', 'before it was available')
  const lastRun = { startedAtMs: start - hour, outcome: 'succeeded' } as const
  t.is(atOccasion({ ...logOn(start - 2 * hour), lastRun }).kind, 'not-yet')
  t.is(atOccasion({ ...logOn(start), lastRun }).kind, 'due')
  t.is(atOccasion({ ...logOn(start), lastRun }, 'if-failed').kind, 'no-more')
  t.is(atOccasion({ ...logOn(start), lastRun }, 'never').kind, 'no-more')
  const daily4 = { assignments: [daily], occasions: ['log-on' as const], rerun: 'always' as const }
  const now = { nowMs: start - hour, utcOffsetMinutes: 0, availableAtMs: start - day }
  t.deepEqual(isDue(daily4, now), { kind: 'not-yet', atMs: start, occasions: ['log-on'] })
})

test('S5-019, property: an occasion starts at most one run, and one that is not answered starts one', (t) => {
  const events = fc.array(fc.constantFrom('log-on', 'log-off', 'ask'), { maxLength: 60 })
  fc.assert(
    fc.property(events, fc.subarray(['log-on', 'log-off', 'start-up'] as const, { minLength: 1 }), (list, awaited) => {
      const happened = new Map<Occasion, number>()
      let lastRun: ClientNow['lastRun']
      let isOpen = false
      for (const [index, event] of [...list, 'ask'].entries()) {
        const nowMs = start + index
        if (event !== 'ask') {
          happened.set(event as Occasion, nowMs)
          isOpen ||= awaited.includes(event as Occasion)
          continue
        }
        const schedule = { assignments: [], occasions: awaited, rerun: 'always' } as const
        const due = isDue(schedule, { nowMs, utcOffsetMinutes: 0, availableAtMs: start, happened, lastRun })
        t.is(due.kind, isOpen ? 'due' : 'not-yet')
        if (due.kind === 'due') lastRun = { startedAtMs: nowMs, outcome: 'failed' }
        isOpen = false
      }
    }),
  )
})

test('S5-019: what begins in many years, or comes every five years, is still to come', (t) => {
  const far: Assignment = { ...daily, startWallMs: Date.UTC(2199, 0), recurrence: { kind: 'once' } }
  t.deepEqual(kindAt([far], {}), { kind: 'not-yet', atMs: far.startWallMs, occasions: [] })
  const rare: Assignment = { ...daily, recurrence: { kind: 'monthly-by-date', everyMonths: 60, day: 23 } }
  const lastRun = { startedAtMs: start, outcome: 'succeeded' } as const
  t.deepEqual(kindAt([rare], { nowMs: start + 1, lastRun }), {
    kind: 'not-yet',
    atMs: Date.UTC(2031, 10, 23, 2),
    occasions: [],
  })
})

const recurrences = fc.oneof(
  fc.constant({ kind: 'once' } as const),
  fc.record({ kind: fc.constant('interval' as const), minutes: fc.integer({ min: 15, max: 527_040 }) }),
  fc.record({
    kind: fc.constant('weekly' as const),
    everyWeeks: fc.integer({ min: 1, max: 52 }),
    weekdays: fc.uniqueArray(fc.constantFrom(0, 1, 2, 3, 4, 5, 6), { minLength: 1 }),
  }),
  fc.record({
    kind: fc.constant('monthly-by-date' as const),
    everyMonths: fc.integer({ min: 1, max: 60 }),
    day: fc.oneof(fc.integer({ min: 1, max: 31 }), fc.constant('last' as const)),
  }),
)

test('S5-019: the last time of a schedule is the latest of all within 400 days, however far back it is', (t) => {
  const assigned = fc.record({
    startWallMs: fc.integer({ min: -900, max: 30 }).map((days) => start + days * day),
    recurrence: recurrences,
  })
  fc.assert(
    fc.property(fc.array(assigned, { minLength: 1, maxLength: 3 }), fc.nat(60 * 24), (times, minutes) => {
      const assignments = times.map((time) => ({ ...time, clock: 'utc' as const }))
      const nowMs = start + minutes * 60_000
      const found = dueSince({ assignments }, { nowMs, utcOffsetMinutes: 0, availableAtMs: 0 })
      const all = assignments.flatMap((one) => occurrencesBetween(one, nowMs - 400 * day, nowMs + 1))
      return found === (all.length === 0 ? undefined : all.reduce((a, b) => Math.max(a, b)))
    }),
  )
  t.pass()
})

test('S5-018, S5-019: clocks that are put back, and a machine that travels, bring nothing a second time', (t) => {
  const single: Assignment = { startWallMs: start, recurrence: { kind: 'once' }, clock: 'local' }
  const nightly: Assignment = { ...daily, clock: 'local' }
  const lastRun = { startedAtMs: start - 2 * hour, outcome: 'succeeded' } as const
  const before = { utcOffsetMinutes: 120, nowMs: start - 2 * hour }
  for (const assignment of [single, nightly]) {
    t.is(kindAt([assignment], before).kind, 'due')
    t.not(kindAt([assignment], { ...before, lastRun }).kind, 'due')
    t.not(kindAt([assignment], { utcOffsetMinutes: 60, nowMs: start + hour, lastRun }).kind, 'due', 'summer ends')
  }
  const farWest = { utcOffsetMinutes: -720, nowMs: start + 20 * hour, lastRun }
  t.is(kindAt([single], farWest).kind, 'no-more')
  t.is(kindAt([nightly], { utcOffsetMinutes: 60, nowMs: start + 23 * hour, lastRun }).kind, 'due', 'the next night')
  const often: Assignment = { ...nightly, recurrence: { kind: 'interval', minutes: 30 } }
  t.is(kindAt([often], { utcOffsetMinutes: 120, nowMs: start - 1.5 * hour, lastRun }).kind, 'due')
})

test('S5-018, S5-019: of two times of its own clock that are near each other, each has its run', (t) => {
  const at = (startWallMs: number, recurrence: Assignment['recurrence']): Assignment => ({
    startWallMs,
    recurrence,
    clock: 'local',
  })
  const twice = (apartMs: number, recurrence: Assignment['recurrence']) => [
    at(start, recurrence),
    at(start + apartMs, recurrence),
  ]
  const lastRun = { startedAtMs: start, outcome: 'succeeded' } as const
  for (const [assignments, apartMs] of [
    [twice(2 * hour, daily.recurrence), 2 * hour],
    [twice(day, { kind: 'once' }), day],
  ] as const) {
    const secondMs = start + apartMs
    t.not(kindAt(assignments, { nowMs: secondMs - 1, lastRun }).kind, 'due')
    t.is(kindAt(assignments, { nowMs: secondMs, lastRun }).kind, 'due')
    const answered = { startedAtMs: secondMs, outcome: 'succeeded' } as const
    t.not(kindAt(assignments, { nowMs: secondMs + hour, lastRun: answered }).kind, 'due')
  }
  const singles = twice(2 * hour, { kind: 'once' })
  for (const laterMs of [2 * hour, 49 * hour, 60 * day]) {
    t.is(kindAt(singles, { nowMs: start + laterMs, lastRun }).kind, 'due', `${laterMs}`)
  }
})
