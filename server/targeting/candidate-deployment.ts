/**
 * A deployment that targets a machine, with what is needed to judge it, and why one was not taken. Boot decisions
 * and the agent's selection are made from the same list (design 1.2: one decision, many doors).
 */

import type { ClientPlatform } from '../address/client-platform.ts'
import type { DeploymentId } from '../address/identifiers.ts'
import type { BootImage } from '../site/boot-image.ts'
import type { CanaryMember } from './canary.ts'
import type { Deployment } from '../site/deployment.ts'

export interface CandidateDeployment {
  readonly deployment: Deployment
  readonly taskSequenceName: string
  readonly taskSequenceEnabled: boolean
  /** What has to fit into a maintenance window (S1-078, S9-016). */
  readonly maximumRunMinutes: number
  /** Absent: the sequence has no boot image, so PXE and media leave it out (S1-080). */
  readonly bootImage?: BootImage
  /** The platforms its sequence may run on when a client starts it; absent: any (S1-079). */
  readonly platforms?: readonly ClientPlatform[]
  /** Machines of its canary ring; absent: none has started it, or it has no ring. */
  readonly canaryRing?: readonly CanaryMember[]
}

/** Why one deployment was not taken, in words an administrator can act on. Never sent to a machine (security A07). */
export interface Rejection {
  readonly deploymentId: DeploymentId
  readonly reason: string
}
