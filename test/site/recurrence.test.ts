/** Schedules against a plain walk over the calendar of JavaScript, day by day. */

import test from 'ava'
import * as fc from 'fast-check'
import { dayMs, minuteMs, occurrencesBetween, type Recurrence, type Weekday } from '../../server/site/recurrence.ts'

const weekday = fc.integer({ min: 0, max: 6 }).map((number) => number as Weekday)
const every = fc.integer({ min: 1, max: 5 })
const byDay: fc.Arbitrary<Recurrence> = fc.oneof(
  fc.record({
    kind: fc.constant('weekly' as const),
    everyWeeks: every,
    weekdays: fc.uniqueArray(weekday, { minLength: 1 }),
  }),
  fc.record({
    kind: fc.constant('monthly-by-date' as const),
    everyMonths: every,
    day: fc.oneof(fc.integer({ min: 1, max: 31 }), fc.constant('last' as const)),
  }),
  fc.record({
    kind: fc.constant('monthly-by-weekday' as const),
    everyMonths: every,
    week: fc.constantFrom(1, 2, 3, 4, 'last' as const) as fc.Arbitrary<1 | 2 | 3 | 4 | 'last'>,
    weekday,
  }),
)

const midnight = (wallMs: number) => Math.floor(wallMs / dayMs) * dayMs
const monthOf = (date: Date) => date.getUTCFullYear() * 12 + date.getUTCMonth()

function isOn(dayAtMs: number, startMs: number, recurrence: Recurrence): boolean {
  const date = new Date(dayAtMs)
  const start = new Date(midnight(startMs))
  const isLastOf = (days: number) => new Date(dayAtMs + days * dayMs).getUTCMonth() !== date.getUTCMonth()
  switch (recurrence.kind) {
    case 'weekly': {
      const sunday = start.getTime() - start.getUTCDay() * dayMs
      const weeks = Math.floor((dayAtMs - sunday) / (7 * dayMs))
      return weeks % recurrence.everyWeeks === 0 && recurrence.weekdays.some((day) => day === date.getUTCDay())
    }
    case 'monthly-by-date':
      if ((monthOf(date) - monthOf(start)) % recurrence.everyMonths !== 0) return false
      return recurrence.day === 'last' ? isLastOf(1) : date.getUTCDate() === recurrence.day
    case 'monthly-by-weekday':
      if ((monthOf(date) - monthOf(start)) % recurrence.everyMonths !== 0) return false
      if (date.getUTCDay() !== recurrence.weekday) return false
      return recurrence.week === 'last' ? isLastOf(7) : Math.floor((date.getUTCDate() - 1) / 7) + 1 === recurrence.week
    default:
      return false
  }
}

test('S9-014, property: weekly and monthly schedules fall on the days that a calendar shows', (t) => {
  const start = fc.integer({ min: Date.UTC(1999, 0), max: Date.UTC(2101, 0) })
  fc.assert(
    fc.property(
      start,
      byDay,
      fc.integer({ min: -50, max: 400 }),
      fc.integer({ min: 1, max: 200 }),
      (startWallMs, recurrence, skip, days) => {
        const from = startWallMs + skip * dayMs
        const expected: number[] = []
        for (let day = midnight(from); day < from + days * dayMs; day += dayMs) {
          const atMs = day + (startWallMs - midnight(startWallMs))
          const isInside = atMs >= Math.max(from, startWallMs) && atMs < from + days * dayMs
          if (isInside && isOn(day, startWallMs, recurrence)) expected.push(atMs)
        }
        t.deepEqual(occurrencesBetween({ startWallMs, recurrence }, from, from + days * dayMs), expected)
      },
    ),
    { numRuns: 500 },
  )
})

const start = Date.UTC(2026, 0, 31, 2)

test('a day that a month does not have is left out, and the last one is there in every month', (t) => {
  const year = (recurrence: Recurrence) =>
    occurrencesBetween({ startWallMs: start, recurrence }, start, start + 365 * dayMs).map((atMs) =>
      new Date(atMs).toISOString().slice(0, 10),
    )
  t.deepEqual(year({ kind: 'monthly-by-date', everyMonths: 1, day: 31 }), [
    '2026-01-31',
    '2026-03-31',
    '2026-05-31',
    '2026-07-31',
    '2026-08-31',
    '2026-10-31',
    '2026-12-31',
  ])
  t.is(year({ kind: 'monthly-by-date', everyMonths: 1, day: 'last' }).length, 12)
})

test('an interval counts from the start, and once is once', (t) => {
  const recurrence = { kind: 'interval', minutes: 90 } as const
  t.deepEqual(
    occurrencesBetween({ startWallMs: start, recurrence }, start + 1, start + 181 * minuteMs).map(
      (atMs) => (atMs - start) / minuteMs,
    ),
    [90, 180],
  )
  const once = { startWallMs: start, recurrence: { kind: 'once' } } as const
  t.deepEqual(occurrencesBetween(once, start, start + 1), [start])
  t.deepEqual(occurrencesBetween(once, start + 1, start + dayMs), [])
  t.deepEqual(occurrencesBetween(once, start - dayMs, start), [])
})

test('a question about ages is answered in bounded time', (t) => {
  const recurrence = { kind: 'interval', minutes: 1 } as const
  t.is(occurrencesBetween({ startWallMs: 0, recurrence }, 0, start).length, 50_000)
})
