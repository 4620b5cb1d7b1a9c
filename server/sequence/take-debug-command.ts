/**
 * What the debugger's commands do to a run that is held (S1-101). Step and run let go what is held: the step begins, or the
 * failure goes its way. Set current moves the place where the run stands and holds it there, so that a step is repeated or
 * passed over with the next step or run; groups are neither ended nor started by it, and conditions of the groups around the
 * new place are not asked. A command that cannot be carried out is reported as refused, and the run stays held.
 */

import {
  awaitCommand,
  type Debug,
  type DebugCommand,
  debugOf,
  debugUnattendedSeconds,
  hold,
  isSamePath,
  judgeDebugPath,
  type Paused,
} from './debug.ts'
import { assert } from '../assert.ts'
import { failureCodes } from './judge-step.ts'
import { letFail } from './leave-node.ts'
import type { Failure } from './run.ts'
import type { NodePath } from './task-sequence.ts'
import { report, standingAt, type Turn } from './turn.ts'

export function takeDebugCommand(
  turn: Turn,
  paused: Paused,
  { number, command }: { readonly number: number; readonly command: DebugCommand },
): void {
  const { unattended: _, ...debug } = debugOf(turn)
  assert(number > debug.taken, 'no command is taken twice')
  turn.debug = { ...debug, taken: number }
  const refused =
    'path' in command && command.kind !== 'clear-break' ? judgeDebugPath(turn.sequence, command.path) : undefined
  report(turn, { kind: 'debugger-command', number, command, ...(refused === undefined ? {} : { refused }) })
  if (refused === undefined) carryOut(turn, paused, command)
  else awaitCommand(turn, paused)
}

/** S1-101: nobody came within the hour after the restart. What was held as a failure is the failure of the run. */
export function endUnattended(turn: Turn, paused: Paused): void {
  assert(debugOf(turn).unattended === true, 'only a run that restarted is given a time')
  const message = `The debugger held the run after a restart, and for ${debugUnattendedSeconds / 60} minutes nobody gave it a command.`
  letFail(turn, paused.reason === 'error' ? paused.failure : brokenOff(paused, failureCodes.timedOut, message))
}

function carryOut(turn: Turn, paused: Paused, command: DebugCommand): void {
  const debug = debugOf(turn)
  switch (command.kind) {
    case 'step':
    case 'run':
      turn.debug = { ...debug, stepping: command.kind === 'step' }
      return letGo(turn, paused)
    case 'set-current':
      turn.stack = command.path.map((next, depth) => ({ path: command.path.slice(0, depth), next }))
      return hold(turn, { kind: 'paused', reason: 'before-step' })
    case 'set-break':
    case 'clear-break':
    case 'clear-all-breaks':
      turn.debug = { ...debug, breaks: changeBreaks(debug, command) }
      return awaitCommand(turn, paused)
    case 'cancel':
      return letFail(turn, brokenOff(paused, failureCodes.cancelled, 'The run was cancelled in the debugger.'))
    case 'quit':
      letGo(turn, paused)
      turn.debug = undefined
      return
    default:
      command satisfies never
  }
}

/** The engine goes on from where it stands. */
function letGo(turn: Turn, paused: Paused): void {
  if (paused.reason === 'error') letFail(turn, paused.failure)
  else turn.debug = { ...debugOf(turn), released: standingAt(turn) }
}

function changeBreaks({ breaks }: Debug, command: DebugCommand): readonly NodePath[] {
  if (!('path' in command)) return []
  const others = breaks.filter((path) => !isSamePath(path, command.path))
  return command.kind === 'set-break' ? [...others, command.path] : others
}

function brokenOff({ reason }: Paused, exitCode: number, message: string): Failure {
  return { exitCode, message, fatal: true, ...(reason === 'error' ? {} : { unbegun: true }) }
}
