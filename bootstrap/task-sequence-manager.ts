/**
 * The loop that drives the engine: event -> advance -> save the run -> perform the effects in their order -> event
 * (`server/sequence/effect.ts` states these duties). It performs nothing itself; what it is given does. A kill at any
 * point leaves a saved run from which the next start goes on.
 */

import { assert } from '../server/assert.ts'
import type { RunEventBody } from '../server/contract/agent.ts'
import { lastingEnvironment } from '../server/sequence/action-variables.ts'
import { advance } from '../server/sequence/advance.ts'
import type { Effect, SequenceReport } from '../server/sequence/effect.ts'
import type { Environment, Variable } from '../server/sequence/environment.ts'
import type { SequenceEvent } from '../server/sequence/event.ts'
import type { MachineAnswer, MachineQuestion } from '../server/sequence/inspection.ts'
import { changedVariables } from '../server/sequence/mask-secrets.ts'
import type { Run, RunOutcome } from '../server/sequence/run.ts'
import type { RunStep } from './step-runner.ts'

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
    const changed = variablesChanged(lastingEnvironment(current.run), lastingEnvironment(next.run))
    const reports = [...changed, ...next.effects.flatMap(reportOf)]
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
      case 'restart':
        return { kind: 'restart', restart: last }
      case 'end':
        return { ...last, kind: 'ended' }
      default:
        return last satisfies never
    }
  }
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

function variablesChanged(before: Environment, after: Environment): readonly RunEventBody[] {
  const variables = changedVariables(before, after).filter(({ name }) => !bookkeeping.test(name))
  const events: RunEventBody[] = []
  for (let first = 0; first < variables.length; first += variablesPerEventMax) {
    events.push({ kind: 'variables-changed', variables: variables.slice(first, first + variablesPerEventMax) })
  }
  return events
}
