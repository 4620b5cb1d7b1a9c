/** The questions about alerts (site/alert.ts): which there are, that somebody has seen one, and the turn that raises and clears them. */

import type { Alert, AlertState } from '../site/alert.ts'
import type { Page } from './membership-port.ts'
import type { Edit } from './ports.ts'

export interface Alerts {
  /** The newest first. */
  alerts(query: AlertQuery): Promise<readonly Alert[]>
  /** Raised ones alone. */
  openAlertCount(): Promise<number>
  /** Whoever asks for it is named; the first one stays. */
  acknowledgeAlert(id: number): Promise<Edit<Alert>>
  /** Raises what there is cause for and clears what is over. Nothing is done when nothing can have changed. */
  judgeAlerts(): Promise<AlertChanges>
  /** After each commit that changed an alert; returns the way to stop. */
  onAlerts(listener: () => void): () => void
}

export interface AlertQuery extends Page {
  readonly state?: AlertState | undefined
}

export interface AlertChanges {
  readonly raised: readonly Alert[]
  readonly cleared: readonly Alert[]
  /** They go on, with another text. */
  readonly changed: readonly Alert[]
}
