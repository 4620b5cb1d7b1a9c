/**
 * One call of `advance` in the making: the run being changed, and the effects collected so far. It lives for that
 * call only and never leaves it; outside, runs are immutable.
 */

import { assert } from '../assert.ts'
import type { Debug } from './debug.ts'
import type { Effect, SequenceReport } from './effect.ts'
import { assignVariables, type OpenEnvironment, openEnvironment, valueOf } from './environment.ts'
import { maskSecrets } from './mask-secrets.ts'
import { childrenAt } from './progress.ts'
import type { Frame, RestartTarget, Run, RunState } from './run.ts'
import type { Node, NodePath, TaskSequence } from './task-sequence.ts'

/** A longer sentence is cut; the step's output is elsewhere. */
export const stepMessageCharactersMax = 4_000

export interface Turn {
  readonly sequence: TaskSequence
  readonly environment: OpenEnvironment
  stack: readonly Frame[]
  restarts: number
  debug: Debug | undefined
  /** Undefined while the engine is still walking through the tree. */
  state: RunState | undefined
  readonly effects: Effect[]
}

export interface Advance {
  readonly run: Run
  /** To be performed in this order, after the run was saved. */
  readonly effects: readonly Effect[]
}

export function openTurn(run: Run): Turn {
  const { sequence, stack, restarts, debug } = run
  const environment = openEnvironment(run.environment)
  return { sequence, environment, stack, restarts, debug, state: undefined, effects: [] }
}

export function closeTurn(turn: Turn): Advance {
  const { sequence, environment, state, stack, restarts, debug, effects } = turn
  assert(state !== undefined, 'a turn ends in a state')
  const debugged = debug === undefined ? {} : { debug }
  return { run: { sequence, environment, state, stack, restarts, ...debugged }, effects }
}

export function report(turn: Turn, what: SequenceReport): void {
  turn.effects.push({ kind: 'report', report: what })
}

/** The engine's own variables; an empty value deletes. */
export function setOwnVariables(turn: Turn, values: Readonly<Record<string, string>>): void {
  const assignments = Object.entries(values).map(([name, value]) => ({ name, value, secret: false }))
  const refusal = assignVariables(turn.environment, assignments, 'engine')
  assert(refusal === undefined, 'the engine sets legal variables')
}

export function placeOf(turn: Turn): RestartTarget {
  return valueOf(turn.environment, '_SMSTSInWinPE') === 'true' ? 'boot-image' : 'installed-system'
}

export function setPlace(turn: Turn, where: RestartTarget): void {
  setOwnVariables(turn, { _SMSTSInWinPE: String(where === 'boot-image') })
}

/** A sentence as it may be shown and kept. Masked before it is cut, so that no half of a secret is left over. */
export function printMessage(turn: Turn, message: string): string {
  return maskSecrets(message, turn.environment).slice(0, stepMessageCharactersMax)
}

export function topFrame(turn: Turn): Frame {
  const frame = turn.stack.at(-1)
  assert(frame !== undefined, 'a run that goes on stands in a group')
  return frame
}

/** Where the run stands: the child that is next, running, or asked for a restart. */
export function standingAt(turn: Turn): NodePath {
  const { path, next } = topFrame(turn)
  return [...path, next]
}

export function siblingsOf(turn: Turn): readonly Node[] {
  return childrenAt(turn.sequence, topFrame(turn).path)
}

export function moveOn(turn: Turn): void {
  const { path, next } = topFrame(turn)
  turn.stack = [...turn.stack.slice(0, -1), { path, next: next + 1 }]
}
