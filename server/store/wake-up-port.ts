/** The questions of whoever wakes machines (schedule/wake-up-machines.ts). */

import type { DeploymentId, DeviceId } from '../address/identifiers.ts'

export interface WakeUps {
  /** For which time each device was woken last, in milliseconds since the epoch; absent: never for this deployment. */
  wokenFor(id: DeploymentId): Promise<ReadonlyMap<DeviceId, number>>
  /** What was removed meanwhile is left out. */
  noteWokenUp(woken: readonly WokenUp[]): Promise<void>
}

export interface WokenUp {
  readonly deploymentId: DeploymentId
  readonly deviceId: DeviceId
  readonly dueAtMs: number
}
