/**
 * The loop that drives the engine: event -> advance -> save the run -> perform the effects in their order -> event
 * (`server/sequence/effect.ts` states these duties). It performs nothing itself; what it is given does. A kill at any
 * point leaves a saved run from which the next start goes on.
 */

import { assert } from '../server/assert.ts'
import type { RunEventBody } from '../server/contract/agent.ts'
import { lastingEnvironment } from '../server/sequence/action-variables.ts'
import { type Advance, advance } from '../server/sequence/advance.ts'
import type { Effect, SequenceReport } from '../server/sequence/effect.ts'
import { emptyEnvironment, type Environment, type Variable } from '../server/sequence/environment.ts'
import type { SequenceEvent } from '../server/sequence/event.ts'
import type { MachineAnswer, MachineQuestion } from '../server/sequence/inspection.ts'
import { changedVariables } from '../server/sequence/mask-secrets.ts'
import type { Run, RunOutcome } from '../server/sequence/run.ts'
import type { RunStep } from './step-runner.ts'

export type AwaitCommand = Extract<Effect, { readonly kind: 'await-command' }>

export interface ManagerParts {
  /** Saves the run and the reports it owes, durably. */
  readonly save: (run: Run, reports: readonly RunEventBody[]) => void
  readonly report: (body: RunEventBody) => void
  /** Told of every variable that must not be shown, before anything could show it. */
  readonly keepSecret: (variable: Variable) => void
  readonly runStep: (step: RunStep, run: Run) => Promise<SequenceEvent>
  /** Resolves when the seconds are over; a restart of the machine meanwhile is expected. */
  readonly wait: (seconds: number) => Promise<SequenceEvent>
  /** One answer for each question, in their order. */
  readonly inspect: (questions: readonly MachineQuestion[], run: Run) => Promise<readonly MachineAnswer[]>
  /** The first command with a number above `after`, or that the time is over; undefined: the server refused the run meanwhile. */
  readonly awaitCommand: (awaited: AwaitCommand) => Promise<SequenceEvent | undefined>
  /** True when the server does not let the run go on. */
  readonly isRefused: () => boolean
}

export type ManagerEnd =
  | { readonly kind: 'ended'; readonly outcome: RunOutcome; readonly postAction?: string }
  | { readonly kind: 'restart'; readonly restart: Extract<Effect, { kind: 'restart' }> }
  | { readonly kind: 'refused' }

export async function manageTaskSequence(run: Run, event: SequenceEvent, parts: ManagerParts): Promise<ManagerEnd> {
  let current = { run, event }
  for (;;) {
    const next = advance(current.run, current.event)
    for (const variable of secretsOf(next.run.environment)) parts.keepSecret(variable)
    const reports = reportsOf(current.run, next)
    parts.save(next.run, reports)
    for (const report of reports) parts.report(report)
    const last = next.effects.at(-1)
    assert(last !== undefined && last.kind !== 'report', 'every turn of the engine ends in something to do')
    if (parts.isRefused()) return { kind: 'refused' }
    switch (last.kind) {
      case 'run-step':
        current = { run: next.run, event: await parts.runStep(last, next.run) }
        break
      case 'inspect-machine':
        current = {
          run: next.run,
          event: { kind: 'machine-inspected', answers: await parts.inspect(last.questions, next.run) },
        }
        break
      case 'wait':
        current = { run: next.run, event: await parts.wait(last.seconds) }
        break
      case 'await-command': {
        const command = await parts.awaitCommand(last)
        if (command === undefined) return { kind: 'refused' }
        current = { run: next.run, event: command }
        break
      }
      case 'restart':
        return { kind: 'restart', restart: last }
      case 'end':
        return { ...last, kind: 'ended' }
      default:
        return last satisfies never
    }
  }
}

/** Whoever debugs a run sees all its variables: once it is debugged they are told whole, and then what changes (S1-102). */
function reportsOf(before: Run, { run, effects }: Advance): readonly RunEventBody[] {
  const told = effects.flatMap(reportOf)
  const after = lastingEnvironment(run)
  if (run.debug === undefined) {
    const changed = changedVariables(lastingEnvironment(before), after)
    return [...variablesChanged(changed.filter(({ name }) => !bookkeeping.test(name))), ...told]
  }
  // They follow what says that the run is debugged: only then are they wanted.
  if (before.debug === undefined) return [...told, ...variablesChanged(changedVariables(emptyEnvironment, after))]
  return [...variablesChanged(changedVariables(lastingEnvironment(before), after)), ...told]
}

function reportOf(effect: Effect): readonly SequenceReport[] {
  return effect.kind === 'report' ? [effect.report] : []
}

function secretsOf(environment: Environment): readonly Variable[] {
  return environment.variables.filter(({ secret }) => secret)
}

/** The engine's own bookkeeping changes at each step and tells nobody anything new. */
const bookkeeping = /^_|^SMSTSNextInstructionPointer$/i

/** Of 4,000 characters each at most, so that one event always fits into one request. */
const variablesPerEventMax = 40

function variablesChanged(variables: readonly Variable[]): readonly RunEventBody[] {
  const events: RunEventBody[] = []
  for (let first = 0; first < variables.length; first += variablesPerEventMax) {
    events.push({ kind: 'variables-changed', variables: variables.slice(first, first + variablesPerEventMax) })
  }
  return events
}
