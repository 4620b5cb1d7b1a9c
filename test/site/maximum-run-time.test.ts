/** How long a task sequence may run: monitoring, maintenance windows, and the end of its time. */

import test from 'ava'
import * as fc from 'fast-check'
import {
  type WindowSpan,
  monitoredMinutes,
  startInMaintenanceWindow,
  type WindowVerdict,
  whenRunTimeIsUp,
} from '../../server/site/maximum-run-time.ts'

const minute = 60_000
const window = (from: number, to: number): WindowSpan => ({ startsAtMs: from * minute, endsAtMs: to * minute })

test('S1-078: for monitoring 0 counts as 720 minutes, and any other number as itself', (t) => {
  t.is(monitoredMinutes(0), 720)
  t.is(monitoredMinutes(120), 120)
  t.is(monitoredMinutes(1), 1)
})

const verdict = test.macro(
  (
    t,
    windows: readonly WindowSpan[],
    [maximumRunMinutes, nowMinute, countdownMinutes = 0]: readonly [number, number, number?],
    expected: WindowVerdict,
  ) => {
    const start = { nowMs: nowMinute * minute, maximumRunMinutes, countdownMs: countdownMinutes * minute }
    t.deepEqual(startInMaintenanceWindow(windows, start), expected)
  },
)

const start = { kind: 'start' } as const
const never = { kind: 'never' } as const
const waitUntil = (at: number) => ({ kind: 'wait', atMs: at * minute }) as const
const night = window(100, 220)

test('S1-078: without windows it starts at any time', verdict, [], [500, 7], start)
test('S1-078: it starts when what is left of the window is enough', verdict, [night], [120, 100], start)
test(
  'S1-078: a minute later it waits for the next one',
  verdict,
  [night, window(1_000, 1_200)],
  [120, 101],
  waitUntil(1_000),
)
test(
  'S1-078: the earliest that is long enough',
  verdict,
  [window(900, 1_100), window(500, 700), window(300, 310)],
  [120, 0],
  waitUntil(500),
)
test('S1-078: none is still to come', verdict, [night], [120, 300], { kind: 'wait' })
test('S1-078: longer than every window, it never starts', verdict, [night, window(300, 400)], [121, 100], never)
test('S1-078: with 0 it starts in the last minute, and may overrun', verdict, [night], [0, 219], start)
test('S1-078: with 0 it does not start outside', verdict, [night], [0, 99], waitUntil(100))
test('S1-078: the end of a window is not in it', verdict, [night, window(300, 301)], [0, 220], waitUntil(300))
test('S1-078: with 0 the countdown must fit', verdict, [night], [0, 211, 10], { kind: 'wait' })
test('S1-078: with 0 a countdown longer than every window never starts', verdict, [night], [0, 100, 121], never)
test('S1-078: otherwise countdown and run must fit', verdict, [night], [110, 100, 10], start)
test('S1-078: and never start when they cannot', verdict, [night], [111, 100, 10], never)
test('S1-078: a window without length lets nothing start', verdict, [window(5, 5)], [0, 5], never)

test('S1-078: what starts in a window ends in it, unless it is allowed 0 minutes', (t) => {
  const windows = fc.array(
    fc.record({ startsAtMs: fc.nat(5_000_000), lengthMs: fc.nat(5_000_000) }).map(({ startsAtMs, lengthMs }) => ({
      startsAtMs,
      endsAtMs: startsAtMs + lengthMs,
    })),
    { minLength: 1 },
  )
  fc.assert(
    fc.property(windows, fc.integer({ min: 1, max: 90 }), fc.nat(9_000_000), (given, maximumRunMinutes, nowMs) => {
      const answer = startInMaintenanceWindow(given, { nowMs, maximumRunMinutes, countdownMs: 0 })
      const endMs = nowMs + maximumRunMinutes * minute
      const fits = given.some(({ startsAtMs, endsAtMs }) => startsAtMs <= nowMs && endMs <= endsAtMs)
      return (answer.kind === 'start') === fits
    }),
  )
  t.pass()
})

test('S1-078: a required run without user interaction is stopped by its client; any other is only no longer monitored', (t) => {
  const run = { required: true, userInteracts: false, startedFrom: 'client' } as const
  t.is(whenRunTimeIsUp(run), 'stop')
  t.is(whenRunTimeIsUp({ ...run, userInteracts: true }), 'end-monitoring')
  t.is(whenRunTimeIsUp({ ...run, required: false }), 'end-monitoring')
  // No client is around a run that began over the network or from a medium.
  t.is(whenRunTimeIsUp({ ...run, startedFrom: 'pxe' }), 'end-monitoring')
  t.is(whenRunTimeIsUp({ ...run, startedFrom: 'media' }), 'end-monitoring')
})
