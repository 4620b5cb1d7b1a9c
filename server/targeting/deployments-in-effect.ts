/**
 * Which deployments count right now, at one door: enabled, with an enabled task sequence and a boot image where one is
 * needed, made available to that door, and inside their schedule where the door obeys it (configmgr-spec 5, S1-077,
 * S1-080). A boot image obeys none, as published (S5-022), unless the deployment says so. Whether a machine
 * is targeted at all was decided before; hidden deployments are judged in eligible-deployments.ts.
 */

import type { CandidateDeployment, Rejection } from './candidate-deployment.ts'
import { type Deployment, isForClients, isForMediaAndPxe, Purpose } from '../site/deployment.ts'
import type { Door } from '../site/door.ts'

export interface InEffect<T> {
  /** Required first, then the highest identifier, as the site has always ordered them (S6-031). */
  readonly accepted: readonly T[]
  readonly rejected: readonly Rejection[]
}

export function deploymentsInEffect<T extends CandidateDeployment>(
  candidates: readonly T[],
  nowMs: number,
  door: Door,
): InEffect<T> {
  const accepted: T[] = []
  const rejected: Rejection[] = []
  for (const candidate of candidates.toSorted(requiredThenHighestId)) {
    const reason = whyNotInEffect(candidate, nowMs, door)
    if (reason === undefined) accepted.push(candidate)
    else rejected.push({ deploymentId: candidate.deployment.id, reason })
  }
  return { accepted, rejected }
}

function whyNotInEffect(candidate: CandidateDeployment, nowMs: number, door: Door): string | undefined {
  const { deployment } = candidate
  if (!deployment.enabled) return 'the deployment is disabled'
  const { secondApproval } = deployment
  if (secondApproval !== undefined && secondApproval.approvedBy === undefined) {
    return `it waits for somebody else than ${secondApproval.askedBy.name} to approve it`
  }
  if (!candidate.taskSequenceEnabled) return 'its task sequence is disabled'
  const outside = whyOutsideSchedule(deployment, nowMs)
  if (outside !== undefined && obeysSchedule(deployment, door)) return outside
  const closed = whyDoorIsClosed(deployment, door)
  if (closed !== undefined) return closed
  if (door !== 'client' && candidate.bootImage === undefined) return 'its task sequence uses no boot image'
  return undefined
}

/** Undefined: its schedule lets it start now. */
export function whyOutsideSchedule(deployment: Deployment, nowMs: number): string | undefined {
  if (nowMs < deployment.availableAtMs) {
    return `it becomes available in ${printDuration(deployment.availableAtMs - nowMs)}`
  }
  if (deployment.expiresAtMs !== undefined && nowMs >= deployment.expiresAtMs) {
    return `it expired ${printDuration(nowMs - deployment.expiresAtMs)} ago`
  }
  return undefined
}

function obeysSchedule({ obeyScheduleInBootImage }: Deployment, door: Door): boolean {
  return door === 'client' || obeyScheduleInBootImage
}

function whyDoorIsClosed(deployment: Deployment, door: Door): string | undefined {
  const value = deployment.makeAvailableTo
  if (door !== 'client') {
    return isForMediaAndPxe(value) ? undefined : 'it is made available to clients only, not to media and PXE'
  }
  return isForClients(value) ? undefined : 'it is made available to media and PXE only, not to clients'
}

/** Plain text order of identifiers: the site letters decide before age (S6-030, A6-05). */
function requiredThenHighestId(a: CandidateDeployment, b: CandidateDeployment): number {
  const byPurpose = rank(a.deployment) - rank(b.deployment)
  if (byPurpose !== 0) return byPurpose
  if (a.deployment.id === b.deployment.id) return 0
  return a.deployment.id > b.deployment.id ? -1 : 1
}

function rank(deployment: Deployment): number {
  return deployment.purpose === Purpose.required ? 0 : 1
}

/** The two largest units; nothing below this floor knows a calendar. */
export function printDuration(durationMs: number): string {
  const minutes = Math.ceil(durationMs / 60_000)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days ${hours % 24} h`
}
