/** Waits between tries: doubling up to a bound, with jitter, so that a thousand machines do not return at once. */

import { setTimeout as sleep } from 'node:timers/promises'

export interface BackOff {
  readonly firstMs: number
  readonly mostMs: number
}

/** A server that restarts is back in seconds; half a minute at most keeps a machine from waiting for nothing. */
export const serverBackOff: BackOff = { firstMs: 1_000, mostMs: 30_000 }

/** `random` is from 0 to 1; the wait is between half and all of the doubled step. */
export function backOffMs(backOff: BackOff, failures: number, random: number): number {
  const step = Math.min(backOff.mostMs, backOff.firstMs * 2 ** Math.min(failures - 1, 20))
  return Math.round(step * (0.5 + random / 2))
}

/** Returns early, without an error, when the signal fires. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {})
}
