/** Asks again and again until something is there. It ends in time, and the error says what was awaited and what was seen last. */

import { setTimeout as pause } from 'node:timers/promises'

/** Undefined: not yet. What it `saw` instead stands in the error; what it throws ends the wait at once. */
export type Look<T> = (saw: (value: unknown) => void) => T | undefined | Promise<T | undefined>

export interface Patience {
  readonly withinMs: number
  readonly everyMs?: number
}

export async function waitFor<T>(what: string, look: Look<T>, { withinMs, everyMs = 20 }: Patience): Promise<T> {
  const endsAtMs = performance.now() + withinMs
  let last: unknown
  for (;;) {
    const found = await look((value) => (last = value))
    if (found !== undefined) return found
    if (performance.now() > endsAtMs) break
    await pause(everyMs)
  }
  const seen = typeof last === 'string' ? last : JSON.stringify(last)
  throw new Error(`waited ${withinMs / 1_000} s in vain for ${what}${seen === undefined ? '' : `; last seen: ${seen}`}`)
}

/** The same for what is so or not. */
export async function waitUntil(
  what: string,
  isSo: (saw: (value: unknown) => void) => boolean | Promise<boolean>,
  patience: Patience,
): Promise<void> {
  await waitFor(what, async (saw) => ((await isSo(saw)) ? true : undefined), patience)
}
