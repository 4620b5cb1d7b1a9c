/**
 * What a watcher sees: one lane a machine, from firmware to finished system, and the frames that carry lanes.
 *
 * A lane is the newest state of a machine's boot, stored as one row that carries the `seq` of its last change. `seq`
 * grows over everything a site stores for watchers, so "all lanes with a seq above mine" is exactly what a page that was away
 * has missed, once each, however long it was away. Events of runs carry a `seq` of the same count, and so do lanes that are
 * forgotten: a page that was away when that happened is told all lanes there are instead.
 */

import type { DeploymentId, DeviceId, PackageId, RunId } from '../address/identifiers.ts'
import type { MacAddress } from '../address/mac-address.ts'
import type { SmbiosGuid } from '../address/smbios-guid.ts'
import type { Alert } from '../site/alert.ts'
import type { RunEvent, RunEventBody } from './agent.ts'
import type { ServerLoad } from './server-load.ts'

/** MAC address the machine first booted from. */
export type LaneId = MacAddress

export const laneStages = ['dhcp', 'loader', 'boot-image', 'agent', 'steps', 'restart', 'done'] as const
export type LaneStage = (typeof laneStages)[number]

export interface Lane {
  readonly id: LaneId
  /** The device's name, or a name made of the address. */
  readonly name: string
  readonly deviceId?: DeviceId
  readonly smbiosGuid?: SmbiosGuid
  readonly ipAddress?: string
  readonly platform?: string
  readonly stage: LaneStage
  /** `local-disk`: told to go on to its disk; `standing`: nothing was heard for longer than the stage allows. */
  readonly condition: 'moving' | 'waiting-for-person' | 'succeeded' | 'failed' | 'local-disk'
  /** One sentence: what is happening now. */
  readonly text: string
  readonly startedAtMs: number
  readonly changedAtMs: number
  readonly stageStartedAtMs: number
  readonly transfer?: Transfer
  readonly run?: LaneRun
  /** The last lines the machine printed or the agent reported, newest last; at most `laneLinesMax`. */
  readonly lines: readonly string[]
  /** The approval code, while an administrator's decision is awaited. */
  readonly approvalCode?: string
}

export const laneLinesMax = 8

export interface Transfer {
  readonly file: string
  readonly protocol: 'tftp' | 'http'
  readonly bytes: number
  readonly totalBytes?: number
  readonly bytesPerSecond: number
}

export interface LaneRun {
  readonly runId: RunId
  readonly deploymentId: DeploymentId
  readonly taskSequenceId: PackageId
  readonly taskSequenceName: string
  readonly stepName: string
  /** Steps ended, skipped ones included, of all enabled steps. */
  readonly stepsEnded: number
  readonly stepsTotal: number
  readonly stepProgress?: {
    readonly text: string
    readonly done: number
    readonly total?: number
    readonly unit: 'bytes' | 'percent' | 'items'
  }
  /** Where it runs, or while it restarts: where it was asked to go on. */
  readonly where: 'boot-image' | 'installed-system'
  /** It stands still until the debugger is given a command. */
  readonly pausedByDebugger?: true
}

/** What a part of the server noticed about a machine. `advanceLane` turns a series of these into a lane. */
export type Observation =
  | {
      readonly kind: 'dhcp-request'
      readonly platform: string
      readonly stage: 'firmware' | 'ipxe' | 'ours'
      readonly smbiosGuid?: SmbiosGuid
    }
  | {
      readonly kind: 'boot-decided'
      readonly decision: 'boot' | 'continue-to-local-disk' | 'ignore'
      readonly text: string
      readonly deviceId?: DeviceId
      readonly name?: string
      readonly prompt: boolean
    }
  | {
      readonly kind: 'transfer-progress'
      readonly transfer: Transfer
      readonly what: 'loader' | 'boot-image'
      readonly ended: boolean
    }
  | { readonly kind: 'script-fetched' }
  | {
      readonly kind: 'agent-hello'
      readonly text: string
      readonly deviceId?: DeviceId
      readonly name: string
      readonly ipAddress: string
      readonly standing: 'armed' | 'waiting-for-approval' | 'nothing-to-run'
      readonly code: string
    }
  | { readonly kind: 'run-started'; readonly run: LaneRun }
  | { readonly kind: 'run-resumed'; readonly ipAddress: string }
  | { readonly kind: 'run-event'; readonly body: RunEventBody }
  /** A line for whoever watches. Nothing was heard of the machine: it stands still as long as it did. */
  | { readonly kind: 'note'; readonly text: string }
  /** Nothing was heard of the run for so long that the site gave it up. */
  | { readonly kind: 'run-abandoned'; readonly runId: RunId; readonly silentMs: number }
  /** It ran longer than its task sequence is allowed to, and the site ended it (S1-078). */
  | { readonly kind: 'run-stopped'; readonly runId: RunId; readonly allowedMinutes: number }

/** An observation with its machine and its time, as it is handed to the store. */
export interface Observed {
  readonly lane: LaneId
  readonly atMs: number
  readonly ipAddress?: string
  readonly observation: Observation
}

/** An event of a run as watchers get it. */
export interface WatchedEvent {
  readonly seq: number
  readonly runId: RunId
  readonly receivedAtMs: number
  readonly event: RunEvent
}

/** A lane that is no more. The machine may come back: its lane then has a higher `seq`. */
export interface ForgottenLane {
  readonly seq: number
  readonly id: LaneId
}

/** An alert that nobody has acknowledged (site/alert.ts). */
export type OpenAlert = Pick<Alert, 'id' | 'severity' | 'text' | 'raisedAtMs'>

/** The newest ones are told; whoever has more to look at asks the API. */
export const openAlertsMax = 20

/** Server to page. `snapshot` comes first and after a gap too old to fill; afterwards only changes. */
export type ProgressFrame =
  | {
      readonly kind: 'snapshot'
      readonly seq: number
      readonly serverTimeMs: number
      readonly lanes: readonly { readonly seq: number; readonly lane: Lane }[]
    }
  | {
      readonly kind: 'changes'
      readonly seq: number
      readonly lanes: readonly { readonly seq: number; readonly lane: Lane }[]
      readonly forgotten: readonly ForgottenLane[]
      readonly events: readonly WatchedEvent[]
    }
  /** All there are, after the first picture and whenever they change: each such frame takes the place of the one before. */
  | { readonly kind: 'alerts'; readonly alerts: readonly OpenAlert[]; readonly total: number }
  /** How busy the server is, every two seconds; takes the place of the one before. */
  | { readonly kind: 'server-load'; readonly load: ServerLoad }
  /** Nothing changed; proves that the line is alive. */
  | { readonly kind: 'still-here'; readonly seq: number; readonly serverTimeMs: number }

/** Page to server: which run's events it wants, or none. `since` is the highest seq it has of that run. */
export interface WatchRequest {
  readonly kind: 'watch-run'
  readonly runId: RunId | null
  readonly since: number
}
