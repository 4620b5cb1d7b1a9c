/**
 * How a node is left: passed over, done, or failed, and what a failure does to the groups above it (S1-026, S1-027).
 * A node's own Continue on error absorbs its failure and the next sibling is tried; otherwise the rest of its
 * siblings are skipped and its group has failed. What nobody absorbs ends the run.
 */

import { hold, holdsFailure } from './debug.ts'
import type { SequenceReport } from './effect.ts'
import { getVariable, valueOf } from './environment.ts'
import { childrenAt, countStepsAt, nodeAt } from './progress.ts'
import type { Failure, RunOutcome } from './run.ts'
import { substitute } from './substitute.ts'
import type { NodePath } from './task-sequence.ts'
import { moveOn, report, siblingsOf, standingAt, type Turn, topFrame } from './turn.ts'

/** \`because\`: why its condition is false; without one it is disabled. */
export function skipNode(turn: Turn, because?: string): void {
  if (because === undefined) reportSkipped(turn, standingAt(turn), { reason: 'disabled' })
  else reportSkipped(turn, standingAt(turn), { reason: 'condition-false', because })
  moveOn(turn)
}

/** The group at the top of the stack has no child left. */
export function endGroup(turn: Turn): void {
  const { path } = topFrame(turn)
  turn.stack = turn.stack.slice(0, -1)
  if (turn.stack.length === 0) {
    endRun(turn, { kind: 'succeeded' })
    return
  }
  report(turn, { kind: 'group-ended', path, outcome: 'succeeded' })
  moveOn(turn)
}

/** The group that the run stands at fails before its first child. */
export function failGroup(turn: Turn, failure: Failure): void {
  const path = standingAt(turn)
  for (const [index, node] of childrenAt(turn.sequence, path).entries()) {
    reportSkipped(turn, [...path, index], { reason: node.disabled ? 'disabled' : 'parent-failed' })
  }
  const outcome = isAbsorbed(turn, failure.fatal) ? 'failed-continued' : 'failed'
  report(turn, { kind: 'group-ended', path, outcome })
  leaveFailedStep(turn, failure)
}

/** Whether the step's own setting keeps its failure to itself. */
export function isAbsorbed(turn: Turn, fatal: boolean): boolean {
  return !fatal && nodeAt(turn.sequence, standingAt(turn)).continueOnError
}

/** The step that the run stands at has failed, and this was reported already. */
export function leaveFailedStep(turn: Turn, failure: Failure): void {
  if (holdsFailure(turn, failure)) hold(turn, { kind: 'paused', reason: 'error', failure })
  else letFail(turn, failure)
}

/** The failure goes its way, and no debugger holds it. */
export function letFail(turn: Turn, failure: Failure): void {
  const path = standingAt(turn)
  if (failure.unbegun) reportSkipped(turn, path, { reason: 'parent-failed' })
  while (!isAbsorbed(turn, failure.fatal)) {
    skipRest(turn)
    const group = topFrame(turn).path
    turn.stack = turn.stack.slice(0, -1)
    if (turn.stack.length === 0) {
      endRun(turn, { kind: 'failed', path, exitCode: failure.exitCode, message: failure.message })
      return
    }
    const outcome = isAbsorbed(turn, failure.fatal) ? 'failed-continued' : 'failed'
    report(turn, { kind: 'group-ended', path: group, outcome })
  }
  moveOn(turn)
}

function skipRest(turn: Turn): void {
  const { path, next } = topFrame(turn)
  for (const [index, node] of siblingsOf(turn).entries()) {
    // A disabled node would not have run in any case, and is not counted as passed.
    const reason = node.disabled ? 'disabled' : 'parent-failed'
    if (index > next) reportSkipped(turn, [...path, index], { reason })
  }
}

type Skipped = Extract<SequenceReport, { readonly kind: 'node-skipped' }>

export function reportSkipped(turn: Turn, path: NodePath, why: Pick<Skipped, 'reason' | 'because'>): void {
  report(turn, { kind: 'node-skipped', path, ...why, steps: countStepsAt(turn.sequence, path) })
}

/** Said again to a machine that restarted before it was carried out. */
export function tellEnd(turn: Turn, outcome: RunOutcome): void {
  const postAction = substitute(valueOf(turn.environment, 'SMSTSPostAction'), turn.environment)
  turn.effects.push({ kind: 'end', outcome, ...(postAction === '' ? {} : { postAction }) })
}

function endRun(turn: Turn, outcome: RunOutcome): void {
  turn.state = { kind: 'ended', outcome }
  const named = getVariable(turn.environment, 'OSDComputerName')
  const computerName = named === undefined || named.secret || named.value === '' ? {} : { computerName: named.value }
  report(turn, { kind: 'sequence-ended', outcome, ...computerName })
  tellEnd(turn, outcome)
}
