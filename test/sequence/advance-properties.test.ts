/**
 * What must hold for every task sequence and every course of events. A made-up machine answers each effect from a
 * list of random reactions: exit codes, time-outs, restarts that nobody asked for, and variables.
 */

import test from 'ava'
import * as fc from 'fast-check'
import { advance, startRun } from '../../server/sequence/advance.ts'
import type { Effect } from '../../server/sequence/effect.ts'
import type { Variable } from '../../server/sequence/environment.ts'
import type { SequenceEvent } from '../../server/sequence/event.ts'
import { countSteps, countStepsAt, nodeAt } from '../../server/sequence/progress.ts'
import type { RestartTarget, Run } from '../../server/sequence/run.ts'
import { arbitraryDocument } from '../support/arbitrary-sequences.ts'
import { sequenceOf } from '../support/sequences.ts'

const secretValue = 'Tr0ub4dor&3'

const reactions = fc.array(
  fc.record({
    exitCode: fc.constantFrom(0, 0, 0, 1, 7, 3010, -1),
    happens: fc.constantFrom('ends', 'ends', 'ends', 'ends', 'times-out', 'restarts'),
    elsewhere: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
    variables: fc.array(
      fc.constantFrom<Variable>(
        { name: 'A', value: '2', secret: false },
        { name: 'B', value: '', secret: false },
        { name: 'B', value: `x${secretValue}`, secret: true },
        { name: 'SMSTSRebootRequested', value: 'HD', secret: false },
        { name: 'SMSTSRebootRequested', value: 'WinPE', secret: false },
        { name: 'SMSTSRetryRequested', value: 'true', secret: false },
        { name: '_ReadOnly', value: '1', secret: false },
      ),
      { maxLength: 3 },
    ),
  }),
  { minLength: 1, maxLength: 12 },
)

interface Course {
  readonly runs: readonly Run[]
  readonly events: readonly SequenceEvent[]
  readonly effects: readonly Effect[]
}

const courses = fc
  .record({ document: arbitraryDocument, reactions, installed: fc.boolean() })
  .map(({ document, reactions: list, installed }) => play(document, list, installed))

test('S1-044: the same events give the same effects, whether or not the run goes through JSON in between', (t) => {
  holds(t, ({ runs, events, effects }) => {
    const told: Effect[] = []
    for (const [index, event] of events.entries()) {
      const before = runs[index]
      if (before === undefined) return false
      const restored: Run = JSON.parse(JSON.stringify(before))
      const { run, effects: more } = advance(restored, event)
      if (JSON.stringify(run) !== JSON.stringify(runs[index + 1])) return false
      told.push(...more)
    }
    return JSON.stringify(told) === JSON.stringify(effects)
  })
})

test('S1-004: a run ends exactly once, with the outcome it reports', (t) => {
  holds(t, ({ runs, effects }) => {
    const ends = effects.filter((effect) => effect.kind === 'end')
    const last = runs.at(-1)?.state
    return (
      ends.length === 1 && effects.at(-1) === ends[0] && last?.kind === 'ended' && last.outcome === ends[0]?.outcome
    )
  })
})

test('S1-003: each step starts at most once per attempt, in the order of the tree, and ends before the next one starts', (t) => {
  holds(t, ({ effects }) => {
    const seen = new Set<string>()
    let running = false
    let last: readonly number[] = []
    for (const report of reportsOf(effects)) {
      if (report.kind === 'step-started') {
        const key = `${report.path.join('.')} ${report.attempt}`
        if (running || seen.has(key) || isBefore(report.path, last)) return false
        seen.add(key)
        running = true
        last = report.path
      }
      if (report.kind === 'step-ended') running = false
    }
    return !running
  })
})

test('S1-014 S1-020: every enabled step is ended or passed over, once, and no disabled one is', (t) => {
  holds(t, ({ runs, effects }) => {
    const sequence = runs[0]?.sequence
    if (sequence === undefined) return false
    const ended = new Set<string>()
    let skipped = 0
    for (const report of reportsOf(effects)) {
      if (report.kind === 'step-ended') ended.add(report.path.join('.'))
      if (report.kind === 'node-skipped') skipped += countStepsAt(sequence, report.path)
      if (report.kind === 'step-started' && countStepsAt(sequence, report.path) !== 1) return false
    }
    return ended.size + skipped === countSteps(sequence)
  })
})

test('S1-026 S1-027: a run succeeds exactly when every failure was absorbed', (t) => {
  holds(t, ({ runs, effects }) => {
    const sequence = runs[0]?.sequence
    const end = effects.at(-1)
    if (sequence === undefined || end?.kind !== 'end') return false
    const failedAtTop = reportsOf(effects).some(
      (report) =>
        (report.kind === 'step-ended' || report.kind === 'group-ended') &&
        report.path.length === 1 &&
        report.outcome === 'failed',
    )
    const lost = end.outcome.kind === 'failed' && end.outcome.exitCode === 1168
    return (end.outcome.kind === 'failed') === (failedAtTop || lost)
  })
})

test('S1-032: no failure of Setup Windows and ConfigMgr is ever absorbed', (t) => {
  holds(t, ({ runs, effects }) => {
    const sequence = runs[0]?.sequence
    const end = effects.at(-1)
    if (sequence === undefined || end?.kind !== 'end') return false
    return reportsOf(effects).every((report) => {
      if (report.kind !== 'step-ended' || report.outcome === 'succeeded') return true
      const node = nodeAt(sequence, report.path)
      const isSetup = node.kind === 'step' && node.action.type === 'setup-windows-and-configmgr'
      return !isSetup || (report.outcome === 'failed' && end.outcome.kind === 'failed')
    })
  })
})

test('S1-071: no report, no restart and no outcome ever holds a secret', (t) => {
  holds(t, ({ effects }) => {
    const shown = effects.filter((effect) => effect.kind !== 'run-step')
    return !JSON.stringify(shown).includes(secretValue)
  })
})

function holds(t: { readonly notThrows: (body: () => void) => void }, property: (course: Course) => boolean): void {
  t.notThrows(() => fc.assert(fc.property(courses, property), { numRuns: 300 }))
}

type Reaction = typeof reactions extends fc.Arbitrary<readonly (infer One)[]> ? One : never

function play(document: unknown, list: readonly Reaction[], installed: boolean): Course {
  const secret = { name: 'C', value: secretValue, secret: true }
  let run = startRun(sequenceOf(document), [{ name: 'A', value: '1', secret: false }, secret])
  let event: SequenceEvent | undefined = installed ? { kind: 'start', where: 'installed-system' } : { kind: 'start' }
  const runs = [run]
  const events: SequenceEvent[] = []
  const effects: Effect[] = []
  while (event !== undefined) {
    const advanced = advance(run, event)
    run = advanced.run
    runs.push(run)
    events.push(event)
    effects.push(...advanced.effects)
    event = react(advanced.effects.at(-1), list[events.length % list.length])
  }
  return { runs, events, effects }
}

/** What the machine does about the last effect, which is the only one that waits for an answer. */
function react(effect: Effect | undefined, reaction: Reaction | undefined): SequenceEvent | undefined {
  if (effect === undefined || reaction === undefined || effect.kind === 'end') return undefined
  if (effect.kind === 'restart') {
    return { kind: 'resumed', where: reaction.elsewhere ? otherPlace(effect.target) : effect.target }
  }
  if (effect.kind !== 'run-step') return undefined
  if (reaction.happens === 'restarts') return { kind: 'resumed', where: 'boot-image' }
  if (reaction.happens === 'times-out' && effect.timeoutSeconds !== undefined) return { kind: 'step-timed-out' }
  const { exitCode, variables } = reaction
  return { kind: 'step-ended', exitCode, message: `said ${secretValue} twice: ${secretValue}`, variables }
}

function otherPlace(where: RestartTarget): RestartTarget {
  return where === 'boot-image' ? 'installed-system' : 'boot-image'
}

function reportsOf(effects: readonly Effect[]) {
  return effects.flatMap((effect) => (effect.kind === 'report' ? [effect.report] : []))
}

function isBefore(path: readonly number[], other: readonly number[]): boolean {
  for (const [index, step] of path.entries()) {
    const against = other[index]
    if (against === undefined) return false
    if (step !== against) return step < against
  }
  return false
}
