/**
 * The task sequence engine (S1-003, S1-004, S1-014, S1-020, S1-021, S1-026 to S1-032, S1-039 to S1-048): an event goes in, the
 * next run and the effects come out. It decides order, conditions, failure, restarts and the last action's
 * variables. It does not know what a step does, nor that it runs on a machine; effect.ts says what its caller owes it.
 *
 * Where the documents are silent:
 * - A condition that is decided by variables alone asks nothing of the machine (inspection.ts).
 * - A machine that comes up elsewhere than asked fails the run, whatever the error settings (as S1-035): the
 *   steps that follow were written for the other place.
 * - A step that runs again after a restart (S1-041) is not asked for its condition again.
 * - A restart is asked for only by an action that succeeded; restart-request.ts says where to.
 * - What holds a run that is debugged is in debug.ts and take-debug-command.ts.
 * - A machine that restarts after the run has ended, but before that was carried out, is told the end again.
 * An event that does not fit the state is our own mistake and crashes.
 */

import { assert } from '../assert.ts'
import { emptyEnvironment, setVariables, type Variable } from './environment.ts'
import type { MachineCondition } from './condition.ts'
import { attachDebugger, hold, reasonToHold } from './debug.ts'
import { evaluateCondition } from './evaluate-condition.ts'
import type { SequenceEvent } from './event.ts'
import { explainFalse } from './explain-condition.ts'
import { type MachineAnswer, pairAnswers, questionsOf } from './inspection.ts'
import { failed, failureCodes } from './judge-step.ts'
import { endGroup, failGroup, leaveFailedStep, skipNode, tellEnd } from './leave-node.ts'
import { beginStep, endStep, judgeStep, runAgain, takeVariables } from './perform-step.ts'
import { countSteps, nodeAt } from './progress.ts'
import { secondRestartSeconds } from './restart-request.ts'
import type { Failure, RestartTarget, Run, RunState } from './run.ts'
import { endUnattended, takeDebugCommand } from './take-debug-command.ts'
import type { ChildSequence, Group, Node, TaskSequence } from './task-sequence.ts'
import {
  type Advance,
  closeTurn,
  moveOn,
  openTurn,
  placeOf,
  printMessage,
  report,
  setOwnVariables,
  setPlace,
  siblingsOf,
  standingAt,
  type Turn,
  topFrame,
} from './turn.ts'

export type { Advance } from './turn.ts'

/** `variables`: what the policy gives, in order of rising precedence (S1-063). The caller has checked them. */
export function startRun(sequence: TaskSequence, variables: readonly Variable[]): Run {
  const result = setVariables(emptyEnvironment, variables, 'product')
  assert(result.kind === 'set', result.kind === 'refused' ? result.message : '')
  return { sequence, environment: result.environment, state: { kind: 'not-started' }, stack: [], restarts: 0 }
}

export function advance(run: Run, event: SequenceEvent): Advance {
  const turn = openTurn(run)
  switch (event.kind) {
    case 'start':
      assert(run.state.kind === 'not-started', `start in state ${run.state.kind}`)
      start(turn, event.where ?? 'boot-image')
      break
    case 'step-ended':
      assert(run.state.kind === 'running-step', `step-ended in state ${run.state.kind}`)
      assert(Number.isSafeInteger(event.exitCode), 'an exit code is a whole number')
      takeVariables(turn, run.state)
      endStep(turn, judgeStep(turn, event), run.state.attempt)
      break
    case 'step-timed-out':
      assert(run.state.kind === 'running-step', `step-timed-out in state ${run.state.kind}`)
      takeVariables(turn, run.state)
      timeOut(turn, run.state.attempt)
      break
    case 'machine-inspected': {
      assert(run.state.kind === 'inspecting', `machine-inspected in state ${run.state.kind}`)
      assert(event.answers.length > 0, 'one answer for each question')
      meetNode(turn, nodeAt(turn.sequence, standingAt(turn)), event.answers)
      break
    }
    case 'waited':
      assert(run.state.kind === 'waiting-for-restart', `waited in state ${run.state.kind}`)
      goOn(turn, run.state)
      break
    case 'debug-command':
      assert(run.state.kind === 'paused', `debug-command in state ${run.state.kind}`)
      takeDebugCommand(turn, run.state, event)
      break
    case 'debug-timed-out':
      assert(run.state.kind === 'paused', `debug-timed-out in state ${run.state.kind}`)
      endUnattended(turn, run.state)
      break
    case 'resumed':
      resume(turn, run, event.where)
      break
    default:
      event satisfies never
  }
  while (turn.state === undefined) walk(turn)
  return closeTurn(turn)
}

function start(turn: Turn, where: RestartTarget): void {
  turn.stack = [{ path: [], next: 0 }]
  setPlace(turn, where)
  setOwnVariables(turn, {
    _SMSTSPackageName: turn.sequence.name,
    _SMSTSInstructionTableSize: String(countSteps(turn.sequence)),
  })
  report(turn, { kind: 'sequence-started' })
  attachDebugger(turn)
}

/** One node further. */
function walk(turn: Turn): void {
  const node = siblingsOf(turn)[topFrame(turn).next]
  if (node === undefined) endGroup(turn)
  else if (node.disabled) skipNode(turn)
  else meetNode(turn, node, [])
}

/** An enabled node is next; \`answers\` are none before its condition has asked the machine. */
function meetNode(turn: Turn, node: Node, answers: readonly MachineAnswer[]): void {
  const { environment } = turn
  const { condition } = node
  const isAsked = condition !== undefined && answers.length > 0
  const facts = { environment, answers: isAsked ? pairAnswers(condition, answers) : noAnswers }
  const holds = condition === undefined ? true : evaluateCondition(condition, facts)
  if (holds === true) enterNode(turn, node)
  else if (condition === undefined || holds === false) skipNode(turn, condition && explainFalse(condition, facts))
  else {
    turn.state = { kind: 'inspecting' }
    const questions = questionsOf(condition, environment)
    turn.effects.push({ kind: 'inspect-machine', path: standingAt(turn), questions })
  }
}

const noAnswers: ReadonlyMap<MachineCondition, MachineAnswer> = new Map()

function enterNode(turn: Turn, node: Node): void {
  if (node.kind === 'group') return enterGroup(turn, node)
  const reason = reasonToHold(turn)
  if (reason === undefined) beginStep(turn, 1)
  else hold(turn, { kind: 'paused', reason })
}

function enterGroup(turn: Turn, { name, taskSequence }: Group): void {
  const path = standingAt(turn)
  const child = taskSequence === undefined ? {} : { taskSequence: { id: taskSequence.id, name: taskSequence.name } }
  report(turn, { kind: 'group-started', path, name, ...child })
  if (taskSequence?.enabled === false)
    failGroup(turn, { exitCode: failureCodes.childDisabled, ...disabled(taskSequence) })
  else turn.stack = [...turn.stack, { path, next: 0 }]
}

/** S1-033: no Continue on error helps. */
function disabled({ name, id }: ChildSequence): Pick<Failure, 'message' | 'fatal'> {
  const message = `The task sequence "${name}" (${id}) is disabled on computers where it is deployed: enable it, or disable this step.`
  return { message, fatal: true }
}

function timeOut(turn: Turn, attempt: number): void {
  const node = nodeAt(turn.sequence, standingAt(turn))
  assert(node.kind === 'step' && node.timeoutSeconds !== undefined, 'only a step with a time limit can time out')
  const message = `The step did not end within its ${node.timeoutSeconds} seconds, and was ended.`
  endStep(turn, failed(failureCodes.timedOut, message), attempt)
}

function resume(turn: Turn, run: Run, where: RestartTarget): void {
  const { state } = run
  assert(state.kind !== 'not-started', 'a run that was not started cannot be resumed')
  if (state.kind === 'ended') {
    turn.state = state
    tellEnd(turn, state.outcome)
    return
  }
  if (turn.debug !== undefined) turn.debug = { ...turn.debug, unattended: true }
  const isAsked = state.kind === 'restarting' || state.kind === 'waiting-for-restart'
  const wanted = isAsked ? state.target : placeOf(turn)
  setPlace(turn, where)
  report(turn, { kind: 'resumed', where, expected: isAsked && wanted === where })
  if (state.kind === 'running-step') {
    takeVariables(turn, state)
    if (wanted === where && runAgain(turn, state)) return
    endStep(turn, unexpectedRestart, state.attempt)
  } else if (state.kind === 'paused' && (wanted === where || state.reason === 'error')) hold(turn, state)
  else if (wanted !== where)
    leaveFailedStep(turn, { ...wrongPlace(turn, wanted), ...(isAsked ? {} : { unbegun: true }) })
  else if (state.kind === 'restarting') comeBack(turn, state)
  // The second restart was the one that was waited for.
  else if (state.kind === 'waiting-for-restart') goOn(turn, state)
  // Nothing was changed while a condition asked the machine: it asks again.
  else walk(turn)
}

type AskedRestart = Extract<RunState, { readonly kind: 'restarting' | 'waiting-for-restart' }>

function comeBack(turn: Turn, { target, retryAttempt }: AskedRestart): void {
  const seconds = secondRestartSeconds(turn.environment, target)
  const retry = retryAttempt === undefined ? {} : { retryAttempt }
  if (seconds === 0) goOn(turn, { kind: 'restarting', target, ...retry })
  else {
    turn.state = { kind: 'waiting-for-restart', target, ...retry }
    turn.effects.push({ kind: 'wait', seconds })
  }
}

function goOn(turn: Turn, { retryAttempt }: AskedRestart): void {
  if (retryAttempt === undefined) moveOn(turn)
  else beginStep(turn, retryAttempt)
}

const unexpectedRestart = failed(
  failureCodes.unexpectedRestart,
  'The machine restarted unexpectedly while this step was running. A step that needs a restart asks for it ' +
    'with exit code 3010 or SMSTSRebootRequested, and never restarts the machine itself.',
)

function wrongPlace(turn: Turn, target: RestartTarget): Failure {
  const message =
    target === 'boot-image'
      ? 'The machine was to restart into the boot image, but its installed system started: check its boot order.'
      : 'The machine was to restart into its installed system, but the boot image started: check its boot order and that an operating system was applied and set up.'
  return { exitCode: failureCodes.wrongPlace, message: printMessage(turn, message), fatal: true }
}
