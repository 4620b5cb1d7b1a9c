/**
 * "Maximum allowed run time" of a task sequence (S1-078): how long a run is monitored, whether it may begin in a maintenance
 * window, and what happens when its time is up. Pure; windows are given as spans of time, wherever they come from.
 */

import type { Door } from './door.ts'

/** 0 is counted as twelve hours for monitoring. */
export const countedForZeroMinutes = 720

/** Minutes after which a run is no longer monitored. */
export function monitoredMinutes(maximumRunMinutes: number): number {
  return maximumRunMinutes === 0 ? countedForZeroMinutes : maximumRunMinutes
}

export interface WindowSpan {
  readonly startsAtMs: number
  /** The first instant that is not in it. */
  readonly endsAtMs: number
}

export interface PlannedStart {
  readonly nowMs: number
  readonly maximumRunMinutes: number
  /** What a user is shown before the start; it passes inside the window. */
  readonly countdownMs: number
}

export type WindowVerdict =
  | { readonly kind: 'start' }
  /** `atMs` absent: windows are long enough, but none of those given is still to come. */
  | { readonly kind: 'wait'; readonly atMs?: number }
  /** No window is long enough, so that it never starts. */
  | { readonly kind: 'never' }

/** `windows` are all of the machine's, past ones too: their length tells whether it can ever start. None: no restriction. */
export function startInMaintenanceWindow(windows: readonly WindowSpan[], start: PlannedStart): WindowVerdict {
  if (windows.length === 0) return { kind: 'start' }
  const { nowMs } = start
  // With 0 it may overrun: only the countdown must fit.
  const neededMs = start.countdownMs + start.maximumRunMinutes * 60_000
  const long = windows.filter(({ startsAtMs, endsAtMs }) => endsAtMs > startsAtMs && endsAtMs - startsAtMs >= neededMs)
  if (long.length === 0) return { kind: 'never' }
  const hasRoom = ({ startsAtMs, endsAtMs }: WindowSpan): boolean =>
    startsAtMs <= nowMs && nowMs < endsAtMs && endsAtMs - nowMs >= neededMs
  if (long.some(hasRoom)) return { kind: 'start' }
  const coming = long.map(({ startsAtMs }) => startsAtMs).filter((startsAtMs) => startsAtMs > nowMs)
  return coming.length === 0 ? { kind: 'wait' } : { kind: 'wait', atMs: Math.min(...coming) }
}

export interface OverdueRun {
  /** Required, or preferred, which acts as required (S6-041). */
  readonly required: boolean
  readonly userInteracts: boolean
  readonly startedFrom: Door
}

export type WhenTimeIsUp = 'stop' | 'end-monitoring'

/**
 * It is the client that stops a sequence, and the client is in the installed system: a run that began over the network or from a
 * medium has none around it, and stopping it half-way would leave a machine without a system.
 */
export function whenRunTimeIsUp({ required, userInteracts, startedFrom }: OverdueRun): WhenTimeIsUp {
  return required && !userInteracts && startedFrom === 'client' ? 'stop' : 'end-monitoring'
}
