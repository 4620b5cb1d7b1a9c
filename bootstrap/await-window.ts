/**
 * A run that began outside of every maintenance window waits with its restart of the installed system until one is open (S9-017).
 * It is looked at every minute, because a clock may be set and a machine may sleep.
 */

import type { WindowSpan } from '../server/site/maximum-run-time.ts'
import { nextOpenAtMs } from '../server/targeting/restart-windows.ts'
import { pause } from './back-off.ts'

export interface AwaitedWindow {
  readonly spans: readonly WindowSpan[]
  readonly say: (text: string) => void
  /** Fires when the run may not go on. */
  readonly signal: AbortSignal
}

const lookAgainMs = 60_000

/** Says once for each window that is awaited until when it waits. */
export async function awaitWindow({ spans, say, signal }: AwaitedWindow): Promise<void> {
  let said: number | undefined
  while (!signal.aborted) {
    const nowMs = Date.now()
    const atMs = nextOpenAtMs(spans, nowMs)
    if (atMs === undefined || atMs <= nowMs) return
    if (atMs !== said) say(`This machine has to restart, and waits for its maintenance window at ${printTime(atMs)}.`)
    said = atMs
    await pause(Math.min(atMs - nowMs, lookAgainMs), signal)
  }
}

function printTime(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
