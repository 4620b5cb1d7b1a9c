/**
 * Plays a task sequence against a described machine, by the engine that real runs have: what would run and with which
 * texts, what would be skipped and why, where it would restart, and how it would end. Nothing is performed, secrets are
 * masked, and the answer is bounded. Children have been put in their places before (expand-sequence.ts).
 */

import { assert } from '../assert.ts'
import { maskedValue } from '../secret.ts'
import { lastingEnvironment } from './action-variables.ts'
import { advance, startRun } from './advance.ts'
import { answerFrom, type DescribedMachine, type DescribedOutcome } from './described-machine.ts'
import type { Effect, SequenceReport } from './effect.ts'
import { emptyEnvironment, type Environment, type Variable, valueOf } from './environment.ts'
import type { SequenceEvent } from './event.ts'
import { changedVariables, maskSecrets } from './mask-secrets.ts'
import { mapActionSecrets } from './mentions.ts'
import { nodeAt } from './progress.ts'
import type { RestartTarget, Run, RunOutcome } from './run.ts'
import type { Action } from './step-types.ts'
import type { NodePath, TaskSequence } from './task-sequence.ts'

/** Ours: a sequence of the largest size with some of its steps tried again. */
export const dryRunEntriesMax = 50_000

export interface DryRun {
  /** In the order in which it would happen. */
  readonly entries: readonly DryRunEntry[]
  /** Absent when there were more entries than are told. */
  readonly outcome?: RunOutcome
  /** As the run would leave them. */
  readonly variables: readonly Variable[]
}

export type DryRunEntry =
  | {
      readonly kind: 'group'
      readonly path: NodePath
      readonly name: string
      readonly taskSequence?: { readonly id: string; readonly name: string }
    }
  /** A group that failed, or whose failure was absorbed. */
  | { readonly kind: 'group-failed'; readonly path: NodePath; readonly name: string; readonly continued: boolean }
  | DryRunStep
  | {
      readonly kind: 'skipped'
      readonly path: NodePath
      readonly name: string
      readonly reason: 'disabled' | 'condition-false' | 'parent-failed'
      readonly because?: string
      readonly steps: number
    }
  | {
      readonly kind: 'restart'
      readonly target: RestartTarget
      readonly message: string
      readonly delaySeconds: number
    }

export interface DryRunStep {
  readonly kind: 'step'
  readonly path: NodePath
  readonly name: string
  readonly type: string
  readonly attempt: number
  readonly where: RestartTarget
  /** With its variables replaced; as it is written for what the engine does by itself. */
  readonly action: Action
  /** Absent while an unexpected restart took its end away. */
  readonly outcome?: 'succeeded' | 'failed' | 'failed-continued'
  readonly exitCode?: number
  readonly message?: string
}

export function dryRun(sequence: TaskSequence, machine: DescribedMachine): DryRun {
  const entries: DryRunEntry[] = []
  let run = startRun(sequence, machine.variables)
  let event: SequenceEvent | undefined = { kind: 'start', where: machine.where }
  while (event !== undefined && entries.length <= dryRunEntriesMax) {
    const advanced = advance(run, event)
    run = advanced.run
    for (const effect of advanced.effects) note(entries, effect, run)
    event = react(machine, advanced.effects.at(-1), run)
  }
  const isWhole = run.state.kind === 'ended' && entries.length <= dryRunEntriesMax
  return {
    entries: entries.slice(0, dryRunEntriesMax),
    ...(isWhole && run.state.kind === 'ended' ? { outcome: run.state.outcome } : {}),
    variables: changedVariables(emptyEnvironment, lastingEnvironment(run)),
  }
}

function note(entries: DryRunEntry[], effect: Effect, run: Run): void {
  if (effect.kind === 'report') noteReport(entries, effect.report, run)
  else if (effect.kind === 'run-step') {
    const step = entries.at(-1)
    if (step?.kind === 'step') entries[entries.length - 1] = { ...step, action: mask(effect.action, run.environment) }
  } else if (effect.kind === 'restart') {
    const { target, message, delaySeconds } = effect
    entries.push({ kind: 'restart', target, message, delaySeconds })
  }
}

function noteReport(entries: DryRunEntry[], report: SequenceReport, run: Run): void {
  switch (report.kind) {
    case 'group-started':
      entries.push({ ...report, kind: 'group' })
      break
    case 'group-ended': {
      const { path, outcome } = report
      const name = nameAt(run, path)
      if (outcome !== 'succeeded') {
        entries.push({ kind: 'group-failed', path, name, continued: outcome === 'failed-continued' })
      }
      break
    }
    case 'step-started':
      entries.push(begunStep(report, run))
      break
    case 'step-ended':
      endStep(entries, report)
      break
    case 'node-skipped':
      entries.push({ ...report, kind: 'skipped', name: nameAt(run, report.path) })
      break
    default:
  }
}

function begunStep(report: Extract<SequenceReport, { readonly kind: 'step-started' }>, run: Run): DryRunStep {
  const node = nodeAt(run.sequence, report.path)
  assert(node.kind === 'step', 'only a step begins')
  return { ...report, kind: 'step', where: placeIn(run), action: mask(node.action, run.environment) }
}

/** It is the last step that began: no other one runs at its time. */
function endStep(entries: DryRunEntry[], report: Extract<SequenceReport, { readonly kind: 'step-ended' }>): void {
  const index = entries.findLastIndex(({ kind }) => kind === 'step')
  const step = entries[index]
  const { outcome, exitCode, message } = report
  if (step?.kind === 'step') entries[index] = { ...step, outcome, exitCode, ...(message === '' ? {} : { message }) }
}

function react(machine: DescribedMachine, effect: Effect | undefined, run: Run): SequenceEvent | undefined {
  switch (effect?.kind) {
    case 'run-step':
      return reactToStep(machine, effect, run)
    case 'inspect-machine':
      return {
        kind: 'machine-inspected',
        answers: effect.questions.map((question) => answerFrom(machine, question)),
      }
    case 'wait':
      return { kind: 'waited' }
    case 'await-command':
      // What is only described is not stepped through.
      return { kind: 'debug-command', number: effect.after + 1, command: { kind: 'quit' } }
    case 'restart':
      return { kind: 'resumed', where: effect.target }
    default:
      return undefined
  }
}

function reactToStep(
  { outcomes }: DescribedMachine,
  step: Extract<Effect, { readonly kind: 'run-step' }>,
  run: Run,
): SequenceEvent {
  const found = outcomes.find((outcome) => fits(outcome, step))
  if (found === undefined) return { kind: 'step-ended', exitCode: 0, message: '', variables: [] }
  if (found.happens === 'restarts') return { kind: 'resumed', where: placeIn(run) }
  if (found.happens === 'times-out' && step.timeoutSeconds !== undefined) return { kind: 'step-timed-out' }
  const { exitCode, message, variables } = found
  return { kind: 'step-ended', exitCode, message, variables }
}

function fits(
  { step, attempt }: DescribedOutcome,
  run: { readonly name: string; readonly path: NodePath; readonly attempt: number },
): boolean {
  return (step === run.name || step === run.path.join('.')) && (attempt ?? run.attempt) === run.attempt
}

/** As of the end of the turn; a turn goes from one place to another only with its first report. */
function placeIn({ environment }: Run): RestartTarget {
  return valueOf(environment, '_SMSTSInWinPE') === 'true' ? 'boot-image' : 'installed-system'
}

function nameAt({ sequence }: Run, path: NodePath): string {
  return nodeAt(sequence, path).name
}

/** Fields that are secret, and the values of secret variables in all others. */
function mask(action: Action, environment: Environment): Action {
  const { type, ...fields } = mapActionSecrets(action, () => maskedValue)
  // Only texts change, and every type keeps its own members.
  return { type, ...maskMembers(fields, environment) } as Action
}

function maskTexts(value: unknown, environment: Environment): unknown {
  if (typeof value === 'string') return maskSecrets(value, environment)
  if (Array.isArray(value)) return value.map((item: unknown) => maskTexts(item, environment))
  if (typeof value !== 'object' || value === null) return value
  return maskMembers(value, environment)
}

function maskMembers(record: object, environment: Environment): object {
  return Object.fromEntries(Object.entries(record).map(([name, member]) => [name, maskTexts(member, environment)]))
}
