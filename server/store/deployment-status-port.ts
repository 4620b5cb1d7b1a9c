/** The questions about the state of a deployment on its machines (targeting/deployment-status.ts). */

import type { DeploymentId, DeviceId, RunId } from '../address/identifiers.ts'
import type { StatusMessage } from '../contract/status-message.ts'
import type { MacAddress } from '../address/mac-address.ts'
import type { DeploymentState, MachineStatus } from '../targeting/deployment-status.ts'
import type { Page } from './membership-port.ts'

export interface DeploymentStatuses {
  /** Undefined: there is no such deployment. */
  deploymentStatus(id: DeploymentId): Promise<DeploymentStatus | undefined>
  /** Up to two seconds old. */
  deploymentStatuses(): Promise<readonly DeploymentStatus[]>
  /** The page of its machines; those that are in one state only, when it is given. */
  machinesOfDeployment(id: DeploymentId, query: MachinesQuery): Promise<MachinesPage | undefined>
}

export interface DeploymentStatus {
  readonly deploymentId: DeploymentId
  readonly taskSequenceName: string
  readonly collectionName: string
  /** Devices that are in its collection now. */
  readonly devices: StateCounts
  /** Computers that are none of the site's devices, and ran it (S10-009): how many there are besides, nobody knows. */
  readonly unknownComputers: StateCounts
  /** Devices that ran it and are no longer in its collection, or of the site. They count nowhere else. */
  readonly formerMembers: number
}

export type StateCounts = Readonly<Record<DeploymentState, number>>

export interface MachinesQuery extends Page {
  readonly state?: DeploymentState | undefined
}

export interface MachinesPage {
  readonly total: number
  readonly items: readonly MachineOfDeployment[]
}

export interface MachineOfDeployment extends MachineStatus {
  readonly kind: 'device' | 'former-member' | 'unknown-computer'
  readonly deviceId?: DeviceId
  /** Of an unknown computer. */
  readonly macAddress?: MacAddress
  readonly name: string
  readonly lastRun?: LastRun
  /** Of its last run; of one that waits for a maintenance window, 10073. */
  readonly lastMessage?: Pick<StatusMessage, 'messageId' | 'text'>
}

export interface LastRun {
  readonly runId: RunId
  readonly startedAtMs: number
  readonly endedAtMs?: number
  /** The action that ended last (S10-003). */
  readonly lastStep?: LastStep
  /** When the site heard its last message; absent: none came yet. */
  readonly heardAtMs?: number
}

export interface LastStep {
  readonly number: string
  readonly name: string
  readonly group: string
  readonly exitCode: string
}
