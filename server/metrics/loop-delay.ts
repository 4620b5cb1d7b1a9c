/**
 * How late the event loop is: while it is busy, packets and requests wait. Measured in windows of ten seconds, of which a minute
 * is kept. Whoever asks gets the worst of that minute and changes nothing by asking, so two who scrape see the same, and one
 * who asks every minute misses nothing.
 */

import { monitorEventLoopDelay } from 'node:perf_hooks'

export interface LoopDelay {
  readonly medianMs: number
  readonly p99Ms: number
  readonly maxMs: number
}

const defaultWindowMs = 10_000
const windowsKept = 6
/** Whatever holds the loop up for longer is seen, and of what is shorter a part. Each look wakes an idle processor: fifty a second took 0.3 % of one. */
const lookEveryMs = 50
const nanosecondsPerMs = 1_000_000
const none: LoopDelay = { medianMs: 0, p99Ms: 0, maxMs: 0 }

export class LoopDelayMeter {
  readonly #histogram = monitorEventLoopDelay({ resolution: lookEveryMs })
  readonly #windowMs: number
  readonly #timer: NodeJS.Timeout
  #windows: readonly LoopDelay[] = []
  #turnedAtMs = performance.now()

  constructor(windowMs = defaultWindowMs) {
    this.#windowMs = windowMs
    this.#histogram.enable()
    this.#timer = setInterval(() => this.#turn(), windowMs)
    this.#timer.unref()
  }

  /** Of the last window. */
  get newest(): LoopDelay {
    return this.#windows.at(-1) ?? none
  }

  /** Each figure from the window of the last minute in which it was highest. */
  get worst(): LoopDelay {
    const highest = (of: (delay: LoopDelay) => number): number => Math.max(0, ...this.#windows.map(of))
    return {
      medianMs: highest(({ medianMs }) => medianMs),
      p99Ms: highest(({ p99Ms }) => p99Ms),
      maxMs: highest(({ maxMs }) => maxMs),
    }
  }

  close(): void {
    clearInterval(this.#timer)
    this.#histogram.disable()
  }

  #turn(): void {
    const nowMs = performance.now()
    // A look that is due when the histogram is emptied is lost with what it would have seen. This timer was as late.
    const lateMs = Math.max(0, nowMs - this.#turnedAtMs - this.#windowMs)
    const percentileMs = (percent: number): number => delayMs(this.#histogram.percentile(percent))
    const maxMs = Math.max(delayMs(this.#histogram.max), lateMs)
    this.#windows = [
      ...this.#windows.slice(1 - windowsKept),
      { medianMs: percentileMs(50), p99Ms: percentileMs(99), maxMs },
    ]
    this.#histogram.reset()
    this.#turnedAtMs = nowMs
  }
}

/** What is measured is from one look to the next. */
function delayMs(nanoseconds: number): number {
  return Math.max(0, nanoseconds / nanosecondsPerMs - lookEveryMs)
}
