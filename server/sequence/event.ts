/** What the task sequence manager tells the engine. */

import type { DebugCommand } from './debug.ts'
import type { MachineAnswer } from './inspection.ts'

export type SequenceEvent =
  /** The run begins. Absent `where`: in the boot image, as after PXE or from a medium. */
  | { readonly kind: 'start'; readonly where?: 'boot-image' | 'installed-system' }
  /** The action that `run-step` asked for has ended. */
  | {
      readonly kind: 'step-ended'
      readonly exitCode: number
      /** Why it failed, in words for the person at the page; empty on success. */
      readonly message: string
      /** Variables the action set, applied before anything else. An empty value deletes. */
      readonly variables: readonly { readonly name: string; readonly value: string; readonly secret: boolean }[]
    }
  /** The step's time limit passed; the manager has ended the action. */
  | { readonly kind: 'step-timed-out' }
  /** What \`inspect-machine\` asked for, in the order of its questions. */
  | { readonly kind: 'machine-inspected'; readonly answers: readonly MachineAnswer[] }
  /** The seconds of `wait` are over. */
  | { readonly kind: 'waited' }
  /** What `await-command` waits for. Numbers of a run's commands grow from 1; none is taken twice. */
  | { readonly kind: 'debug-command'; readonly number: number; readonly command: DebugCommand }
  /** The seconds of `await-command` are over (S1-101). */
  | { readonly kind: 'debug-timed-out' }
  /** The machine is up again, after a restart that was asked for or one that was not. */
  | { readonly kind: 'resumed'; readonly where: 'boot-image' | 'installed-system' }
