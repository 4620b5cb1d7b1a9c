/**
 * The task sequence debugger's hold on a run (S1-100 to S1-102): what is remembered of it, where it holds the run, and which
 * steps a command may name. What commands do is in take-debug-command.ts; variables are shown by reports, and nothing here
 * changes one.
 *
 * Where the documents are silent:
 * - A run is debugged when `TSDebugMode` or `TSDebugOnError` is TRUE as it starts; a step that sets them comes too late.
 * - A step is held once its condition holds, and the condition is asked again when it is let go: hours may lie between.
 * - Further attempts of a step, after a restart that it or nobody asked for, belong to the command that let it go.
 * - Held are steps only, and failures that would end the run; a failure that is absorbed is an ordinary course of events.
 */

import { assert } from '../assert.ts'
import { valueOf } from './environment.ts'
import { printPlace } from './print-path.ts'
import { nodeAt, stepNumber } from './progress.ts'
import type { Failure, RunState } from './run.ts'
import type { Node, NodePath, TaskSequence } from './task-sequence.ts'
import { report, standingAt, type Turn } from './turn.ts'

/** What is remembered of the debugger while a run is debugged. */
export interface Debug {
  /** Every step is held before it begins; otherwise those with a breakpoint. */
  readonly stepping: boolean
  readonly breaks: readonly NodePath[]
  /** Number of the last command that was taken, 0 before the first. */
  readonly taken: number
  /** The step that a command let go: it is not held once more. */
  readonly released?: NodePath
  /** Nobody has given a command since the machine restarted. */
  readonly unattended?: true
}

export const plainDebugCommands = ['step', 'run', 'clear-all-breaks', 'cancel', 'quit'] as const
export const placedDebugCommands = ['set-current', 'set-break', 'clear-break'] as const

export type DebugCommand =
  | { readonly kind: (typeof plainDebugCommands)[number] }
  | { readonly kind: (typeof placedDebugCommands)[number]; readonly path: NodePath }

export const debugModeVariable = 'TSDebugMode'
export const debugOnErrorVariable = 'TSDebugOnError'

/** S1-101: a machine that restarted is not held for longer than this when nobody comes to it. */
export const debugUnattendedSeconds = 3_600

/** The run starts. */
export function attachDebugger(turn: Turn): void {
  const stepping = isTrue(valueOf(turn.environment, debugModeVariable))
  if (!stepping && !isTrue(valueOf(turn.environment, debugOnErrorVariable))) return
  turn.debug = { stepping, breaks: [], taken: 0 }
  report(turn, { kind: 'debugger-attached', opens: stepping ? 'before-steps' : 'on-error' })
}

export function isTrue(value: string): boolean {
  return value.trim().toLowerCase() === 'true'
}

/** Why the step that the run stands at does not begin yet; undefined: it does. */
export function reasonToHold(turn: Turn): 'before-step' | 'breakpoint' | undefined {
  const { debug } = turn
  const path = standingAt(turn)
  if (debug === undefined || (debug.released !== undefined && isSamePath(debug.released, path))) return undefined
  if (debug.breaks.some((other) => isSamePath(other, path))) return 'breakpoint'
  return debug.stepping ? 'before-step' : undefined
}

/** Whether the debugger keeps the failure of the node that the run stands at from ending the run. */
export function holdsFailure(turn: Turn, failure: Failure): boolean {
  if (turn.debug === undefined) return false
  const path = standingAt(turn)
  return failure.fatal || path.every((_, index) => !nodeAt(turn.sequence, path.slice(0, index + 1)).continueOnError)
}

export type Paused = Extract<RunState, { readonly kind: 'paused' }>

/** The run stands still where it is, and says so. */
export function hold(turn: Turn, paused: Paused): void {
  const { released: _, ...debug } = debugOf(turn)
  turn.debug = debug
  const path = standingAt(turn)
  const place = { path, name: nodeAt(turn.sequence, path).name, number: stepNumber(turn.sequence, path) }
  if (paused.reason === 'error') {
    const { exitCode, message } = paused.failure
    report(turn, { kind: 'debugger-paused', ...place, reason: paused.reason, exitCode, message })
  } else report(turn, { kind: 'debugger-paused', ...place, reason: paused.reason })
  awaitCommand(turn, paused)
}

export function awaitCommand(turn: Turn, paused: Paused): void {
  const { taken, unattended } = debugOf(turn)
  turn.state = paused
  const limit = unattended === undefined ? {} : { limitSeconds: debugUnattendedSeconds }
  turn.effects.push({ kind: 'await-command', after: taken, ...limit })
}

export function debugOf({ debug }: Turn): Debug {
  assert(debug !== undefined, 'only a run that is debugged is held')
  return debug
}

export function isSamePath(one: NodePath, other: NodePath): boolean {
  return one.length === other.length && one.every((index, depth) => index === other[depth])
}

/** What is wrong with a path that a command names, in words; undefined: it is a step that can run. */
export function judgeDebugPath(sequence: TaskSequence, path: NodePath): string | undefined {
  const shown = printPlace(path)
  let children: readonly Node[] | undefined = sequence.children
  let { name } = sequence
  for (const index of path) {
    const node: Node | undefined = children?.[index]
    if (node === undefined) return `There is no step ${shown}, counted from 1.`
    if (node.disabled) return `Step ${shown} never runs: "${node.name}" is disabled.`
    if (node.kind === 'group' && node.taskSequence?.enabled === false) {
      return `Step ${shown} never runs: the task sequence "${node.taskSequence.name}" is disabled on computers where it is deployed.`
    }
    children = node.kind === 'group' ? node.children : undefined
    name = node.name
  }
  return children === undefined ? undefined : `"${name}" is a group: name one of its steps.`
}
