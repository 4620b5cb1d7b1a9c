/** How many transfers each address has under way that showed that it receives them: one source must leave room for others. */

import type { Ipv4Address } from '../address/ipv4-address.ts'

/** Three hundred machines behind one address translator take turns; a single machine loads a few files at once. */
const transfersOfSourceMax = 256

export class TransfersOfSources {
  readonly #counts = new Map<Ipv4Address, number>()

  isFull(source: Ipv4Address): boolean {
    return (this.#counts.get(source) ?? 0) >= transfersOfSourceMax
  }

  began(source: Ipv4Address): void {
    this.#counts.set(source, (this.#counts.get(source) ?? 0) + 1)
  }

  ended(source: Ipv4Address): void {
    const left = (this.#counts.get(source) ?? 0) - 1
    if (left > 0) this.#counts.set(source, left)
    else this.#counts.delete(source)
  }
}
