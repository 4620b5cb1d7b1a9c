/** What the server counts and measures, for Prometheus: read when somebody asks, so that counting knows nothing of it. */

import { Counter, Gauge, type Registry } from 'prom-client'

export interface Sample<Label extends string> {
  readonly labels: Readonly<Record<Label, string>>
  readonly value: number
}

export interface LabelledMetric<Label extends string> {
  /** `_total` is what only grows. */
  readonly name: string
  readonly help: string
  readonly labelNames: readonly Label[]
  readonly read: () => readonly Sample<Label>[]
}

export interface PlainMetric {
  readonly name: string
  readonly help: string
  readonly read: () => number
}

export function showLabelled<Label extends string>(registry: Registry, metric: LabelledMetric<Label>): void {
  const { name, help, labelNames, read } = metric
  const settings = {
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect(): void {
      shown.reset()
      for (const { labels, value } of read()) shown.inc(labels, value)
    },
  }
  const shown = name.endsWith('_total') ? new Counter(settings) : new Gauge(settings)
}

export function showPlain(registry: Registry, metrics: readonly PlainMetric[]): void {
  for (const { name, help, read } of metrics) {
    showLabelled(registry, { name, help, labelNames: [], read: () => [{ labels: {}, value: read() }] })
  }
}
