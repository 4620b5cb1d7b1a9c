/**
 * What may run on a machine, of everything deployed to it: the rules of preferred, hidden, required and marked
 * deployments in one place, so that network boot, agent and preview give one answer (S6-025 to S6-044).
 *
 * - `SMSTSPreferredAdvertID` set: that deployment or nothing. It acts as required, whatever its purpose (S6-041).
 *   It is how a boot image is told what to run (S6-040, S6-042): the client in the installed system does not look at it.
 * - Hidden deployments run only when preferred. This also settles S6-035: a hidden deployment takes no part in the
 *   choice of the boot image unless it is preferred, or a listed machine would boot for something nobody can pick.
 * - A mark leaves out a required deployment (S6-026), whatever its rerun behaviour (S6-029). It leaves out
 *   a preferred one too: it starts without a person, so nothing else would stop an endless reinstall (S6-028).
 *   Media take no notice of marks; they belong to network boot (S6-025), and a stick is put in by a person.
 * - A mark holds at the client's door as well, until the deployment is scheduled anew and its rerun behaviour allows it
 *   (site/client-schedule.ts). That a machine runs its installed system is only what it says: one in the boot image that lies,
 *   or is mistaken, would otherwise wipe its disk again after every restart. A client loses nothing by it: a run that is
 *   not at its end goes on with its ticket and asks nobody what it may start.
 */

import type { ClientPlatform } from '../address/client-platform.ts'
import type { DeploymentId } from '../address/identifiers.ts'
import { type HeldByRing, whyRingHolds } from './canary.ts'
import type { CandidateDeployment, Rejection } from './candidate-deployment.ts'
import { whyPlatformIsRefused } from './client-platforms.ts'
import { isDue } from '../site/client-schedule.ts'
import type { MaintenanceWindow } from '../site/maintenance-window.ts'
import { deploymentsInEffect, type InEffect, printDuration } from './deployments-in-effect.ts'
import { type Deployment, isHidden, Purpose } from '../site/deployment.ts'
import type { RequiredPxeMark } from '../site/device.ts'
import { type Preferred, preferredDeployment, preferredVariable } from './preferred-deployment.ts'
import type { SiteVariable } from '../site/site-variable.ts'
import { type Health, whyKeptHealthy } from './healthy-machine.ts'
import { waitForWindow } from './maintenance-wait.ts'
import { type Guarded, whyStopped } from './start-guard.ts'

export interface Situation extends Health {
  /** Effective ones: each name once, or the later value last. */
  readonly variables: readonly SiteVariable[]
  /** Of the device, or of the unknown computer. */
  readonly marks: readonly RequiredPxeMark[]
  /** Runs that began in the last hour without a person. Absent: not looked at; a boot image starts all the same, and waits. */
  readonly unattendedStarts?: number
  /** As canary rings know it. Absent: the boot image is chosen, in which a machine may wait for a ring. */
  readonly machine?: string
  /** What a client says it is. Looked at when the door is `client`, and nowhere else (S1-079). */
  readonly platform?: ClientPlatform
  /** Of a client: how its last runs ended, by deployment; its maintenance windows, and its clock. */
  readonly outcomes?: ReadonlyMap<DeploymentId, 'succeeded' | 'failed'>
  readonly maintenance?: { readonly windows: readonly MaintenanceWindow[]; readonly utcOffsetMinutes: number }
}

export type Eligible<T> =
  | { readonly kind: 'preferred'; readonly candidate: T; readonly rejected: readonly Rejection[] }
  /** Each list is in the order of S6-031: highest identifier first. Both may be empty. */
  | {
      readonly kind: 'open'
      readonly required: readonly T[]
      readonly available: readonly T[]
      readonly rejected: readonly Rejection[]
      /** Those of `rejected` that a rule of the site keeps from starting now. */
      readonly heldBack: readonly HeldBack[]
    }
  /** The preference cannot be honoured, or nothing may start. `publicText` is for the machine, `logText` for the administrator. */
  | {
      readonly kind: 'nothing'
      readonly publicText: string
      readonly logText: string
      /** Somebody made a mistake, and the person at the machine should read of it; not so when it has simply run before. */
      readonly isMistake: boolean
      /** What the page says of the machine in place of `publicText`, where it may tell more. */
      readonly watcherText?: string
      readonly rejected: readonly Rejection[]
    }

/** What is deployed here and would start. */
export interface HeldBack extends Guarded {
  readonly deploymentId: DeploymentId
  readonly isRequired: boolean
  /** It starts by itself once it may. */
  readonly waits: boolean
}

export function eligibleDeployments<T extends CandidateDeployment>(
  candidates: readonly T[],
  situation: Situation,
): Eligible<T> {
  const stopped = whyStopped(situation.guard)
  if (stopped !== undefined) return heldBack(stopped, candidates, [])
  const preferred = situation.door === 'client' ? notPreferred : preferredDeployment(situation.variables)
  const { accepted, rejected } = onItsPlatform(
    deploymentsInEffect(candidates, situation.nowMs, situation.door),
    situation,
  )
  switch (preferred.kind) {
    case 'none':
      return open(accepted, rejected, situation)
    case 'deployment':
      return onlyPreferred(preferred, { accepted, rejected }, situation)
    case 'invalid': {
      const others = accepted.map((candidate) => reject(candidate, `${preferredVariable} is set and cannot be read`))
      return { ...preferred, kind: 'nothing', isMistake: true, rejected: [...rejected, ...others] }
    }
    default:
      return preferred satisfies never
  }
}

/** Somebody wanted it so: nothing of it is for a machine's screen before its boot image starts. */
function heldBack(
  { publicText, reason }: Guarded,
  candidates: readonly CandidateDeployment[],
  alreadyRejected: readonly Rejection[],
): Extract<Eligible<never>, { kind: 'nothing' }> {
  const rejected = [...alreadyRejected, ...candidates.map((candidate) => reject(candidate, reason))]
  return { kind: 'nothing', publicText, logText: reason, watcherText: reason, isMistake: false, rejected }
}

const notPreferred: Preferred = { kind: 'none' }

function onItsPlatform<T extends CandidateDeployment>(inEffect: InEffect<T>, situation: Situation): InEffect<T> {
  if (situation.door !== 'client') return inEffect
  const accepted: T[] = []
  const rejected = [...inEffect.rejected]
  for (const candidate of inEffect.accepted) {
    const reason = whyPlatformIsRefused(candidate.platforms, situation.platform)
    if (reason === undefined) accepted.push(candidate)
    else rejected.push(reject(candidate, reason))
  }
  return { accepted, rejected }
}

function open<T extends CandidateDeployment>(
  accepted: readonly T[],
  alreadyRejected: readonly Rejection[],
  situation: Situation,
): Eligible<T> {
  const rejected = [...alreadyRejected]
  const required: T[] = []
  const available: T[] = []
  const heldBack: HeldBack[] = []
  for (const candidate of accepted) {
    const { deployment } = candidate
    if (isHidden(deployment.makeAvailableTo)) {
      rejected.push(reject(candidate, `it is hidden and runs only when ${preferredVariable} names it`))
      continue
    }
    const isRequired = deployment.purpose !== Purpose.available
    const notNow = isRequired ? whyNotNow(candidate, situation) : undefined
    if (notNow !== undefined) {
      rejected.push(reject(candidate, notNow))
      continue
    }
    const held = whyHeldBack(candidate, situation) ?? whyKept(deployment, situation)
    if (held === undefined) (isRequired ? required : available).push(candidate)
    else {
      heldBack.push({ ...held, deploymentId: deployment.id, isRequired })
      rejected.push(reject(candidate, held.reason))
    }
  }
  return { kind: 'open', required, available, rejected, heldBack }
}

function whyHeldBack(
  { deployment, canaryRing = [] }: CandidateDeployment,
  { machine }: Situation,
): HeldByRing | undefined {
  return whyRingHolds(deployment.canary, canaryRing, machine)
}

function whyKept(deployment: Deployment, situation: Situation) {
  const kept = whyKeptHealthy(deployment, situation)
  return kept === undefined ? undefined : { ...kept, waits: false }
}

/** In the boot image a mark decides alone (S6-026, S6-029); on a client its schedule, and then the windows. */
function whyNotNow(candidate: CandidateDeployment, situation: Situation): string | undefined {
  if (situation.door === 'client') return whyNotDue(candidate, situation) ?? whyNoWindow(candidate, situation)
  return isMarked(candidate.deployment.id, situation) ? markedReason : undefined
}

/** A mark is when it started last; an administrator who clears it has it run as if it never had. */
function whyNotDue({ deployment }: CandidateDeployment, situation: Situation): string | undefined {
  const { nowMs, marks, outcomes, maintenance } = situation
  const { id, availableAtMs, clientSchedule } = deployment
  const mark = marks.find(({ deploymentId }) => deploymentId === id)
  const outcome = outcomes?.get(id)
  const lastRun =
    mark === undefined ? undefined : { startedAtMs: mark.startedAtMs, ...(outcome === undefined ? {} : { outcome }) }
  const utcOffsetMinutes = maintenance?.utcOffsetMinutes ?? 0
  const due = isDue(clientSchedule, { nowMs, utcOffsetMinutes, availableAtMs, lastRun })
  switch (due.kind) {
    case 'due':
      return undefined
    case 'not-yet':
      return `it is scheduled, in ${printDuration(due.atMs - nowMs)}`
    case 'no-more':
      return due.reason
    default:
      return due satisfies never
  }
}

/** S9-016: a required one starts only while all the time that it may take fits into a window. */
function whyNoWindow(
  { maximumRunMinutes }: CandidateDeployment,
  { door, nowMs, maintenance }: Situation,
): string | undefined {
  if (door !== 'client' || maintenance === undefined) return undefined
  return waitForWindow({ ...maintenance, nowMs, maximumRunMinutes })?.reason
}

type NamedDeployment = Extract<Preferred, { readonly kind: 'deployment' }>

function onlyPreferred<T extends CandidateDeployment>(
  { id, shown }: NamedDeployment,
  { accepted, rejected }: { readonly accepted: readonly T[]; readonly rejected: readonly Rejection[] },
  situation: Situation,
): Eligible<T> {
  const others = accepted
    .filter(({ deployment }) => deployment.id !== id)
    .map((candidate) => reject(candidate, `${preferredVariable} names ${shown} instead`))
  const candidate = accepted.find(({ deployment }) => deployment.id === id)
  if (candidate === undefined) {
    const why = rejected.find(({ deploymentId }) => deploymentId === id)?.reason
    return notHonoured(shown, why ?? 'no such deployment targets this machine', [...rejected, ...others])
  }
  if (isMarked(id, situation)) {
    const marked = notHonoured(shown, markedReason, [...rejected, reject(candidate, markedReason), ...others])
    return { ...marked, isMistake: false }
  }
  const held = whyHeldBack(candidate, situation)
  if (held !== undefined) return heldBack(held, [candidate], [...rejected, ...others])
  return { kind: 'preferred', candidate, rejected: [...rejected, ...others] }
}

/** One outward text for "does not exist", "not yours", "hidden" and "expired", or identifiers could be guessed (A07). */
function notHonoured(
  shown: string,
  why: string,
  rejected: readonly Rejection[],
): Extract<Eligible<never>, { kind: 'nothing' }> {
  return {
    kind: 'nothing',
    publicText: `${preferredVariable} names ${shown}, which cannot run on this machine now. Nothing is started.`,
    logText: `${preferredVariable} names ${shown}: ${why}`,
    isMistake: true,
    rejected,
  }
}

const markedReason = 'it has started on this machine before; clear required PXE deployments to run it again'

function isMarked(id: DeploymentId, { door, marks }: Situation): boolean {
  return door !== 'media' && marks.some(({ deploymentId }) => deploymentId === id)
}

function reject(candidate: CandidateDeployment, reason: string): Rejection {
  return { deploymentId: candidate.deployment.id, reason }
}
