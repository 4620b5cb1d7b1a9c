/** The questions about what holds back starts of runs (site/start-guard.ts); that it does is a part of starting one (ports.ts). */

import type { DeploymentId, DeviceId } from '../address/identifiers.ts'
import type { Deployment } from '../site/deployment.ts'
import type { SiteSystemServerCheck, StartGuard } from '../site/start-guard.ts'
import type { Edit } from './ports.ts'

export interface StartGuards {
  startGuard(): Promise<StartGuard>
  /** Whoever asks for it is named. When they are stopped already, the new reason holds. */
  stopStarts(reason: string): Promise<StartGuard>
  allowStarts(): Promise<StartGuard>
  limitStarts(limits: StartLimits): Promise<StartGuard>
  /** The client in its installed system said hello. */
  noteClientHeard(id: DeviceId, atMs: number): Promise<void>
  /** By whoever asks, who may not be the one that made it. */
  approveDeployment(id: DeploymentId): Promise<Edit<Deployment>>
  /** How many runs began without a person since then. */
  unattendedStarts(sinceMs: number): Promise<number>
}

/** What is absent stays as it is; null: no limit. */
export interface StartLimits {
  readonly maximumStartsPerHour?: number | null
  readonly healthyHours?: number
  readonly highRiskDefaultSize?: number
  readonly highRiskMaximumSize?: number
  readonly secondApprovalAbove?: number
  readonly siteSystemServers?: SiteSystemServerCheck
}

/** A run that did not start, because something changed since the machine was told that it may. */
export type StartRefusal = 'starts-stopped' | 'no-turn' | 'held-by-ring'
