/**
 * When a run may restart the installed system of its client (S9-017): in a maintenance window, unless its deployment lets it restart
 * outside. A run that begins in a window restarts as it needs to, past the end of the window too (S9-016); so does one whose
 * windows are all over, which would otherwise wait for ever. What is told are instants, because a run has no other clock.
 */

import type { DeploymentOptions } from '../site/deployment-options.ts'
import { windowSpans } from '../site/maintenance-window.ts'
import type { WindowSpan } from '../site/maximum-run-time.ts'
import type { OnClient } from './turn-on-client.ts'

/** Of nightly windows more than a month. */
export const restartWindowsMax = 50

/** Undefined: whenever it needs to. Else the next windows, in order. */
export function restartWindows(
  { systemRestartOutsideWindow }: Pick<DeploymentOptions, 'systemRestartOutsideWindow'>,
  { nowMs, maintenance }: Pick<OnClient, 'nowMs' | 'maintenance'>,
): readonly WindowSpan[] | undefined {
  if (systemRestartOutsideWindow || maintenance === undefined) return undefined
  const spans = windowSpans(maintenance.windows, { nowMs, utcOffsetMinutes: maintenance.utcOffsetMinutes })
  if (spans === undefined || spans.some((span) => isOpen(span, nowMs))) return undefined
  const coming = spans.filter(({ startsAtMs }) => startsAtMs > nowMs).slice(0, restartWindowsMax)
  return coming.length === 0 ? undefined : coming
}

/** When the next of them is open: now, later, or undefined when all are over. */
export function nextOpenAtMs(spans: readonly WindowSpan[], nowMs: number): number | undefined {
  if (spans.some((span) => isOpen(span, nowMs))) return nowMs
  const coming = spans.map(({ startsAtMs }) => startsAtMs).filter((startsAtMs) => startsAtMs > nowMs)
  return coming.length === 0 ? undefined : Math.min(...coming)
}

function isOpen({ startsAtMs, endsAtMs }: WindowSpan, nowMs: number): boolean {
  return startsAtMs <= nowMs && nowMs < endsAtMs
}
