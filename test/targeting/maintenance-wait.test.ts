/** Whether a client waits for one of its maintenance windows, and whether it waits in vain. */

import test from 'ava'
import type { MaintenanceWindow } from '../../server/site/maintenance-window.ts'
import { waitForWindow, type WaitingClient } from '../../server/targeting/maintenance-wait.ts'
import { hour, now } from '../support/boot-fixtures.ts'

const window = (fields: Partial<MaintenanceWindow> = {}): MaintenanceWindow => ({
  name: 'Nights',
  enabled: true,
  appliesTo: 'any-deployment',
  durationMinutes: 240,
  clock: 'utc',
  startWallMs: now + hour,
  recurrence: { kind: 'once' },
  ...fields,
})
const client = (windows: readonly MaintenanceWindow[], fields: Partial<WaitingClient> = {}): WaitingClient => ({
  windows,
  utcOffsetMinutes: 0,
  nowMs: now,
  maximumRunMinutes: 120,
  ...fields,
})

test('S9-016: a client without windows, or in one with room, need not wait', (t) => {
  t.is(waitForWindow(client([])), undefined)
  t.is(waitForWindow(client([window({ enabled: false })])), undefined)
  t.is(waitForWindow(client([window()], { nowMs: now + 2 * hour })), undefined)
})

test('S9-016: it waits for the next window that is long enough, in vain when none is or none comes any more', (t) => {
  t.like(waitForWindow(client([window()])), {
    reason: 'it waits for a maintenance window, in 1 h 0 min',
    isForever: false,
  })
  t.like(waitForWindow(client([window({ durationMinutes: 119 })])), { isForever: true })
  const over = { reason: 'no maintenance window of this device is still to come', isForever: true }
  t.deepEqual(waitForWindow(client([window()], { nowMs: now + 4 * hour })), over)
  t.deepEqual(waitForWindow(client([window()], { nowMs: now + 400 * hour })), over, 'a window of long ago is still one')
})
