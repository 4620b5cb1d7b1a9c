/**
 * One step from its start to its end. Set Task Sequence Variable and Restart Computer are done here; every other
 * action is handed out as `run-step`, and its end comes back as an event.
 */

import { assert } from '../assert.ts'
import { actionVariables } from './action-variables.ts'
import { assignVariables, type Variable, type VariableRefusal } from './environment.ts'
import {
  authorityOf,
  canRun,
  failed,
  failureCodes,
  judgeExitCode,
  type StepVerdict,
  stepAttemptsMax,
  unexpectedRestartsMax,
} from './judge-step.ts'
import { isAbsorbed, leaveFailedStep } from './leave-node.ts'
import { nodeAt, stepNumber } from './progress.ts'
import { resolveAction } from './resolve-action.ts'
import {
  readRestartRequest,
  rebootRequestedVariable,
  type RestartNotice,
  type RestartRequest,
  restartNotice,
  retryRequestedVariable,
} from './restart-request.ts'
import { mentionsSecret, substitute } from './substitute.ts'
import type { RunState } from './run.ts'
import { type Action, stepTypeOf } from './step-types.ts'
import type { SetTaskSequenceVariable } from './step-types/set-task-sequence-variable.ts'
import { captureBegunVariable } from './step-types/state-store-path.ts'
import type { Step } from './task-sequence.ts'
import { moveOn, placeOf, printMessage, report, setOwnVariables, standingAt, type Turn } from './turn.ts'

/** The step that the run stands at begins; its condition holds. */
export function beginStep(turn: Turn, attempt: number, unexpectedRestarts = 0): void {
  const path = standingAt(turn)
  const { name, action, timeoutSeconds } = standingStep(turn)
  setOwnVariables(turn, {
    _SMSTSCurrentActionName: name,
    SMSTSNextInstructionPointer: String(stepNumber(turn.sequence, path)),
    ...(beginsCapture(action) ? { [captureBegunVariable]: 'true' } : {}),
  })
  report(turn, { kind: 'step-started', path, name, type: action.type, attempt })
  if (!canRun(action, placeOf(turn))) endStep(turn, wrongEnvironment(action), attempt)
  else if (action.type === 'set-task-sequence-variable') endStep(turn, setTaskSequenceVariable(turn, action), attempt)
  else {
    const resolved = resolveAction(action, turn.environment)
    if (resolved.kind === 'unusable') endStep(turn, failed(failureCodes.unusableVariable, resolved.message), attempt)
    else if (action.type === 'restart-computer') endStep(turn, done, attempt)
    else {
      const again = unexpectedRestarts === 0 ? {} : { unexpectedRestarts }
      turn.state = { kind: 'running-step', path, attempt, ...bringVariables(turn, resolved.action), ...again }
      const limit = timeoutSeconds === undefined ? {} : { timeoutSeconds }
      turn.effects.push({ kind: 'run-step', path, name, action: resolved.action, attempt, ...limit })
    }
  }
}

/** Known before the step can fail, run out of time or be cut off. */
function beginsCapture(action: Action): boolean {
  return action.type === 'capture-user-state' || (action.type === 'request-state-store' && action.purpose === 'capture')
}

type RunningStep = Extract<RunState, { readonly kind: 'running-step' }>

/** S1-056. */
function bringVariables(turn: Turn, action: Action): Pick<RunningStep, 'actionVariables'> {
  const variables = actionVariables(standingStep(turn).action, action, turn.environment)
  const refusal = assignVariables(turn.environment, variables, 'engine')
  assert(refusal === undefined, 'action variables are legal ones')
  return variables.length === 0 ? {} : { actionVariables: variables.map(({ name }) => name) }
}

/** The action does not run any more, whatever became of it: what it brought along goes before anything else is set. */
export function takeVariables(turn: Turn, { actionVariables: names = [] }: RunningStep): void {
  setOwnVariables(turn, Object.fromEntries(names.map((name) => [name, ''])))
}

/** After a restart that nobody asked for: true when the step runs again (S1-019). */
export function runAgain(turn: Turn, { attempt, unexpectedRestarts = 0 }: RunningStep): boolean {
  const may = unexpectedRestarts < unexpectedRestartsMax(standingStep(turn).action) && attempt < stepAttemptsMax
  if (may) beginStep(turn, attempt + 1, unexpectedRestarts + 1)
  return may
}

/** An action that was handed out has come to its end, with the variables it set: all of them are taken, or none. */
export function judgeStep(
  turn: Turn,
  ended: { readonly exitCode: number; readonly message: string; readonly variables: readonly Variable[] },
): StepVerdict {
  const { action } = standingStep(turn)
  const verdict = judgeExitCode(action, ended.exitCode, ended.message)
  const refusal = assignVariables(turn.environment, ended.variables, authorityOf(action))
  return refusal !== undefined && verdict.succeeded ? refused(refusal) : verdict
}

/** Bookkeeping, the report, and what follows: the next node, a restart, or the failure on its way up. */
export function endStep(turn: Turn, judged: StepVerdict, attempt: number): void {
  const step = standingStep(turn)
  const request = takeRestartRequest(turn, judged)
  const verdict = judgeRequest(judged, request, attempt)
  setOwnVariables(turn, {
    _SMSTSLastActionName: step.name,
    _SMSTSLastActionRetCode: String(verdict.exitCode),
    _SMSTSLastActionSucceeded: String(verdict.succeeded),
  })
  if (!verdict.succeeded) failStep(turn, verdict)
  else {
    report(turn, {
      kind: 'step-ended',
      path: standingAt(turn),
      name: step.name,
      outcome: 'succeeded',
      exitCode: verdict.exitCode,
      message: '',
    })
    if (request.kind === 'restart') restart(turn, request, attempt)
    else moveOn(turn)
  }
}

const done: StepVerdict = { succeeded: true, exitCode: 0, message: '' }

function wrongEnvironment(action: Action): StepVerdict {
  const message =
    stepTypeOf(action).runsIn === 'boot-image'
      ? 'This step runs in the boot image only, and the installed system is running: put it before the restart.'
      : 'This step runs in the installed system only, and the boot image is running: put it after the restart.'
  return failed(failureCodes.wrongEnvironment, message)
}

function failStep(turn: Turn, verdict: StepVerdict): void {
  const path = standingAt(turn)
  const { exitCode } = verdict
  const message = printMessage(turn, verdict.message)
  // S1-032: a half-made system must never be taken for a finished one.
  const fatal = stepTypeOf(standingStep(turn).action).isFatal
  const outcome = isAbsorbed(turn, fatal) ? 'failed-continued' : 'failed'
  report(turn, { kind: 'step-ended', path, name: standingStep(turn).name, outcome, exitCode, message })
  leaveFailedStep(turn, { exitCode, message, fatal })
}

function takeRestartRequest(turn: Turn, { succeeded, exitCode }: StepVerdict): RestartRequest {
  const { action } = standingStep(turn)
  const request = readRestartRequest({ action, exitCode, environment: turn.environment, where: placeOf(turn) })
  setOwnVariables(turn, { [rebootRequestedVariable]: '', [retryRequestedVariable]: '' })
  return succeeded ? request : { kind: 'none' }
}

function judgeRequest(verdict: StepVerdict, request: RestartRequest, attempt: number): StepVerdict {
  if (request.kind === 'not-understood') {
    const message = `${rebootRequestedVariable} was set to ${JSON.stringify(request.value.slice(0, 60))}: use HD or WinPE.`
    return failed(failureCodes.unusableVariable, message)
  }
  if (request.kind === 'restart' && request.retry && attempt >= stepAttemptsMax) {
    const message = `The step asked to run again after each of ${attempt} attempts, which is as often as it may.`
    return failed(failureCodes.tooManyAttempts, message)
  }
  return verdict
}

function restart(turn: Turn, request: RestartRequest & { readonly kind: 'restart' }, attempt: number): void {
  const { target } = request
  const notice = ownNotice(turn) ?? restartNotice(turn.environment, turn.restarts)
  turn.restarts += 1
  turn.state = { kind: 'restarting', target, ...(request.retry ? { retryAttempt: attempt + 1 } : {}) }
  report(turn, { kind: 'restarting', target })
  turn.effects.push({
    kind: 'restart',
    target,
    message: printMessage(turn, notice.message),
    delaySeconds: notice.delaySeconds,
  })
}

/** What Restart Computer itself says; for every other step it is what the variables say (S1-048). */
function ownNotice(turn: Turn): RestartNotice | undefined {
  const { action } = standingStep(turn)
  const resolved = action.type === 'restart-computer' ? resolveAction(action, turn.environment) : undefined
  if (resolved?.kind !== 'resolved' || resolved.action.type !== 'restart-computer') return undefined
  return { message: resolved.action.message, delaySeconds: resolved.action.timeoutSeconds }
}

function setTaskSequenceVariable(turn: Turn, action: SetTaskSequenceVariable): StepVerdict {
  const value = substitute(action.value, turn.environment)
  const secret = action.secret || mentionsSecret(action.value, turn.environment)
  const refusal = assignVariables(turn.environment, [{ name: action.variable, value, secret }], 'step')
  return refusal === undefined ? done : refused(refusal)
}

function refused({ code, message }: VariableRefusal): StepVerdict {
  const exitCode = code === 'read-only-variable' ? failureCodes.readOnlyVariable : failureCodes.unusableVariable
  return failed(exitCode, message)
}

function standingStep(turn: Turn): Step {
  const node = nodeAt(turn.sequence, standingAt(turn))
  assert(node.kind === 'step', 'only a step is performed')
  return node
}
