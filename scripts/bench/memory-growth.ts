/** Whether a server's memory grows while it is measured. */

import type { Figures } from './load-result.ts'
import { anonymousKilobytes, type Measured } from './process-tree.ts'

const looksEveryMs = 250

/** The least of the middle third beside the least of the last: what is free again after a moment is no growth. */
export class MemoryGrowth {
  readonly #server: Measured | undefined
  readonly #seen: number[] = []
  #nextMs = 0

  constructor(server: Measured | undefined) {
    this.#server = server
  }

  turn(nowMs: number): void {
    if (nowMs < this.#nextMs || this.#server === undefined) return
    this.#nextMs = nowMs + looksEveryMs
    this.#seen.push(anonymousKilobytes(this.#server))
  }

  figures(): Figures {
    const third = Math.floor(this.#seen.length / 3)
    if (third === 0) return {}
    return { growth: Math.min(...this.#seen.slice(-third)) / Math.min(...this.#seen.slice(third, 2 * third)) }
  }
}
