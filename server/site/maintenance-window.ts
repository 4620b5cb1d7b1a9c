/**
 * Maintenance windows of collections (S9-014 to S9-018): when required task sequences may start on a client by themselves. All
 * windows of all collections of a machine count; a machine without any is always open. What a person starts, what starts in a
 * boot image (S9-019), and what has begun ignore them. Whether a run fits is maximum-run-time.ts.
 */

import type { WindowSpan } from './maximum-run-time.ts'
import { dayMs, lookAheadMs, minuteMs, occurrencesBetween, type Recurring } from './recurrence.ts'

export interface MaintenanceWindow extends Recurring {
  readonly name: string
  readonly enabled: boolean
  /** Of software updates alone, it is none for task sequences. */
  readonly appliesTo: 'any-deployment' | 'task-sequences' | 'software-updates'
  /** Less than a day (S9-014). */
  readonly durationMinutes: number
  /** The clock on the wall is UTC's, or the machine's own. */
  readonly clock: 'utc' | 'local'
}

export const windowMinutesMax = 24 * 60 - 1
/** Ours, of one collection. */
export const windowsMax = 50

export interface AtMachine {
  readonly nowMs: number
  /** Of the machine's own clock, as it told last. */
  readonly utcOffsetMinutes: number
}

/**
 * The spans of the windows that count for task sequences, from those that began yesterday on. S9-015: what overlaps, or
 * touches, is one. Undefined: no window counts, so that nothing is restricted.
 */
export function windowSpans(windows: readonly MaintenanceWindow[], at: AtMachine): readonly WindowSpan[] | undefined {
  const counted = windows.filter(({ enabled, appliesTo }) => enabled && appliesTo !== 'software-updates')
  if (counted.length === 0) return undefined
  return merge(counted.flatMap((window) => spansOf(window, at)))
}

function spansOf(window: MaintenanceWindow, { nowMs, utcOffsetMinutes }: AtMachine): readonly WindowSpan[] {
  const offsetMs = window.clock === 'local' ? utcOffsetMinutes * minuteMs : 0
  const wallMs = nowMs + offsetMs
  return occurrencesBetween(window, wallMs - dayMs, wallMs + lookAheadMs).map((atMs) => ({
    startsAtMs: atMs - offsetMs,
    endsAtMs: atMs - offsetMs + window.durationMinutes * minuteMs,
  }))
}

function merge(spans: readonly WindowSpan[]): readonly WindowSpan[] {
  const merged: { startsAtMs: number; endsAtMs: number }[] = []
  for (const { startsAtMs, endsAtMs } of spans.toSorted((a, b) => a.startsAtMs - b.startsAtMs)) {
    const last = merged.at(-1)
    if (last !== undefined && startsAtMs <= last.endsAtMs) last.endsAtMs = Math.max(last.endsAtMs, endsAtMs)
    else merged.push({ startsAtMs, endsAtMs })
  }
  return merged
}
