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
}

/** A group that is being executed (the root counts as one), and the child that is next or running. */
export interface Frame {
  readonly path: NodePath
  readonly next: number
}

export type RunState =
  | { readonly kind: 'not-started' }
  | { readonly kind: 'running-step'; readonly path: NodePath; readonly attempt: number }
  | { readonly kind: 'restarting'; readonly target: RestartTarget }
  | { readonly kind: 'ended'; readonly outcome: RunOutcome }

export type RestartTarget = 'boot-image' | 'installed-system'

export type RunOutcome =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly path: NodePath; readonly exitCode: number; readonly message: string }
