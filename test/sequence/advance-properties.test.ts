/**
 * What must hold for every task sequence and every course of events. A made-up machine answers each effect from a
 * list of random reactions: exit codes, time-outs, restarts that nobody asked for, and variables.
 */

import test from 'ava'
import * as fc from 'fast-check'
import { lastingEnvironment } from '../../server/sequence/action-variables.ts'
import { advance, startRun } from '../../server/sequence/advance.ts'
import type { Effect } from '../../server/sequence/effect.ts'
import { emptyEnvironment, type Variable, valueOf } from '../../server/sequence/environment.ts'
import type { SequenceEvent } from '../../server/sequence/event.ts'
import { type MachineAnswer, type MachineQuestion, questionsOf } from '../../server/sequence/inspection.ts'
import { countSteps, countStepsAt, nodeAt } from '../../server/sequence/progress.ts'
import type { RestartTarget, Run } from '../../server/sequence/run.ts'
import type { TaskSequence } from '../../server/sequence/task-sequence.ts'
import { arbitraryDocument, expandedSequence } from '../support/arbitrary-sequences.ts'

const secretValue = 'Tr0ub4dor&3'

const reactions = fc.array(
  fc.record({
    exitCode: fc.constantFrom(0, 0, 0, 1, 7, 3010, -1),
    finds: fc.constantFrom('nothing', 'everything', 'everything', 'no-answer'),
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
        { name: 'SMSTSWaitForSecondReboot', value: '60', secret: false },
        { name: 'SMSTSPostAction', value: 'echo %A%', secret: false },
        { name: 'WorkingDirectory', value: '/srv', secret: false },
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
  .record({
    document: arbitraryDocument,
    reactions,
    installed: fc.boolean(),
    isDisabled: fc.boolean(),
    retries: fc.constantFrom(0, 0, 2),
  })
  .map((chosen) => play(chosen))

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
        if (report.attempt > 20) return false
        seen.add(key)
        running = true
        last = report.path
      }
      // A step that may be retried (S1-019) begins anew after an unexpected restart, without having ended.
      if (report.kind === 'step-ended' || report.kind === 'resumed') running = false
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

test('S1-020: the condition of a node is false whenever it is passed over for it, and the report says why', (t) => {
  holds(t, ({ runs, effects }) => {
    const sequence = runs[0]?.sequence
    if (sequence === undefined) return false
    return reportsOf(effects).every((report) => {
      if (report.kind !== 'node-skipped') return true
      const { condition, disabled } = nodeAt(sequence, report.path)
      if (report.reason === 'disabled') return disabled && report.because === undefined
      if (report.reason === 'parent-failed') return report.because === undefined
      return condition !== undefined && report.because !== undefined && report.because !== ''
    })
  })
})

test('S1-020 S1-023: the machine is asked only for a node whose condition asks it, and all its questions at once', (t) => {
  holds(t, ({ runs, effects }) => {
    const sequence = runs[0]?.sequence
    if (sequence === undefined) return false
    return effects.every((effect) => {
      if (effect.kind !== 'inspect-machine') return true
      const { condition, disabled } = nodeAt(sequence, effect.path)
      const asked = condition === undefined ? [] : questionsOf(condition, emptyEnvironment)
      return !disabled && asked.length > 0 && effect.questions.length === asked.length
    })
  })
})

test("S1-056: an action's own variables are there exactly while it runs", (t) => {
  holds(t, ({ runs }) =>
    runs.every((run) => {
      const lasting = lastingEnvironment(run)
      const names = run.state.kind === 'running-step' ? (run.state.actionVariables ?? []) : []
      const areThere = names.every((name) => valueOf(run.environment, name) !== '' && valueOf(lasting, name) === '')
      const before = run.environment.variables.length - names.length
      return areThere && lasting.variables.length === before
    }),
  )
})

test('S1-033: a run that gets to a disabled child fails there', (t) => {
  holds(t, ({ runs, effects }) => {
    const sequence = runs[0]?.sequence
    const end = effects.at(-1)
    if (sequence === undefined || end?.kind !== 'end') return false
    const entered = reportsOf(effects).find((report) => {
      if (report.kind !== 'group-started') return false
      const node = nodeAt(sequence, report.path)
      return node.kind === 'group' && node.taskSequence?.enabled === false
    })
    if (entered?.kind !== 'group-started') return true
    const { outcome } = end
    return outcome.kind === 'failed' && outcome.exitCode === 1058 && outcome.path.join() === entered.path.join()
  })
})

test('S1-044: saved and loaded at any point, a run goes on as if it had not been', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(courses, fc.nat(), ({ runs, events, effects }, choice) => {
        const point = choice % events.length
        const start = runs[point]
        if (start === undefined) return false
        let run: Run = JSON.parse(JSON.stringify(start))
        const told: Effect[] = []
        for (const event of events.slice(point)) {
          const advanced = advance(run, event)
          run = advanced.run
          told.push(...advanced.effects)
        }
        const expected = effects.slice(effects.length - told.length)
        return JSON.stringify(told) === JSON.stringify(expected) && JSON.stringify(run) === JSON.stringify(runs.at(-1))
      }),
      { numRuns: 300 },
    ),
  )
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
    // Elsewhere than asked, or at a disabled child: nothing absorbs that.
    const lost = end.outcome.kind === 'failed' && [1168, 1058].includes(end.outcome.exitCode)
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

/** Events of a course after which conditions get their answer. */
const restartsUntil = 100

interface Chosen {
  readonly document: unknown
  readonly reactions: readonly Reaction[]
  readonly installed: boolean
  readonly isDisabled: boolean
  readonly retries: number
}

function play({ document, reactions: list, installed, isDisabled, retries }: Chosen): Course {
  const secret = { name: 'C', value: secretValue, secret: true }
  const sequence = withRetries(expandedSequence(document, { isDisabled }), retries)
  let run = startRun(sequence, [{ name: 'A', value: '1', secret: false }, secret])
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
    // A power cut that came at each try would never end.
    const mayRestart = events.length < restartsUntil
    event = react(advanced.effects.at(-1), list[events.length % list.length], mayRestart)
  }
  return { runs, events, effects }
}

/** As the step types for applications and updates have it. */
function withRetries(sequence: TaskSequence, retries: number): TaskSequence {
  if (retries === 0) return sequence
  const member = `"retryUnexpectedRestarts":${retries},"type":"run-command-line"`
  return JSON.parse(JSON.stringify(sequence).replaceAll('"type":"run-command-line"', member)) as TaskSequence
}

/** What the machine does about the last effect, which is the only one that waits for an answer. */
function react(
  effect: Effect | undefined,
  reaction: Reaction | undefined,
  mayRestart: boolean,
): SequenceEvent | undefined {
  if (effect === undefined || reaction === undefined || effect.kind === 'end') return undefined
  if (effect.kind === 'restart') {
    return { kind: 'resumed', where: reaction.elsewhere ? otherPlace(effect.target) : effect.target }
  }
  if (effect.kind === 'wait') {
    return reaction.happens === 'restarts' ? { kind: 'resumed', where: 'installed-system' } : { kind: 'waited' }
  }
  if (effect.kind === 'inspect-machine') {
    if (mayRestart && reaction.happens === 'restarts' && reaction.elsewhere)
      return { kind: 'resumed', where: 'boot-image' }
    return { kind: 'machine-inspected', answers: effect.questions.map((one) => answer(one, reaction.finds)) }
  }
  if (effect.kind !== 'run-step') return undefined
  if (reaction.happens === 'restarts') return { kind: 'resumed', where: 'boot-image' }
  if (reaction.happens === 'times-out' && effect.timeoutSeconds !== undefined) return { kind: 'step-timed-out' }
  const { exitCode, variables } = reaction
  return { kind: 'step-ended', exitCode, message: `said ${secretValue} twice: ${secretValue}`, variables }
}

function answer({ kind }: MachineQuestion, finds: Reaction['finds']): MachineAnswer {
  if (finds === 'no-answer') return { kind: 'unavailable', reason: 'nobody knows' }
  const isThere = finds === 'everything'
  switch (kind) {
    case 'file':
    case 'folder':
      return isThere
        ? { kind: 'path', found: kind, modifiedAt: '2025-01-01T00:00:00Z' }
        : { kind: 'path', found: 'nothing' }
    case 'registry':
      return isThere ? { kind, exists: true, type: 'REG_SZ', data: '1' } : { kind, exists: false }
    case 'software':
      return { kind, versions: isThere ? ['1', '3'] : [] }
    case 'wmi':
      return { kind, rows: isThere ? 1 : 0 }
    case 'os-version':
      return { kind, system: isThere ? 'debian' : 'other', like: [], version: '13', architecture: 'x64' }
    case 'os-language':
      return { kind, language: isThere ? 'de-DE' : 'en-US' }
    default:
      return kind satisfies never
  }
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
