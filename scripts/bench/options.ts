/** The words after `npm run bench --`. */

import { parseArgs } from 'node:util'
import { benchCases, type BenchCase } from './cases.ts'

export interface BenchOptions {
  readonly rounds: number
  readonly cases: readonly BenchCase[]
  readonly durationFactor: number
  /** The task sequence engine, which needs no network and has no peer. */
  readonly engine: boolean
}

export const benchUsage = `npm run bench -- [--rounds N] [--only tftp|dhcp|http|engine] [--case TEXT] [--quick]
  --rounds N      how often each server is measured                 (default 5)
  --only NAME     one protocol, or the task sequence engine
  --case TEXT     only cases with this in their name
  --quick         one round, shorter: to see that it works; its figures say little`

const roundsDefault = 5
const roundsMax = 100

/** Throws with the usage when something is not understood. */
export function parseBenchOptions(words: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...words],
    options: {
      rounds: { type: 'string' },
      only: { type: 'string' },
      case: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  })
  const rounds = Number(values.rounds ?? (values.quick ? 1 : roundsDefault))
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > roundsMax) throw new Error(benchUsage)
  const cases = benchCases.filter(
    ({ protocol, name }) => (values.only ?? protocol) === protocol && name.includes(values.case ?? ''),
  )
  const engine = (values.only ?? 'engine') === 'engine' && 'engine'.includes(values.case ?? '')
  if (cases.length === 0 && !engine) throw new Error(benchUsage)
  return { rounds, cases, durationFactor: values.quick ? 0.5 : 1, engine }
}
