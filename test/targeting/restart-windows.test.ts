/** When a run may restart the installed system of its client (S9-016, S9-017). */

import test from 'ava'
import * as fc from 'fast-check'
import type { MaintenanceWindow } from '../../server/site/maintenance-window.ts'
import { nextOpenAtMs, restartWindows, restartWindowsMax } from '../../server/targeting/restart-windows.ts'
import { hour, now } from '../support/boot-fixtures.ts'

const inside = { systemRestartOutsideWindow: false }

const window = (startInHours: number, change: Partial<MaintenanceWindow> = {}): MaintenanceWindow => ({
  name: 'W',
  enabled: true,
  appliesTo: 'any-deployment',
  startWallMs: now + startInHours * hour,
  durationMinutes: 120,
  clock: 'utc',
  recurrence: { kind: 'once' },
  ...change,
})
const daily = { recurrence: { kind: 'interval', minutes: 1_440 } } as const
const at = (...windows: readonly MaintenanceWindow[]) => ({ nowMs: now, maintenance: { windows, utcOffsetMinutes: 0 } })

test('S9-017: a run that begins outside of every window restarts in the next ones alone', (t) => {
  t.deepEqual(restartWindows(inside, at(window(3))), [{ startsAtMs: now + 3 * hour, endsAtMs: now + 5 * hour }])
  t.is(restartWindows(inside, at(window(3, daily)))?.length, restartWindowsMax)
})

test('S9-017: unless its deployment lets it restart outside', (t) => {
  t.is(restartWindows({ systemRestartOutsideWindow: true }, at(window(3))), undefined)
})

test('S9-016: one that begins in a window restarts as it needs to', (t) => {
  t.is(restartWindows(inside, at(window(3), window(-1))), undefined)
})

test('S9-017: where no window is, or is still to come, nothing is waited for', (t) => {
  t.is(restartWindows(inside, at()), undefined)
  t.is(restartWindows(inside, at(window(-5))), undefined)
  t.is(restartWindows(inside, at(window(3, { appliesTo: 'software-updates' }))), undefined)
})

test('S9-017, property: whoever waits as long as he is told finds a window open, and never sooner', (t) => {
  const windows = fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(windows, (starts) => {
      const spans = restartWindows(inside, at(...starts.map((hours) => window(hours))))
      if (spans === undefined) return
      const opensAtMs = nextOpenAtMs(spans, now) ?? 0
      t.true(opensAtMs > now)
      t.is(nextOpenAtMs(spans, opensAtMs), opensAtMs)
      t.is(nextOpenAtMs(spans, opensAtMs - 1), opensAtMs)
      const last = spans.at(-1)?.endsAtMs ?? 0
      t.is(nextOpenAtMs(spans, last), undefined)
    }),
  )
})
