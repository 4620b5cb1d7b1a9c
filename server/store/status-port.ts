/** The questions about status messages of runs. What is told of one deployment is in deployment-status-port.ts. */

import type { DeploymentId, DeviceId, RunId } from '../address/identifiers.ts'
import type { Severity, StatusMessage } from '../contract/status-message.ts'

export interface StatusMessages {
  statusMessages(query: StatusMessageQuery): Promise<readonly KeptStatusMessage[]>
}

export interface StatusMessageQuery {
  readonly deploymentId?: DeploymentId | undefined
  readonly deviceId?: DeviceId | undefined
  readonly runId?: RunId | undefined
  readonly severity?: Severity | undefined
  /** Only those with a higher number. */
  readonly sinceSeq?: number | undefined
  readonly order: 'newest-first' | 'oldest-first'
  readonly limit: number
  readonly offset: number
}

export interface KeptStatusMessage extends StatusMessage {
  /** Of its event. The end of a run is one event with two messages. */
  readonly seq: number
  /** When the site heard it. */
  readonly atMs: number
  readonly runId: RunId
  readonly deploymentId: DeploymentId
  readonly deviceId?: DeviceId
  readonly machineName: string
}
