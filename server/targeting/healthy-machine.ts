/**
 * A machine whose client in the installed system was heard a short time ago, or that became a device by being installed, is well,
 * and is not installed anew because it happened to start from the network first (S5-043, S12-016): a required deployment over PXE is
 * held back there, unless somebody consented. Naming a deployment as preferred is consent as well, and is not asked about here. The
 * source system has no such rule.
 */

import type { DeploymentId } from '../address/identifiers.ts'
import { type Deployment, Purpose } from '../site/deployment.ts'
import type { Door } from '../site/door.ts'
import type { StartGuard } from '../site/start-guard.ts'
import { printDuration } from './deployments-in-effect.ts'
import type { Guarded } from './start-guard.ts'

/** What an administrator agreed to by clearing marks of the device: to be installed anew by one deployment, or by any. */
export type ReinstallConsent = DeploymentId | 'any'

export interface Health {
  readonly door: Door
  readonly guard: StartGuard
  readonly nowMs: number
  /** Absent: never, or not since a run began to install it anew. */
  readonly clientHeardAtMs?: number
  readonly consents?: readonly ReinstallConsent[]
}

/** Undefined: it may start here. */
export function whyKeptHealthy(deployment: Deployment, health: Health): Guarded | undefined {
  const { door, guard, nowMs, clientHeardAtMs, consents = [] } = health
  if (door !== 'pxe' || deployment.purpose !== Purpose.required || deployment.reinstallHealthy === true)
    return undefined
  if (clientHeardAtMs === undefined || nowMs - clientHeardAtMs >= guard.healthyHours * 3_600_000) return undefined
  if (consents.some((consent) => consent === 'any' || consent === deployment.id)) return undefined
  const ago = printDuration(Math.max(0, nowMs - clientHeardAtMs))
  return {
    publicText: 'No task sequence is available to this machine.',
    reason: `it was installed, or its client was heard, ${ago} ago, so the machine is well; clear its required PXE deployments to install it anew`,
  }
}
