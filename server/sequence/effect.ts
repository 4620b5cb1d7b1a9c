/**
 * What the engine asks for, in order. The caller's duties, which are part of the contract:
 * 1. save the run before performing any effect; 2. perform effects in the order given;
 * 3. journal each `report` before it is sent; 4. answer `run-step`, `inspect-machine`, `wait` and `await-command`
 * with exactly one event.
 */

import type { PackageId } from '../address/identifiers.ts'
import type { DebugCommand } from './debug.ts'
import type { MachineQuestion } from './inspection.ts'
import type { Action } from './step-types.ts'
import type { RestartTarget, RunOutcome } from './run.ts'
import type { NodePath } from './task-sequence.ts'

export type Effect =
  /** `action` has its `%variables%` replaced already. */
  | {
      readonly kind: 'run-step'
      readonly path: NodePath
      readonly name: string
      readonly action: Action
      readonly attempt: number
      readonly timeoutSeconds?: number
    }
  /** Facts that the condition of the node at `path` depends on, just before it would run; one answer for each. */
  | { readonly kind: 'inspect-machine'; readonly path: NodePath; readonly questions: readonly MachineQuestion[] }
  /** The engine has no clock. A restart meanwhile is no surprise (S1-046). */
  | { readonly kind: 'wait'; readonly seconds: number }
  /** The debugger holds the run: the first command with a number above `after`, or that the seconds are over. */
  | { readonly kind: 'await-command'; readonly after: number; readonly limitSeconds?: number }
  | { readonly kind: 'report'; readonly report: SequenceReport }
  | {
      readonly kind: 'restart'
      readonly target: RestartTarget
      readonly message: string
      readonly delaySeconds: number
    }
  | {
      readonly kind: 'end'
      readonly outcome: RunOutcome
      /** A command line for when everything else is done; its failure changes nothing (`SMSTSPostAction`). */
      readonly postAction?: string
    }

/** What a watcher is told. Values of secret variables never appear here. */
export type SequenceReport =
  | { readonly kind: 'sequence-started' }
  | {
      readonly kind: 'group-started'
      readonly path: NodePath
      readonly name: string
      /** A child task sequence starts here (S1-085). */
      readonly taskSequence?: { readonly id: PackageId; readonly name: string }
    }
  | {
      readonly kind: 'group-ended'
      readonly path: NodePath
      readonly outcome: 'succeeded' | 'failed' | 'failed-continued'
    }
  | {
      readonly kind: 'step-started'
      readonly path: NodePath
      readonly name: string
      readonly type: string
      readonly attempt: number
    }
  /** What a log says after each action: its name and its code (S1-092). */
  | {
      readonly kind: 'step-ended'
      readonly path: NodePath
      readonly name?: string
      readonly outcome: 'succeeded' | 'failed' | 'failed-continued'
      readonly exitCode: number
      readonly message: string
    }
  | {
      readonly kind: 'node-skipped'
      readonly path: NodePath
      readonly reason: 'disabled' | 'condition-false' | 'parent-failed'
      /** Counted steps at or below the node (progress.ts); 0 for what is disabled. */
      readonly steps: number
      /** Why its condition is false; secrets are masked. */
      readonly because?: string
    }
  | { readonly kind: 'restarting'; readonly target: RestartTarget }
  | { readonly kind: 'resumed'; readonly where: RestartTarget; readonly expected: boolean }
  /** The run can be held from now on: before each step, or at a failure only (S1-100). */
  | { readonly kind: 'debugger-attached'; readonly opens: 'before-steps' | 'on-error' }
  | {
      readonly kind: 'debugger-paused'
      readonly path: NodePath
      readonly name: string
      /** Of the step among the counted ones, from 1; of a group that failed, of its first one. */
      readonly number: number
      readonly reason: 'before-step' | 'breakpoint'
    }
  | {
      readonly kind: 'debugger-paused'
      readonly path: NodePath
      readonly name: string
      readonly number: number
      readonly reason: 'error'
      readonly exitCode: number
      readonly message: string
    }
  /** Taken, and carried out unless `refused` says why not. */
  | {
      readonly kind: 'debugger-command'
      readonly number: number
      readonly command: DebugCommand
      readonly refused?: string
    }
  | {
      readonly kind: 'sequence-ended'
      readonly outcome: RunOutcome
      /** What the machine is called now, where anybody said so and it is no secret. */
      readonly computerName?: string
    }
