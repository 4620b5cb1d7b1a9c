/** The questions about marks of required deployments (S6-025 to S6-029); setting one is a part of starting a run (ports.ts). */

import type { CollectionId, DeploymentId, DeviceId } from '../address/identifiers.ts'
import type { Occasion } from '../site/client-schedule.ts'
import type { Device } from '../site/device.ts'
import type { ComputerIdentity } from '../site/unknown-computer-mark.ts'
import type { Edit } from './ports.ts'

/** S6-027; `deploymentId` undefined: of every deployment. */
export interface RequiredPxeMarks {
  clearRequiredPxeDeployments(id: DeviceId, deploymentId?: DeploymentId): Promise<Edit<Device>>
  /** Of all that is in it now. */
  clearRequiredPxeDeploymentsOfCollection(id: CollectionId, deploymentId?: DeploymentId): Promise<Edit<ClearedMarks>>
  /** Of a computer that is no device; refused when several computers used its address. */
  clearRequiredPxeDeploymentsOfUnknownComputer(
    computer: ComputerIdentity,
    deploymentId?: DeploymentId,
  ): Promise<Edit<ClearedMarks>>
}

/** What the schedules of clients are judged by, beside the marks. */
export interface ClientHistory {
  /** How the newest run of each deployment on a device ended; absent: there was none, or it goes on. */
  lastOutcomes(id: DeviceId): Promise<ReadonlyMap<DeploymentId, 'succeeded' | 'failed'>>
  /** When each was told last. */
  occasions(id: DeviceId): Promise<ReadonlyMap<Occasion, number>>
  noteOccasions(id: DeviceId, told: readonly Occasion[], atMs: number): Promise<void>
}

/** How many there were. */
export interface ClearedMarks {
  readonly deviceMarks: number
  readonly unknownComputerMarks: number
}
