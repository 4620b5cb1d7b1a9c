/** The words after `npm run bench --`. */

import { parseArgs } from 'node:util'
import { benchCases, type BenchCase } from './cases.ts'

export interface BenchOptions {
  readonly rounds: number
  readonly cases: readonly BenchCase[]
  readonly durationFactor: number
  /** The task sequence engine, which needs no network and has no peer. */
  readonly engine: boolean
  /** Boot decisions and members in a large site; as the engine. */
  readonly collections: boolean
  /** The image of a stand-alone medium, beside xorriso and cp. */
  readonly media: boolean
  readonly quick: boolean
}

export const benchUsage = `npm run bench -- [--rounds N] [--only tftp|dhcp|http|engine|collections|media] [--case TEXT] [--quick]
  --rounds N      how often each server is measured                 (default 5)
  --only NAME     one protocol, the task sequence engine, collections in a large site, or media
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
  const isAsked = (name: string): boolean => (values.only ?? name) === name && name.includes(values.case ?? '')
  const [engine, collections, media] = [isAsked('engine'), isAsked('collections'), isAsked('media')]
  if (cases.length === 0 && !engine && !collections && !media) throw new Error(benchUsage)
  return { rounds, cases, durationFactor: values.quick ? 0.5 : 1, engine, collections, media, quick: values.quick }
}
