/**
 * An alert: something about a deployment, or about the site, that somebody should look at (S5-036, S9-016). It is raised once for its
 * cause, and cleared by the site when that is over; who has seen it acknowledges it.
 */

import type { DeploymentId } from '../address/identifiers.ts'

export const alertKinds = [
  'success-below-threshold',
  'failure-above-threshold',
  'canary-ring-stopped',
  'no-maintenance-window',
  'unknown-computer-marks',
] as const
export type AlertKind = (typeof alertKinds)[number]

export const alertSeverities = ['warning', 'critical'] as const
export type AlertSeverity = (typeof alertSeverities)[number]

/** What holds now; its alert is the one that has the same cause and was not cleared. */
export interface AlertCondition {
  readonly kind: AlertKind
  /** Kind, deployment, and threshold or runs of the ring: another threshold is another cause, and so is another ring. */
  readonly cause: string
  readonly severity: AlertSeverity
  /** Absent: it is the site's. */
  readonly deploymentId?: DeploymentId
  /** What is the matter, and what to do. */
  readonly text: string
}

export interface Alert extends AlertCondition {
  readonly id: number
  readonly raisedAtMs: number
  readonly clearedAtMs?: number
  readonly acknowledged?: { readonly by: string; readonly atMs: number }
}

/** `raised`: nobody has acknowledged it, and its cause is not over. Cleared ones may be acknowledged or not. */
export const alertStates = ['raised', 'acknowledged', 'cleared'] as const
export type AlertState = (typeof alertStates)[number]

export function alertState({ clearedAtMs, acknowledged }: Pick<Alert, 'clearedAtMs' | 'acknowledged'>): AlertState {
  if (clearedAtMs !== undefined) return 'cleared'
  return acknowledged === undefined ? 'raised' : 'acknowledged'
}
