/** Asks each part of the server every two seconds what it has counted, and tells how busy the server is (contract/server-load.ts). */

import type { ServerLoad } from '../contract/server-load.ts'
import { loadBetween } from './load-between.ts'
import type { Reading } from './reading.ts'

export const measureEveryMs = 2_000
/** A minute of them. */
const readingsKept = 30

interface TakenReading {
  readonly atMs: number
  readonly reading: Reading
}

export class LoadMeter {
  readonly #parts: (() => Reading)[] = []
  readonly #listeners = new Set<(load: ServerLoad) => void>()
  #taken: readonly TakenReading[] = []

  add(part: () => Reading): void {
    this.#parts.push(part)
  }

  onLoad(listener: (load: ServerLoad) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** The first one has nothing to be compared with, and tells nobody. */
  measure(nowMs: number): void {
    const now = this.#parts.reduce<Reading>((all, part) => ({ ...all, ...part() }), {})
    const before = this.#taken.at(-1)
    const oldest = this.#taken[0]
    this.#taken = [...this.#taken.slice(1 - readingsKept), { atMs: nowMs, reading: now }]
    if (before === undefined || oldest === undefined || nowMs <= before.atMs) return
    const seconds = (nowMs - before.atMs) / 1_000
    const load = loadBetween({ oldest: oldest.reading, before: before.reading, now, seconds })
    for (const listener of this.#listeners) listener(load)
  }
}
