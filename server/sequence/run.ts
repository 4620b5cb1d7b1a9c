/**
 * A run: one execution of one task sequence, as plain JSON, so that it survives restarts and can be
 * replayed. The agent saves it before it performs the effects that `advance` returned.
 */

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
  | { readonly kind: 'ended'; readonly outcome: RunOutcome }

export type RestartTarget = 'boot-image' | 'installed-system'

export type RunOutcome =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly path: NodePath; readonly exitCode: number; readonly message: string }
