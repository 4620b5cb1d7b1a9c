/**
 * A run: one execution of one task sequence, as plain JSON, so that it survives restarts and can be
 * replayed. The agent saves it before it performs the effects that `advance` returned.
 */

import type { Debug } from './debug.ts'
import type { Environment } from './environment.ts'
import type { NodePath, TaskSequence } from './task-sequence.ts'

export interface Run {
  /** The copy the run started with; it never changes. */
  readonly sequence: TaskSequence
  readonly environment: Environment
  readonly state: RunState
  /** Nodes passed or left so far, for the engine's own bookkeeping. */
  readonly stack: readonly Frame[]
  /** How many restarts the engine has asked for; only the first uses `SMSTSRebootDelay` (S1-048). */
  readonly restarts: number
  /** Absent: nobody debugs it, or whoever did has quit. */
  readonly debug?: Debug
}

/** A group that is being executed (the root counts as one), and the child that is next, running or asked for a restart. */
export interface Frame {
  readonly path: NodePath
  readonly next: number
}

export type RunState =
  | { readonly kind: 'not-started' }
  /** The condition of the node that is next asks facts of the machine; asked again after a restart. */
  | { readonly kind: 'inspecting' }
  | {
      readonly kind: 'running-step'
      readonly path: NodePath
      readonly attempt: number
      /** Names of variables that are there only while the action runs (S1-056). */
      readonly actionVariables?: readonly string[]
      /** How often the machine restarted unexpectedly while the step ran, when it may (S1-019). */
      readonly unexpectedRestarts?: number
    }
  | {
      readonly kind: 'restarting'
      readonly target: RestartTarget
      /** Present: the same step runs again after the restart, as this attempt (S1-041). Absent: the next one. */
      readonly retryAttempt?: number
    }
  /** The machine came back as asked, and may restart once more by itself (S1-046). */
  | { readonly kind: 'waiting-for-restart'; readonly target: RestartTarget; readonly retryAttempt?: number }
  /** The debugger holds the run before the step that is next, until a command lets it go (S1-101). */
  | { readonly kind: 'paused'; readonly reason: 'before-step' | 'breakpoint' }
  /** It holds the run at a node whose failure would end it. */
  | { readonly kind: 'paused'; readonly reason: 'error'; readonly failure: Failure }
  | { readonly kind: 'ended'; readonly outcome: RunOutcome }

export type RestartTarget = 'boot-image' | 'installed-system'

export interface Failure {
  readonly exitCode: number
  readonly message: string
  /** No Continue on error anywhere helps (S1-032, S1-035). */
  readonly fatal: boolean
  /** The step that the run stands at had not begun. */
  readonly unbegun?: true
}

export type RunOutcome =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly path: NodePath; readonly exitCode: number; readonly message: string }
