/**
 * How many steps a second the task sequence engine takes through one run (server/sequence/advance.ts): a sequence of
 * 10,000 steps with conditions, whose actions end at once and set a variable each. It has no peer; the figure is for
 * comparing one day with another on the same machine. And how long it takes to validate, store and dry-run those steps, which
 * has a target.
 */

import { assert } from '../../server/assert.ts'
import { advance, startRun } from '../../server/sequence/advance.ts'
import type { SequenceEvent } from '../../server/sequence/event.ts'
import { parseSequence } from '../../server/sequence/parse-sequence.ts'
import type { TaskSequence } from '../../server/sequence/task-sequence.ts'
import { measureDryRuns, type Wait } from './dry-run-load.ts'
import { median } from './goal.ts'

const stepsInSequence = 10_000
/** Set over and over, as a sequence of the field does. */
const variablesSet = 200
/** An administrator waits for the answer. */
const dryRunTargetMs = 2_000

export async function printEngineLoad(rounds: number): Promise<string> {
  const document = engineDocument()
  const parsing = Array.from({ length: rounds }, () => stepsPerSecond(() => void parse(document)))
  const sequence = parse(document)
  const running = Array.from({ length: rounds }, () => stepsPerSecond(() => run(sequence)))
  const print = (name: string, rates: readonly number[]): string =>
    `engine ${name.padEnd(24)} ${median(rates).toFixed(0).padStart(9)} steps/s   by round: ${rates.map((rate) => rate.toFixed(0)).join(' ')}`
  const waits = await measureDryRuns(document, rounds)
  return [print('document is validated', parsing), print('run of 10,000 steps', running), printWaits(waits)].join('\n')
}

function printWaits(waits: readonly Wait[]): string {
  const waited = waits.map(({ waitedMs }) => waitedMs)
  const verdict = median(waited) < dryRunTargetMs ? 'met' : 'not met'
  const processor = median(waits.map(({ processorMs }) => processorMs)).toFixed(0)
  return [
    `engine ${'validate, store, dry-run'.padEnd(24)} ${median(waited).toFixed(0).padStart(9)} ms`,
    `target ${dryRunTargetMs} ms, ${verdict}`,
    `processor ${processor} ms`,
    `by round: ${waited.map((wait) => wait.toFixed(0)).join(' ')}`,
  ].join('   ')
}

function stepsPerSecond(work: () => void): number {
  const startedMs = performance.now()
  work()
  return stepsInSequence / ((performance.now() - startedMs) / 1_000)
}

function engineDocument(): object {
  const children = Array.from({ length: stepsInSequence }, (_, index) => ({
    name: `Step ${index}`,
    condition: [{ variable: `Made${index % variablesSet}`, operator: 'not-equals', value: 'skip' }],
    action: { type: 'run-command-line', commandLine: `install %Made${index % variablesSet}%` },
  }))
  return { name: 'Ten thousand steps', children }
}

function parse(document: object): TaskSequence {
  const parsed = parseSequence(document)
  assert(parsed.kind === 'valid', 'the document is valid')
  return parsed.sequence
}

function run(sequence: TaskSequence): void {
  let current = startRun(sequence, [])
  let event: SequenceEvent = { kind: 'start' }
  for (let ended = 0; current.state.kind !== 'ended'; ended += 1) {
    const next = advance(current, event)
    current = next.run
    const variables = [{ name: `Made${ended % variablesSet}`, value: `x${ended}`, secret: false }]
    event = { kind: 'step-ended', exitCode: 0, message: '', variables }
  }
  assert(current.state.outcome.kind === 'succeeded', 'every step succeeds')
}
