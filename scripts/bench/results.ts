/** The table of section 7: each goal beside its figure, and below it what each server did. */

import { type BenchCase, notMeasured, type OurGoal } from './cases.ts'
import { busyLoad, type CaseResults, figureOf, judge, type Judged, median } from './goal.ts'
import { type FigureName, figures, type LoadResult } from './load-result.ts'
import type { ServerName } from './peers.ts'

export interface MeasuredCase {
  readonly bench: BenchCase
  readonly results: CaseResults
}

interface Row {
  readonly name: string
  readonly goal: string
  readonly figure: string
  readonly verdict: string
  readonly notes: string
}

/** With the rows that cannot be measured, when everything was asked for. */
export function printGoals(all: readonly MeasuredCase[], isWhole: boolean): string {
  const rows = [
    ...all.flatMap((one) => one.bench.goals.map((goal) => rowOf(one, goal))),
    ...(isWhole ? notMeasured.map(unmeasured) : []),
  ]
  const head = { name: 'case', goal: 'goal', figure: 'figure', verdict: '', notes: 'by round' }
  return printRows([head, ...rows])
}

function rowOf({ bench, results }: MeasuredCase, { ours = 'reveille', ...goal }: OurGoal): Row {
  const judged = judge(goal, results, ours)
  const { rounds, found, verdict } = judged
  const name = `${bench.protocol} ${bench.name}${ours === 'reveille' ? '' : ` (${ours})`}`
  const figure = rounds.length === 0 ? '-' : shortNumber(found)
  return { name, goal: judged.goal, figure, verdict, notes: notesOf(bench, results.get(ours) ?? [], judged) }
}

function notesOf(bench: BenchCase, own: readonly (LoadResult | string)[], { rounds, verdict, notes }: Judged): string {
  const busy = median(own.flatMap((one) => (typeof one === 'string' ? [] : [one.busy])))
  const isBound = verdict === 'NOT MET' && busy > busyLoad && !doesNotSleep(bench)
  const limit = isBound ? ['the load used its whole core: it may be the limit'] : []
  return [rounds.map(shortNumber).join(' '), ...notes, ...limit].filter((note) => note !== '').join('; ')
}

function unmeasured({ row, goal, reason }: (typeof notMeasured)[number]): Row {
  return { name: row, goal, figure: '-', verdict: 'not measured here', notes: reason }
}

function printRows(rows: readonly Row[]): string {
  const columns = ['name', 'goal', 'figure', 'verdict'] as const
  const widths = columns.map((column) => Math.max(...rows.map((row) => row[column].length)))
  return rows
    .map((row) => [...columns.map((column, index) => row[column].padEnd(widths[index] ?? 0)), row.notes].join('  '))
    .map((line) => line.trimEnd())
    .join('\n')
}

export function printServers(all: readonly MeasuredCase[]): string {
  return all
    .flatMap(({ bench, results }) => [
      `${bench.protocol} ${bench.name}`,
      ...bench.servers.map((name) => printServer(bench, name, results.get(name) ?? [])),
    ])
    .join('\n')
}

/** A load that holds packets, or never sleeps, looks at its clock all the time. */
function doesNotSleep(bench: BenchCase): boolean {
  return bench.protocol === 'tftp' && bench.tftp.roundTripMs > 0
}

function printServer(bench: BenchCase, name: ServerName, all: readonly (LoadResult | string)[]): string {
  const rounds = all.filter((one) => typeof one !== 'string')
  const reasons = new Set(all.map((one) => (typeof one === 'string' ? `not measured: ${one}` : (one.reason ?? ''))))
  const rates = rounds.map((one) => shortNumber(one.figures.rate ?? Number.NaN)).join(' ')
  const repeats = rounds.reduce((sum, one) => sum + one.repeats, 0)
  const busy = median(rounds.map((one) => one.busy))
  const parts = [
    `    ${name.padEnd(21)} ${rates} ${bench.rateUnit}`,
    ...otherFigures.flatMap((figure) => printFigure(figure, rounds)),
    doesNotSleep(bench) ? 'load spins' : `load ${(busy * 100).toFixed(0)} % busy`,
    ...(repeats > 0 ? [`${repeats} times a client waited a second in vain`] : []),
    ...[...reasons].filter((reason) => reason !== ''),
  ]
  return parts.join('; ')
}

const otherFigures: readonly FigureName[] = [
  'cpuMs',
  'cores',
  'p50Ms',
  'p99Ms',
  'tftpMegabytes',
  'kilobytesEach',
  'growth',
  'told',
  'lost',
  'unfinished',
  'failures',
]
/** Not worth a word while they are zero. */
const countsOfFaults: ReadonlySet<FigureName> = new Set(['lost', 'unfinished', 'failures'])

function printFigure(figure: FigureName, rounds: readonly LoadResult[]): readonly string[] {
  const values = rounds.flatMap((one) => figureOf(one, figure) ?? [])
  const found = median(values)
  if (values.length === 0 || (countsOfFaults.has(figure) && values.every((value) => value === 0))) return []
  const { title, unit } = figures[figure]
  return [[title, shortNumber(found), unit].filter((word) => word !== '').join(' ')]
}

function shortNumber(value: number): string {
  if (Number.isNaN(value)) return '-'
  const size = Math.abs(value)
  return size >= 100
    ? value.toFixed(0)
    : size >= 10
      ? value.toFixed(1)
      : size >= 0.1
        ? value.toFixed(2)
        : value.toFixed(3)
}
