/**
 * What the site knows of a run's debugger, made of the run's own reports: (state, report) -> state. Pure. A command that the
 * site keeps counts only when the machine has taken it. The words for people are here too, the same for every screen.
 */

import type { NodePath } from '../sequence/task-sequence.ts'
import type { DebugCommand } from '../sequence/debug.ts'
import { isSamePath } from '../sequence/debug.ts'
import { printPlace } from '../sequence/print-path.ts'
import type { RunEventBody } from './agent.ts'

export interface DebuggerState {
  readonly opens: 'before-steps' | 'on-error'
  readonly standing: Standing
  readonly breaks: readonly NodePath[]
  /** Number of the last command that the machine took, 0 before the first. */
  readonly taken: number
  readonly lastCommand?: TakenCommand
}

export type Standing =
  | { readonly kind: 'going-on' }
  | { readonly kind: 'held'; readonly at: HeldAt }
  /** The run goes on without its debugger. */
  | { readonly kind: 'quit' }

export interface HeldAt {
  readonly path: NodePath
  readonly name: string
  readonly number: number
  readonly reason: 'before-step' | 'breakpoint' | 'error'
  /** Of an error. */
  readonly exitCode?: number
  readonly message?: string
}

export interface TakenCommand {
  readonly number: number
  readonly command: DebugCommand
  readonly refused?: string
}

/** Undefined: the run is not debugged. */
export function advanceDebugger(state: DebuggerState | undefined, body: RunEventBody): DebuggerState | undefined {
  if (body.kind === 'debugger-attached') {
    return { opens: body.opens, standing: { kind: 'going-on' }, breaks: [], taken: 0 }
  }
  if (state === undefined) return undefined
  switch (body.kind) {
    case 'debugger-paused': {
      const { kind: _, ...at } = body
      return { ...state, standing: { kind: 'held', at } }
    }
    case 'debugger-command': {
      const { kind: _, ...taken } = body
      const after = { ...state, taken: taken.number, lastCommand: taken }
      return taken.refused === undefined ? carryOut(after, taken.command) : after
    }
    case 'sequence-ended':
      return state.standing.kind === 'held' ? { ...state, standing: { kind: 'going-on' } } : state
    default:
      return state
  }
}

function carryOut(state: DebuggerState, command: DebugCommand): DebuggerState {
  switch (command.kind) {
    case 'set-break':
    case 'clear-break': {
      const others = state.breaks.filter((path) => !isSamePath(path, command.path))
      return { ...state, breaks: command.kind === 'set-break' ? [...others, command.path] : others }
    }
    case 'clear-all-breaks':
      return { ...state, breaks: [] }
    case 'quit':
      return { ...state, breaks: [], standing: { kind: 'quit' } }
    case 'set-current':
      return state
    case 'step':
    case 'run':
    case 'cancel':
      return { ...state, standing: { kind: 'going-on' } }
    default:
      return command satisfies never
  }
}

/** Whether the run is no longer held after this command. */
export function letsGo({ command, refused }: TakenCommand): boolean {
  return refused === undefined && ['step', 'run', 'cancel', 'quit'].includes(command.kind)
}

export function pausedText({ reason, number, name, message }: HeldAt): string {
  if (reason === 'error') return `Paused at a failure of step ${number}: ${name} (debugger): ${message ?? ''}`
  const why = reason === 'breakpoint' ? 'debugger, breakpoint' : 'debugger'
  return `Paused before step ${number}: ${name} (${why})`
}

export function debugCommandText({ command, refused }: TakenCommand): string {
  const place = 'path' in command ? ` ${printPlace(command.path)}` : ''
  return `Debugger: ${command.kind}${place}${refused === undefined ? '' : ` was refused. ${refused}`}`
}
