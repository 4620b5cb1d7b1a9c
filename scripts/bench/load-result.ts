/** What a load generator tells when it is done, as one line of JSON on its output. */

export interface LoadResult {
  /** Per second: megabytes, exchanges or requests. */
  readonly rate: number
  /** What was begun and did not end as it should: refused, cut. */
  readonly failed: number
  /** How often a client heard nothing for a second and said it again. */
  readonly repeats: number
  /** How much of its core the load used, looking in vain left out; near 1 it may itself be the limit. */
  readonly busy: number
}

export interface LoadTime {
  readonly warmUpMs: number
  readonly measureMs: number
}

/** Counts what happens between the end of the warm-up and the end of the measurement. */
export class LoadMeter {
  readonly #fromMs: number
  readonly #untilMs: number
  #cpu: NodeJS.CpuUsage | undefined
  #startedAtMs = 0
  #inVainMs = 0
  counted = 0

  constructor({ warmUpMs, measureMs }: LoadTime) {
    this.#fromMs = performance.now() + warmUpMs
    this.#untilMs = this.#fromMs + measureMs
  }

  get started(): boolean {
    return this.#cpu !== undefined
  }

  /** True: go on. */
  goesOn(nowMs: number): boolean {
    if (this.#cpu === undefined && nowMs >= this.#fromMs) {
      this.#cpu = process.cpuUsage()
      this.#startedAtMs = nowMs
    }
    return nowMs < this.#untilMs
  }

  count(amount: number): void {
    if (this.#cpu !== undefined) this.counted += amount
  }

  /** Of a load that does not sleep. */
  lookedInVain(ms: number): void {
    if (this.#cpu !== undefined) this.#inVainMs += ms
  }

  result(unit: number, { failed, repeats }: Pick<LoadResult, 'failed' | 'repeats'>): LoadResult {
    const seconds = (performance.now() - this.#startedAtMs) / 1_000
    const { user, system } = process.cpuUsage(this.#cpu)
    const usedMs = Math.max(0, (user + system) / 1_000 - this.#inVainMs)
    return { rate: this.counted / unit / seconds, failed, repeats, busy: usedMs / 1_000 / seconds }
  }
}
