/** When a required task sequence may start on a client. */

import test from 'ava'
import { type MaintenanceWindow, windowSpans } from '../../server/site/maintenance-window.ts'
import { startInMaintenanceWindow, type WindowVerdict } from '../../server/site/maximum-run-time.ts'
import { dayMs, minuteMs } from '../../server/site/recurrence.ts'

const hour = 60 * minuteMs
const night = Date.UTC(2026, 10, 23, 2)

function window(changes: Partial<MaintenanceWindow> = {}): MaintenanceWindow {
  return {
    name: 'Nights',
    enabled: true,
    appliesTo: 'any-deployment',
    startWallMs: night,
    durationMinutes: 120,
    clock: 'utc',
    recurrence: { kind: 'interval', minutes: 24 * 60 },
    ...changes,
  }
}

/** What the site asks: the spans of the windows, then whether the run fits. */
function mayStartNow(windows: readonly MaintenanceWindow[], start: ReturnType<typeof at>): WindowVerdict {
  const spans = windowSpans(windows, start)
  return spans === undefined ? { kind: 'start' } : startInMaintenanceWindow(spans, { ...start, countdownMs: 0 })
}

const at = (nowMs: number, maximumRunMinutes = 60, utcOffsetMinutes = 0) => ({
  nowMs,
  maximumRunMinutes,
  utcOffsetMinutes,
})

test('S9-014: a machine without a window of its own is always open', (t) => {
  for (const windows of [[], [window({ enabled: false })], [window({ appliesTo: 'software-updates' })]]) {
    t.deepEqual(mayStartNow(windows, at(night + 12 * hour)), { kind: 'start' })
  }
})

test('S9-016: a sequence starts only when all the time that it may take fits into what is left of the window', (t) => {
  const nights = [window()]
  t.deepEqual(mayStartNow(nights, at(night)), { kind: 'start' })
  t.deepEqual(mayStartNow(nights, at(night + hour)), { kind: 'start' })
  const tomorrow = { kind: 'wait', atMs: night + dayMs }
  t.deepEqual(mayStartNow(nights, at(night + hour + 1)), tomorrow)
  t.deepEqual(mayStartNow(nights, at(night + 2 * hour)), tomorrow)
  t.deepEqual(mayStartNow(nights, at(night - 1)), { kind: 'wait', atMs: night })
})

test('S1-078: with 0 it may overrun its window, and what is longer than every window never starts', (t) => {
  t.deepEqual(mayStartNow([window()], at(night + 2 * hour - 1, 0)), { kind: 'start' })
  t.deepEqual(mayStartNow([window()], at(night, 121)), { kind: 'never' })
})

test('S9-015: windows that overlap are one, also of several collections and over midnight', (t) => {
  const overlapping = [
    window({ durationMinutes: 60 }),
    window({ startWallMs: night + 30 * minuteMs, durationMinutes: 60 }),
  ]
  t.deepEqual(mayStartNow(overlapping, at(night, 90)), { kind: 'start' })
  t.deepEqual(mayStartNow(overlapping, at(night, 91)), { kind: 'never' })
  const apart = [window({ durationMinutes: 60 }), window({ startWallMs: night + 61 * minuteMs, durationMinutes: 60 })]
  t.deepEqual(mayStartNow(apart, at(night, 61)), { kind: 'never' })
  const late = window({ startWallMs: night - 3 * hour, durationMinutes: 23 * 60 })
  t.deepEqual(mayStartNow([late], at(night + 10 * hour)), { kind: 'start' })
})

test('a window by the clock of the machine is at two in the morning where the machine is', (t) => {
  const local = [window({ clock: 'local' })]
  t.deepEqual(mayStartNow(local, at(night - 5 * hour, 60, 5 * 60)), { kind: 'start' })
  t.deepEqual(mayStartNow(local, at(night, 60, 5 * 60)), { kind: 'wait', atMs: night + 19 * hour })
})

test('a window that comes once a year is found', (t) => {
  const yearly = window({ recurrence: { kind: 'monthly-by-date', everyMonths: 12, day: 23 } })
  t.deepEqual(mayStartNow([yearly], at(night + dayMs)), { kind: 'wait', atMs: Date.UTC(2027, 10, 23, 2) })
})
