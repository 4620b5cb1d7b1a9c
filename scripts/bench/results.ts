/** Rates of all rounds into ratios and a table: the ratio of each round is taken first, then their median. */

import type { BenchCase } from './cases.ts'
import type { LoadResult } from './load-result.ts'
import type { ServerName } from './peers.ts'

/** One entry a round; absent where the server could not be measured. */
export type CaseResults = ReadonlyMap<ServerName, readonly (LoadResult | undefined)[]>

/** A load that uses more of its core than this may itself be the limit. */
const busyLoad = 0.95

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const high = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2
}

export function ratiosTo(peer: ServerName, results: CaseResults, name: ServerName = 'reveille'): readonly number[] {
  const ours = results.get(name) ?? []
  const theirs = results.get(peer) ?? []
  return ours.flatMap((one, round) => {
    const other = theirs[round]
    return one === undefined || other === undefined || other.rate === 0 ? [] : [one.rate / other.rate]
  })
}

export function printResults(all: readonly { readonly bench: BenchCase; readonly results: CaseResults }[]): string {
  return all.flatMap(({ bench, results }) => printCase(bench, results)).join('\n')
}

function printCase(bench: BenchCase, results: CaseResults): string[] {
  const { ours = ['reveille'] } = bench
  return [
    ...ours.map((name) => printVerdict({ bench, results }, name)),
    ...bench.servers.map((name) => printServer({ bench, results }, name)),
  ]
}

function printVerdict({ bench, results }: { bench: BenchCase; results: CaseResults }, name: ServerName): string {
  const { peer, ratio } = bench.target
  const ratios = ratiosTo(peer, results, name)
  const found = median(ratios)
  const verdict = ratios.length === 0 ? 'not measured' : found >= ratio ? 'met' : 'NOT MET'
  const title = `${bench.protocol} ${bench.name}${name === 'reveille' ? '' : `: ${name}`}`.padEnd(38)
  const goal = `${String(ratio)} x ${peer}`
  return `${title} ${printRatio(found)} ${goal.padEnd(13)} ${verdict}   by round: ${ratios.map(shortRatio).join(' ')}`
}

function printServer({ bench, results }: { bench: BenchCase; results: CaseResults }, name: ServerName): string {
  const rounds = (results.get(name) ?? []).filter((one) => one !== undefined)
  const rates = rounds.map(({ rate }) => (rate >= 100 ? rate.toFixed(0) : rate.toFixed(1))).join(' ')
  const failed = rounds.reduce((sum, one) => sum + one.failed, 0)
  const repeats = rounds.reduce((sum, one) => sum + one.repeats, 0)
  const isOther = !(bench.ours ?? ['reveille']).includes(name) && name !== bench.target.peer
  const ratio = isOther ? `   (ratio to it ${shortRatio(median(ratiosTo(name, results)))})` : ''
  const busy = median(rounds.map((one) => one.busy))
  // A load that holds packets for a round trip looks at its clock all the time.
  const spins = bench.protocol === 'tftp' && bench.roundTripMs > 0
  const notes = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(repeats > 0 ? [`${repeats} times a client waited a second in vain`] : []),
    ...(busy > busyLoad && !spins ? ['the load used its whole core: the server may be faster'] : []),
  ]
  const note = notes.length > 0 ? `   ! ${notes.join('; ')}` : ''
  return `    ${name.padEnd(10)} ${rates} ${bench.rateUnit}; load ${spins ? 'spins' : `${(busy * 100).toFixed(0)} % busy`}${ratio}${note}`
}

function printRatio(ratio: number): string {
  return `${shortRatio(ratio)} x`.padStart(9)
}

function shortRatio(ratio: number): string {
  return Number.isNaN(ratio) ? '-' : ratio >= 100 ? ratio.toFixed(0) : ratio.toFixed(2)
}
