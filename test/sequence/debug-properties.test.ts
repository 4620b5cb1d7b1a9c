/**
 * What must hold for every run in debug mode, whatever is commanded (S1-100, S1-101). A made-up machine answers each effect;
 * commands come from a random list, and when it is used up somebody quits.
 */

import test from 'ava'
import * as fc from 'fast-check'
import { advance, startRun } from '../../server/sequence/advance.ts'
import { type DebugCommand, isSamePath, plainDebugCommands } from '../../server/sequence/debug.ts'
import type { Effect, SequenceReport } from '../../server/sequence/effect.ts'
import type { SequenceEvent } from '../../server/sequence/event.ts'
import { flattenNodes } from '../../server/sequence/progress.ts'
import type { Run } from '../../server/sequence/run.ts'
import type { NodePath, TaskSequence } from '../../server/sequence/task-sequence.ts'
import { arbitraryDocument, expandedSequence } from '../support/arbitrary-sequences.ts'

interface Turn {
  readonly before: Run
  readonly event: SequenceEvent
  readonly effects: readonly Effect[]
}

/** What a step does depends on its place alone, so that two runs of one sequence meet the same machine. */
const machines = fc.record({
  exitCodes: fc.array(fc.constantFrom(0, 0, 0, 1, 3010), { minLength: 1, maxLength: 7 }),
  restarts: fc.array(
    fc.integer({ min: 0, max: 7 }).map((number) => number === 0),
    { minLength: 1, maxLength: 7 },
  ),
  /** Restarts while the run is held. */
  heldRestarts: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
})
type Machine = typeof machines extends fc.Arbitrary<infer One> ? One : never

/** Places are chosen among those there are, and some that are not. */
const commands = fc.array(
  fc.record({
    kind: fc.constantFrom(
      'step',
      'step',
      'run',
      'set-current',
      'set-current',
      'set-break',
      'set-break',
      'clear-break',
      'clear-all-breaks',
      'cancel',
      'quit',
      'time-out',
    ),
    place: fc.nat(),
  }),
  { maxLength: 20 },
)
type Wanted = typeof commands extends fc.Arbitrary<readonly (infer One)[]> ? One : never

const courses = fc
  .record({
    document: arbitraryDocument,
    machine: machines,
    commands,
    isDisabled: fc.boolean(),
    variable: fc.constantFrom('TSDebugMode', 'tsdebugonerror'),
  })
  .map(({ document, machine, commands: list, isDisabled, variable }) => {
    const sequence = expandedSequence(document, { isDisabled })
    return { variable, turns: play(debugged(sequence, variable), machine, list) }
  })

test('S1-101: whatever is commanded, a run ends exactly once, and the same events give the same effects', (t) => {
  holds(t, ({ turns }) => {
    const effects = turns.flatMap((turn) => turn.effects)
    const isReplayed = turns.every(({ before, event, effects: told }) => {
      const restored: Run = JSON.parse(JSON.stringify(before))
      return JSON.stringify(advance(restored, event).effects) === JSON.stringify(told)
    })
    return isReplayed && effects.filter(({ kind }) => kind === 'end').length === 1 && effects.at(-1)?.kind === 'end'
  })
})

test('S1-100 S1-101: no step begins while the run is held, nor without a command that lets it', (t) => {
  holds(t, ({ turns, variable }) => {
    const guard = new Guard(variable === 'TSDebugMode')
    return reportsOf(turns).every((report) => guard.allows(report))
  })
})

test('S1-101: a run that is held waits for a command, and does nothing else', (t) => {
  holds(t, ({ turns }) =>
    turns.every(({ effects }) => {
      const held = effects.findIndex((effect) => effect.kind === 'report' && effect.report.kind === 'debugger-paused')
      return held === -1 || (held === effects.length - 2 && effects.at(-1)?.kind === 'await-command')
    }),
  )
})

test('S1-101: each command is taken once, and the next one is waited for', (t) => {
  holds(t, ({ turns }) => {
    let taken = 0
    return turns.every(({ event, effects }) => {
      if (event.kind === 'debug-command') taken = event.number
      const awaited = effects.find((effect) => effect.kind === 'await-command')
      const told = reportsIn(effects).filter(({ kind }) => kind === 'debugger-command').length
      return (awaited === undefined || awaited.after === taken) && told === (event.kind === 'debug-command' ? 1 : 0)
    })
  })
})

test('S1-101: stepped through from its beginning, a sequence does what it does without the debugger', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(arbitraryDocument, machines, fc.boolean(), (document, machine, isDisabled) => {
        const sequence = expandedSequence(document, { isDisabled })
        const calm = { ...machine, heldRestarts: [false] }
        const alone = reportsOf(play(startRun(sequence, []), calm, []))
        const steps = Array.from({ length: 500 }, () => ({ kind: 'step', place: 0 }) as const)
        const stepped = reportsOf(play(debugged(sequence, 'TSDebugMode'), calm, steps))
        const own = stepped.filter(({ kind }) => !kind.startsWith('debugger-'))
        return JSON.stringify(own) === JSON.stringify(alone)
      }),
      { numRuns: 200 },
    ),
  )
})

/** What a person believes about the debugger, told by the reports alone. */
class Guard {
  #stepping: boolean
  #breaks: readonly NodePath[] = []
  #heldAt: NodePath | undefined
  #released: NodePath | undefined
  #mayStep = false
  #hasQuit = false

  constructor(stepping: boolean) {
    this.#stepping = stepping
  }

  allows(report: SequenceReport): boolean {
    if (report.kind === 'debugger-paused') {
      this.#heldAt = report.path
      this.#mayStep = false
    }
    if (report.kind === 'debugger-command' && report.refused === undefined) this.#take(report.command)
    return report.kind !== 'step-started' || report.attempt > 1 || this.#mayBegin(report.path)
  }

  #take(command: DebugCommand): void {
    if (command.kind === 'set-break') this.#breaks = [...this.#breaks, command.path]
    if (command.kind === 'clear-all-breaks') this.#breaks = []
    if (command.kind === 'clear-break') this.#breaks = this.#breaks.filter((path) => !isSamePath(path, command.path))
    if (command.kind === 'step' || command.kind === 'run') {
      this.#stepping = command.kind === 'step'
      this.#mayStep = true
      this.#released = this.#heldAt
      this.#heldAt = undefined
    }
    if (command.kind === 'quit') this.#hasQuit = true
  }

  #mayBegin(path: NodePath): boolean {
    if (this.#hasQuit) return true
    if (this.#heldAt !== undefined) return false
    const isReleased = this.#mayStep && this.#released !== undefined && isSamePath(this.#released, path)
    this.#mayStep = false
    return isReleased || (!this.#stepping && !this.#breaks.some((other) => isSamePath(other, path)))
  }
}

function holds(
  t: { readonly notThrows: (body: () => void) => void },
  property: (course: { readonly turns: readonly Turn[]; readonly variable: string }) => boolean,
): void {
  t.notThrows(() => fc.assert(fc.property(courses, property), { numRuns: 300 }))
}

function debugged(sequence: TaskSequence, name: string): Run {
  return startRun(sequence, [{ name, value: 'True', secret: false }])
}

/** Power cuts that never end would never let a run end. */
const turnsUntilCalm = 200

function play(start: Run, machine: Machine, wanted: readonly Wanted[]): readonly Turn[] {
  const places = flattenNodes(start.sequence).map(({ path }) => path)
  const rest = [...wanted]
  const turns: Turn[] = []
  let run = start
  let event: SequenceEvent | undefined = { kind: 'start' }
  while (event !== undefined) {
    const { run: next, effects } = advance(run, event)
    turns.push({ before: run, event, effects })
    run = next
    const last = effects.at(-1)
    const isCalm = turns.length > turnsUntilCalm
    if (last?.kind !== 'await-command') event = react(last, machine, isCalm)
    else if (!isCalm && machine.heldRestarts[turns.length % machine.heldRestarts.length] === true)
      event = { kind: 'resumed', where: turns.length % 3 === 0 ? 'installed-system' : 'boot-image' }
    else event = command(last, rest.shift(), places)
  }
  return turns
}

function command(
  { after, limitSeconds }: Extract<Effect, { readonly kind: 'await-command' }>,
  wanted: Wanted | undefined,
  places: readonly NodePath[],
): SequenceEvent {
  const { kind, place } = wanted ?? { kind: 'quit', place: 0 }
  if (kind === 'time-out' && limitSeconds !== undefined) return { kind: 'debug-timed-out' }
  const plain = plainDebugCommands.find((known) => known === kind)
  const path = places[place % (places.length + 1)] ?? [place]
  const placed = kind === 'set-break' || kind === 'clear-break' ? kind : 'set-current'
  return {
    kind: 'debug-command',
    number: after + 1 + (place % 2),
    command: plain === undefined ? { kind: placed, path } : { kind: plain },
  }
}

function react(effect: Effect | undefined, machine: Machine, isCalm: boolean): SequenceEvent | undefined {
  switch (effect?.kind) {
    case 'run-step': {
      const place = effect.path.reduce((sum, index) => sum * 3 + index, 1)
      const restarts = machine.restarts[place % machine.restarts.length] === true
      if (restarts && !isCalm) return { kind: 'resumed', where: 'boot-image' }
      const exitCode = machine.exitCodes[place % machine.exitCodes.length] ?? 0
      return { kind: 'step-ended', exitCode, message: '', variables: [] }
    }
    case 'inspect-machine':
      return {
        kind: 'machine-inspected',
        answers: effect.questions.map(() => ({ kind: 'unavailable', reason: 'nobody knows' })),
      }
    case 'wait':
      return { kind: 'waited' }
    case 'restart':
      return { kind: 'resumed', where: effect.target }
    default:
      return undefined
  }
}

function reportsOf(turns: readonly Turn[]): readonly SequenceReport[] {
  return turns.flatMap(({ effects }) => reportsIn(effects))
}

function reportsIn(effects: readonly Effect[]): readonly SequenceReport[] {
  return effects.flatMap((effect) => (effect.kind === 'report' ? [effect.report] : []))
}
