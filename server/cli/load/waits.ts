/** How long things took: percentiles of what was noted. */

export class Waits {
  readonly #values: number[] = []
  #sorted: Float64Array | undefined

  get count(): number {
    return this.#values.length
  }

  add(ms: number): void {
    this.#values.push(ms)
    this.#sorted = undefined
  }

  /** The least value that this part of all does not exceed, 1 being the longest; 0 when there are none. */
  percentile(part: number): number {
    this.#sorted ??= Float64Array.from(this.#values).sort()
    const last = this.#sorted.length - 1
    return this.#sorted[Math.max(0, Math.min(last, Math.ceil(part * (last + 1)) - 1))] ?? 0
  }
}
