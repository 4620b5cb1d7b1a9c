/** What a load generator tells when it is done, as one line of JSON on its output. */

import type { Waits } from '../../server/cli/load/waits.ts'
import { type Measured, processorMs } from './process-tree.ts'

/** What can be compared, and how it is printed. */
export const figures = {
  rate: { title: '', unit: 'a second' },
  cpuMs: { title: 'CPU', unit: 'ms each' },
  cores: { title: 'CPU', unit: 'cores' },
  p50Ms: { title: 'p50', unit: 'ms' },
  p99Ms: { title: 'p99', unit: 'ms' },
  tail: { title: 'p99', unit: 'x p50' },
  unfinished: { title: 'unfinished', unit: '' },
  failures: { title: 'failed', unit: '' },
  kilobytesEach: { title: 'memory', unit: 'KB each' },
  tftpMegabytes: { title: 'TFTP', unit: 'MB/s' },
  growth: { title: 'memory', unit: 'x that of the middle' },
  told: { title: 'events told', unit: 'of those due' },
  lost: { title: 'lost', unit: '' },
} as const
export type FigureName = keyof typeof figures
export type Figures = Readonly<Partial<Record<FigureName, number>>>

export interface LoadResult {
  readonly figures: Figures
  /** How often a client heard nothing for a second and said it again. */
  readonly repeats: number
  /** How much of its core the load used, looking in vain left out; near 1 it may itself be the limit. */
  readonly busy: number
  /** Of what failed; absent: nothing did, or nobody said why. */
  readonly reason?: string
}

export interface LoadTime {
  readonly warmUpMs: number
  readonly measureMs: number
  /** Whose processor time is counted; absent: that of the load itself. */
  readonly server?: Measured | undefined
}

export interface Counted {
  /** In the unit of `rate`. */
  readonly amount: number
  readonly failed?: number
  readonly repeats?: number
  readonly more?: Figures
  readonly reason?: string | undefined
}

/** Counts what happens between the end of the warm-up and the end of the measurement. */
export class LoadMeter {
  readonly #server: Measured
  readonly #time: LoadTime
  #fromMs: number | undefined
  #cpu: NodeJS.CpuUsage | undefined
  #serverMs = 0
  #startedAtMs = 0
  #inVainMs = 0

  constructor(time: LoadTime) {
    this.#server = time.server ?? { pid: process.pid }
    this.#time = time
  }

  get started(): boolean {
    return this.#cpu !== undefined
  }

  /** True: go on. The first question begins the warm-up. */
  goesOn(nowMs: number): boolean {
    this.#fromMs ??= nowMs + this.#time.warmUpMs
    if (this.#cpu === undefined && nowMs >= this.#fromMs) {
      this.#cpu = process.cpuUsage()
      this.#serverMs = processorMs(this.#server)
      this.#startedAtMs = nowMs
    }
    return nowMs < this.#fromMs + this.#time.measureMs
  }

  /** Of a load that does not sleep. */
  lookedInVain(ms: number): void {
    if (this.started) this.#inVainMs += ms
  }

  result({ amount, failed = 0, repeats = 0, more = {}, reason = '' }: Counted): LoadResult {
    const tookMs = performance.now() - this.#startedAtMs
    const { user, system } = process.cpuUsage(this.#cpu)
    const usedMs = Math.max(0, (user + system) / 1_000 - this.#inVainMs)
    const serverMs = processorMs(this.#server) - this.#serverMs
    const rate = amount / (tookMs / 1_000)
    const all: Figures = { rate, cpuMs: serverMs / amount, cores: serverMs / tookMs, failures: failed, ...more }
    // Nothing was counted, so nothing can be divided by it: such a figure is not there, and no zero.
    const figures = Object.fromEntries(Object.entries(all).filter(([, value]) => Number.isFinite(value)))
    return { figures, repeats, busy: usedMs / tookMs, ...(reason === '' ? {} : { reason }) }
  }
}

/** Adds up while the meter is at it. */
export class Tally {
  readonly #meter: LoadMeter
  amount = 0

  constructor(meter: LoadMeter) {
    this.#meter = meter
  }

  add(amount: number): void {
    if (this.#meter.started) this.amount += amount
  }
}

export function figuresOf(waits: Waits | undefined): Figures {
  if (waits === undefined || waits.count === 0) return {}
  const [p50Ms, p99Ms] = [waits.percentile(0.5), waits.percentile(0.99)]
  return { p50Ms, p99Ms, tail: p99Ms / p50Ms }
}
