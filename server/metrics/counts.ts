/**
 * Counts by name. One more costs an addition and one look into a map of a few names; a counter of Prometheus would put its labels
 * together, check and hash them each time, which takes as long as reading a packet.
 */

interface Count {
  value: number
}

export class Counts {
  readonly #counts = new Map<string, Count>()

  add(name: string): void {
    const count = this.#counts.get(name)
    if (count === undefined) this.#counts.set(name, { value: 1 })
    else count.value += 1
  }

  get(name: string): number {
    return this.#counts.get(name)?.value ?? 0
  }

  /** Of those that were counted at least once. */
  get values(): readonly (readonly [string, number])[] {
    return [...this.#counts].map(([name, { value }]) => [name, value])
  }
}
