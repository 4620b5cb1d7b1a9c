/** Task sequences and runs for tests: built with good defaults, printed one effect a line. */

import { stringify } from 'yaml'
import type { DebugCommand } from '../../server/sequence/debug.ts'
import type { Effect, SequenceReport } from '../../server/sequence/effect.ts'
import { parseSequence } from '../../server/sequence/parse-sequence.ts'
import type { RunOutcome } from '../../server/sequence/run.ts'
import type { TaskSequence } from '../../server/sequence/task-sequence.ts'

/** The parsed document; its faults are the test's own mistake. */
export function sequenceOf(document: unknown): TaskSequence {
  const parsed = parseSequence(document)
  if (parsed.kind === 'valid') return parsed.sequence
  throw new Error(`not a task sequence:\n${stringify(parsed.faults)}`)
}

export function commandStep(name: string, more: Readonly<Record<string, unknown>> = {}): unknown {
  return { name, action: { type: 'run-command-line', commandLine: 'true' }, ...more }
}

/** Run Task Sequence. */
export function childStep(name: string, taskSequenceId: string, more: Readonly<Record<string, unknown>> = {}): unknown {
  return { name, action: { type: 'run-task-sequence', taskSequenceId }, ...more }
}

export function printEffect(effect: Effect): string {
  switch (effect.kind) {
    case 'run-step': {
      const { type, ...fields } = effect.action
      const limit = effect.timeoutSeconds === undefined ? '' : ` within ${effect.timeoutSeconds} s`
      return `run-step [${effect.path.join('.')}] ${type}${limit} ${JSON.stringify(fields)}`
    }
    case 'inspect-machine':
      return `inspect-machine [${effect.path.join('.')}] ${JSON.stringify(effect.questions)}`
    case 'wait':
      return `wait ${effect.seconds} s`
    case 'await-command': {
      const limit = effect.limitSeconds === undefined ? '' : ` within ${effect.limitSeconds} s`
      return `await-command above ${effect.after}${limit}`
    }
    case 'report':
      return `report ${printReport(effect.report)}`
    case 'restart':
      return `restart to ${effect.target} after ${effect.delaySeconds} s: ${JSON.stringify(effect.message)}`
    case 'end':
      return `end ${printOutcome(effect.outcome)}${effect.postAction === undefined ? '' : `, then ${effect.postAction}`}`
    default:
      return effect satisfies never
  }
}

function printReport(report: SequenceReport): string {
  switch (report.kind) {
    case 'sequence-started':
      return report.kind
    case 'group-started': {
      const { taskSequence: child } = report
      const starts = child === undefined ? '' : `, child ${child.id} ${child.name}`
      return `${report.kind} [${report.path.join('.')}] ${report.name}${starts}`
    }
    case 'group-ended':
      return `${report.kind} [${report.path.join('.')}] ${report.outcome}`
    case 'step-started':
      return `${report.kind} [${report.path.join('.')}] ${report.name}, ${report.type}, attempt ${report.attempt}`
    case 'step-ended':
      return `${report.kind} [${report.path.join('.')}] ${report.outcome} ${report.exitCode}${printMessage(report.message)}`
    case 'node-skipped':
      return `${report.kind} [${report.path.join('.')}] ${report.reason}${printMessage(report.because ?? '')}`
    case 'restarting':
      return `${report.kind} to ${report.target}`
    case 'resumed':
      return `${report.kind} in ${report.where}, ${report.expected ? 'as expected' : 'not expected'}`
    case 'debugger-attached':
      return `${report.kind}, opens ${report.opens}`
    case 'debugger-paused': {
      const failure = report.reason === 'error' ? ` ${report.exitCode}${printMessage(report.message)}` : ''
      return `${report.kind} [${report.path.join('.')}] ${report.number} ${report.name}, ${report.reason}${failure}`
    }
    case 'debugger-command':
      return `${report.kind} ${report.number} ${printCommand(report.command)}${printRefusal(report.refused)}`
    case 'sequence-ended':
      return `${report.kind} ${printOutcome(report.outcome)}`
    default:
      return report satisfies never
  }
}

function printOutcome(outcome: RunOutcome): string {
  if (outcome.kind === 'succeeded') return outcome.kind
  return `${outcome.kind} at [${outcome.path.join('.')}] ${outcome.exitCode}${printMessage(outcome.message)}`
}

function printCommand(command: DebugCommand): string {
  return 'path' in command ? `${command.kind} [${command.path.join('.')}]` : command.kind
}

function printRefusal(reason: string | undefined): string {
  return reason === undefined ? '' : `, refused: ${reason}`
}

function printMessage(message: string): string {
  return message === '' ? '' : `: ${message}`
}
