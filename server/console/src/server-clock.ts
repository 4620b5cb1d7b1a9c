/**
 * The server's time as this page believes it: corrected by each frame that tells it, ticking once a second for whatever
 * shows a time. Only the small texts that show one are drawn again by a tick.
 */

import { useSyncExternalStore } from 'react'

const tickMs = 1_000
const listeners = new Set<() => void>()
let aheadMs = 0
let nowMs = Date.now()
let timer: number | undefined

/** How far the server's clock is ahead of ours. */
export function setServerAhead(ms: number): void {
  aheadMs = ms
  tick()
}

/** The server's time, to the second. */
export function useServerNow(): number {
  return useSyncExternalStore(subscribe, () => nowMs)
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    timer = window.setInterval(tick, tickMs)
    nowMs = serverNow()
  }
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) clearInterval(timer)
  }
}

function tick(): void {
  nowMs = serverNow()
  for (const listener of listeners) listener()
}

function serverNow(): number {
  return Date.now() + aheadMs
}
