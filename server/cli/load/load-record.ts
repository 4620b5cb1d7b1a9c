/** What a load found: how long each part of the way took, how far the machines came, and why some did not come through. */

import { Waits } from './waits.ts'

export const stages = ['DHCP', 'boot decision', 'TFTP', 'script', 'files', 'hello', 'run', 'whole way'] as const
export type Stage = (typeof stages)[number]

/** Where a machine's way ended as it should. */
export type Arrival = 'to its disk' | 'said hello' | 'reported a run'

/** What is told of reasons and of places: the most common ones. */
const shownMax = 20

export class LoadRecord {
  readonly #waits = new Map<Stage, Waits>()
  readonly #arrivals = new Map<Arrival, number>()
  readonly #failures = new Map<string, number>()
  begun = 0

  get arrived(): number {
    return sum(this.#arrivals)
  }

  get failed(): number {
    return sum(this.#failures)
  }

  async timed<Result>(stage: Stage, work: () => Promise<Result>): Promise<Result> {
    const beganMs = performance.now()
    const result = await work()
    const waits = this.#waits.get(stage) ?? new Waits()
    this.#waits.set(stage, waits)
    waits.add(performance.now() - beganMs)
    return result
  }

  arrive(where: Arrival): void {
    this.#arrivals.set(where, (this.#arrivals.get(where) ?? 0) + 1)
  }

  fail(stage: Stage, reason: string): void {
    const text = `${stage}: ${reason}`
    this.#failures.set(text, (this.#failures.get(text) ?? 0) + 1)
  }

  /** For `--json`, and for `printLoad`. */
  summary(tookMs: number, bytes: number): LoadSummary {
    return {
      machines: this.begun,
      arrived: Object.fromEntries(this.#arrivals),
      failures: Object.fromEntries([...this.#failures].toSorted(([, a], [, b]) => b - a).slice(0, shownMax)),
      failed: this.failed,
      seconds: tookMs / 1_000,
      machinesPerSecond: this.arrived / (tookMs / 1_000),
      megabytesPerSecond: bytes / 1e6 / (tookMs / 1_000),
      stages: stages.flatMap((stage) => {
        const waits = this.#waits.get(stage)
        return waits === undefined ? [] : [{ stage, count: waits.count, ...percentilesOf(waits) }]
      }),
    }
  }
}

export interface LoadSummary {
  readonly machines: number
  readonly arrived: Readonly<Record<string, number>>
  readonly failures: Readonly<Record<string, number>>
  readonly failed: number
  readonly seconds: number
  readonly machinesPerSecond: number
  readonly megabytesPerSecond: number
  readonly stages: readonly StageTimes[]
}

interface StageTimes extends ReturnType<typeof percentilesOf> {
  readonly stage: Stage
  readonly count: number
}

function percentilesOf(waits: Waits) {
  const at = (part: number): number => Math.round(waits.percentile(part) * 10) / 10
  return { p50Ms: at(0.5), p90Ms: at(0.9), p99Ms: at(0.99), maxMs: at(1) }
}

export function printLoad(summary: LoadSummary): string {
  const { machines, failed, seconds, machinesPerSecond, megabytesPerSecond } = summary
  const rows = summary.stages.map(({ stage, count, ...times }) => [
    stage,
    String(count),
    ...Object.values(times).map(String),
  ])
  const head = ['', 'times', 'p50 ms', 'p90 ms', 'p99 ms', 'longest ms']
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    row
      .map((text, column) => (column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0)))
      .join('  ')
  return [
    `${machines} machines in ${seconds.toFixed(1)} s: ${machinesPerSecond.toFixed(1)} came through a second, ${megabytesPerSecond.toFixed(1)} MB/s, ${failed} failed`,
    ...Object.entries(summary.arrived).map(([where, count]) => `  ${count} ${where}`),
    ...Object.entries(summary.failures).map(([reason, count]) => `  ${count} failed, ${reason}`),
    ...[head, ...rows].map(line),
  ].join('\n')
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((all, one) => all + one, 0)
}
