/** The words after `npm run bench --`. */

import { parseArgs } from 'node:util'
import { benchCases, type BenchCase, protocols } from './cases.ts'

/** What needs no network: measured in this process, printed in its own words. */
export const alone = ['engine', 'collections', 'media'] as const
export type Alone = (typeof alone)[number]

export interface BenchOptions {
  readonly rounds: number
  readonly cases: readonly BenchCase[]
  readonly durationFactor: number
  readonly alone: readonly Alone[]
  /** Absent: no soak. Only when it is asked for. */
  readonly soakMinutes?: number
  readonly quick: boolean
  /** Nothing was left out. */
  readonly isWhole: boolean
}

export const benchUsage = `npm run bench -- [--rounds N] [--only ${[...protocols, ...alone, 'soak'].join('|')}] [--case TEXT] [--quick]
  --rounds N      how often each server is measured                 (default 5)
  --only NAME     one protocol; mixed: DHCP while TFTP is busy; progress: pages that watch; store: events of runs;
                  or the task sequence engine, collections in a large site, media, or the soak
  --case TEXT     only cases with this in their name
  --minutes N     how long the soak takes                           (default 10)
  --quick         one round, shorter: to see that it works; its figures say little`

const roundsDefault = 5
const roundsMax = 100
const soakMinutesDefault = 10
const soakMinutesMax = 24 * 60

/** Throws with the usage when something is not understood. */
export function parseBenchOptions(words: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...words],
    options: {
      rounds: { type: 'string' },
      only: { type: 'string' },
      case: { type: 'string' },
      minutes: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  })
  const { only, quick } = values
  const rounds = Number(values.rounds ?? (quick ? 1 : roundsDefault))
  const minutes = Number(values.minutes ?? soakMinutesDefault)
  const isSoak = only === 'soak'
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > roundsMax) throw new Error(benchUsage)
  if (!(minutes > 0 && minutes <= soakMinutesMax) || (values.minutes !== undefined && !isSoak))
    throw new Error(benchUsage)
  const isAsked = (group: string, name: string): boolean =>
    (only ?? group) === group && name.includes(values.case ?? '')
  const cases = benchCases.filter(({ protocol, name }) => isAsked(protocol, name))
  const single = alone.filter((name) => isAsked(name, name))
  if (cases.length === 0 && single.length === 0 && !isSoak) throw new Error(benchUsage)
  return {
    rounds,
    cases,
    durationFactor: quick ? 0.5 : 1,
    alone: single,
    ...(isSoak ? { soakMinutes: minutes } : {}),
    quick,
    isWhole: only === undefined && values.case === undefined,
  }
}
