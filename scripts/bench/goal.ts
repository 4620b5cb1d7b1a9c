/** A goal of a case, and whether it is met: the median of the rounds' ratios, or of the figure itself, beside a number. */

import { type FigureName, figures, type LoadResult } from './load-result.ts'
import type { ServerName } from './peers.ts'

export type Goal = {
  readonly figure: FigureName
  /** Absent: the figure itself counts. */
  readonly beside?: ServerName
} & ({ readonly least: number } | { readonly most: number })

/** One entry a round; a text says why there is no result. */
export type CaseResults = ReadonlyMap<ServerName, readonly (LoadResult | string)[]>

export interface Judged {
  readonly goal: string
  readonly rounds: readonly number[]
  readonly found: number
  readonly verdict: 'met' | 'NOT MET' | 'not measured here'
  /** Why it was not measured, or what to know about the figure. */
  readonly notes: readonly string[]
}

/** A load that uses more of its core than this may itself be the limit. */
export const busyLoad = 0.95

export function judge(goal: Goal, results: CaseResults, ours: ServerName): Judged {
  const rounds = valuesOf(goal, results, ours)
  const found = median(rounds)
  const isMet = 'least' in goal ? found >= goal.least : found <= goal.most
  const verdict = rounds.length === 0 ? 'not measured here' : isMet ? 'met' : 'NOT MET'
  const missing = [ours, ...(goal.beside === undefined ? [] : [goal.beside])].flatMap((name) =>
    (results.get(name) ?? []).flatMap((one) => (typeof one === 'string' ? [`${name}: ${one}`] : [])),
  )
  const reasons = missing.length > 0 || goal.beside === undefined ? missing : [`${goal.beside} has no such figure`]
  const notes = rounds.length === 0 ? [...new Set(reasons)] : []
  return { goal: printGoal(goal), rounds, found, verdict, notes }
}

function valuesOf({ figure, beside }: Goal, results: CaseResults, ours: ServerName): readonly number[] {
  const theirs = beside === undefined ? undefined : (results.get(beside) ?? [])
  return (results.get(ours) ?? []).flatMap((one, round) => {
    const own = figureOf(one, figure)
    if (theirs === undefined || own === undefined) return own === undefined ? [] : [own]
    const other = figureOf(theirs[round], figure)
    return other === undefined || other <= 0 ? [] : [own / other]
  })
}

export function figureOf(result: LoadResult | string | undefined, figure: FigureName): number | undefined {
  return typeof result === 'object' ? result.figures[figure] : undefined
}

function printGoal(goal: Goal): string {
  const { title, unit } = figures[goal.figure]
  const bound = 'least' in goal ? `>= ${goal.least}` : `<= ${Number(goal.most.toPrecision(3))}`
  const of = goal.beside === undefined ? unit : `x ${goal.beside}`
  return [title, bound, of].filter((word) => word !== '').join(' ')
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const high = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2
}
