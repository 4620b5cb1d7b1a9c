/** What every step runner gets, what it hands back, and how it says that it cannot. */

import type { Hardware, PolicyContent } from '../server/contract/agent.ts'
import type { Environment, Variable } from '../server/sequence/environment.ts'
import type { RestartTarget } from '../server/sequence/run.ts'
import type { DownloadSettings } from './download.ts'
import type { FixedDisk, OtherDisk } from './fixed-disks.ts'
import type { Redactor } from './redactor.ts'
import type { StepProgress } from './reporter.ts'
import type { ImageSite } from './send-image.ts'
import type { ServerLocation } from './server-location.ts'
import type { StateStoreSite } from './state-store.ts'
import type { TargetSystem } from './target-system.ts'

export interface StepContext {
  readonly where: RestartTarget
  readonly hardware: Hardware
  readonly disks: readonly FixedDisk[]
  /** Disks that no step erases, each with its reason. */
  readonly otherDisks: readonly OtherDisk[]
  readonly target: TargetSystem
  readonly content: readonly PolicyContent[]
  readonly download: DownloadSettings
  /** Where a captured image may go. */
  readonly site: ImageSite
  /** Where captured user state may go. */
  readonly stateStores: StateStoreSite
  readonly server: ServerLocation
  readonly redactor: Redactor
  /** Of the task sequence; '' when it is not set. */
  readonly variable: (name: string) => string
  /** All variables of the task sequence, with what is secret of them. */
  readonly environment: Environment
  /** For the step after which the installed system goes on: brings there what could not be fetched from it. Absent: nothing. */
  readonly carryContent?: () => Promise<void>
  readonly progress: (progress: StepProgress) => void
  readonly output: (stream: 'stdout' | 'stderr' | 'log', line: string) => void
  /** Fires at the step's time limit. */
  readonly signal: AbortSignal
  /** Folder of the agent's own runtime, `/usr/lib/reveille`. */
  readonly runtimeFolder: string
  readonly agentVersion: string
  /** Where scratch files of a step may lie: memory in the boot image. */
  readonly scratchFolder: string
}

export interface StepResult {
  readonly exitCode: number
  /** Empty on success. */
  readonly message: string
  readonly variables: readonly Variable[]
}

export type StepRunner<A> = (action: A, context: StepContext) => Promise<StepResult>

export const stepSucceeded: StepResult = { exitCode: 0, message: '', variables: [] }

/** The step cannot do what it was asked to; the message is for the person at the page. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed'
  readonly exitCode: number

  constructor(message: string, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

export function variable(name: string, value: string): Variable {
  return { name, value, secret: false }
}
