/** The questions about canary rings of deployments (targeting/canary.ts); joining one is a part of starting a run (ports.ts). */

import type { DeploymentId, RunId } from '../address/identifiers.ts'
import type { Deployment } from '../site/deployment.ts'
import type { CanaryMember } from '../targeting/canary.ts'
import type { Edit } from './ports.ts'

export interface CanaryRings {
  canaryRing(id: DeploymentId): Promise<readonly (CanaryMember & { readonly runId: RunId })[]>
  /** The next machines that start it are a new ring. */
  resumeCanary(id: DeploymentId): Promise<Edit<Deployment>>
}
