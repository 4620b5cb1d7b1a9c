/**
 * What does this machine boot now, and why? The one decision behind every door (design 1.2). It depends on nothing but
 * its arguments, never throws and never logs. Order: may it be answered at all, who is it, what is deployed to it, and
 * which boot image carries that. A run in progress in the installed system needs no rule here: its mark keeps a required
 * deployment away. One in the boot image gets it again (S1-040): without it the machine would find nothing that starts.
 */

import type { BootDecision } from './boot-decision.ts'
import type { BootFacts, BootPolicy, CandidateDeployment, Rejection } from './boot-facts.ts'
import { whyOutsideSchedule } from '../targeting/deployments-in-effect.ts'
import { eligibleDeployments } from '../targeting/eligible-deployments.ts'
import type { DeviceId } from '../address/identifiers.ts'
import type { Deployment } from '../site/deployment.ts'
import type { Device } from '../site/device.ts'
import type { IdentifierLists } from '../site/listed-identifier.ts'
import { findIgnored, identifyDevice } from './identify-device.ts'
import { bootArchitectureOf } from './platform-architecture.ts'
import type { Platform, PxeClient } from './pxe-client.ts'
import { selectBootImage } from './select-boot-image.ts'

export function decideBoot(client: PxeClient, facts: BootFacts, policy: BootPolicy): BootDecision {
  const silence = whyNeverAnswered(client, facts.identifierLists, policy)
  if (silence !== undefined) return { kind: 'ignore', reason: silence, rejected: [] }

  const identified = identifyDevice(client, facts.devices, facts.identifierLists)
  switch (identified.kind) {
    case 'refused':
      return localDisk(identified.reason, [])
    case 'unknown':
      if (!policy.unknownComputerSupport) return localDisk('the computer is unknown, and those are not served', [])
      return decideDeployment(client.platform, facts, { promptSeconds: policy.promptSeconds })
    case 'known':
      return decideDeployment(client.platform, facts, {
        promptSeconds: policy.promptSeconds,
        device: identified.device,
      })
    default:
      return identified satisfies never
  }
}

interface Standing {
  readonly promptSeconds: number
  /** Absent: an unknown computer. */
  readonly device?: Device
}

/** Refusals that come before any look at deployments: an ignored machine is not served even as unknown (A6-04). */
function whyNeverAnswered(client: PxeClient, lists: IdentifierLists, policy: BootPolicy): string | undefined {
  if (!policy.respond) return 'responses to incoming requests are paused'
  const ignored = findIgnored(client, lists)
  if (ignored !== undefined) return `${ignored} is on the ignore list`
  const { platform } = client
  if (bootArchitectureOf(platform) === undefined) return `architecture ${platform.code} cannot be served`
  return undefined
}

function decideDeployment(platform: Platform, facts: BootFacts, { promptSeconds, device }: Standing): BootDecision {
  const goesOn = goOnInBootImage(platform, facts, device?.id)
  if (goesOn !== undefined) return goesOn
  const eligible = eligibleDeployments(facts.candidates, {
    variables: facts.variables,
    marks: device?.requiredPxeMarks ?? facts.unknownComputerMarks,
    nowMs: facts.nowMs,
    door: 'pxe',
    guard: facts.startGuard,
    ...healthOf(facts),
  })
  if (eligible.kind === 'nothing') {
    const shown = eligible.isMistake ? selectBootImage(platform, facts.candidates).selected : undefined
    return {
      ...localDisk(eligible.logText, eligible.rejected, device?.id),
      publicText: eligible.publicText,
      ...(shown === undefined ? {} : { shownBy: shown.bootImage }),
    }
  }
  const unasked = eligible.kind === 'preferred' ? [eligible.candidate] : eligible.required
  const available = eligible.kind === 'preferred' ? [] : eligible.available

  const first = selectBootImage(platform, unasked)
  if (first.selected !== undefined) {
    const { candidate, bootImage } = first.selected
    const { deployment } = candidate
    const purpose = eligible.kind === 'preferred' ? 'preferred' : 'required'
    const passedOver = rejectAll(available, `required deployment ${deployment.id} comes first`)
    return {
      ...explained(`${purpose} ${nameOf(deployment, facts)}`, [...eligible.rejected, ...first.rejected, ...passedOver]),
      ...known(device?.id),
      kind: 'boot',
      bootImage,
      deployment,
    }
  }
  // Required ones that are marked or cannot start leave the field to the available ones (S6-026).
  const second = selectBootImage(platform, available)
  const rejected = [...eligible.rejected, ...first.rejected, ...second.rejected]
  if (second.selected === undefined) {
    const [held] = eligible.kind === 'open' ? eligible.heldBack : []
    const reason = held === undefined ? whyNothing(rejected, device) : `${held.deploymentId}: ${held.reason}`
    return localDisk(reason, rejected, device?.id)
  }
  const { deployment } = second.selected.candidate
  return {
    ...explained(`available ${nameOf(deployment, facts)}`, rejected),
    ...known(device?.id),
    kind: 'boot',
    bootImage: second.selected.bootImage,
    deployment,
    prompt: { seconds: promptSeconds },
  }
}

/** What is known of the machine's installed system, for whichever door asks. */
export function healthOf({ clientHeardAtMs, reinstallConsents }: BootFacts) {
  return { consents: reinstallConsents, ...(clientHeardAtMs === undefined ? {} : { clientHeardAtMs }) }
}

/** Nothing is started anew, so neither marks nor a key are asked for. A deployment that was taken away ends this, too. */
function goOnInBootImage(platform: Platform, facts: BootFacts, deviceId?: DeviceId): BootDecision | undefined {
  if (facts.runInBootImage === undefined) return undefined
  const candidates = facts.candidates.filter(({ deployment }) => deployment.id === facts.runInBootImage)
  const { selected } = selectBootImage(platform, candidates)
  if (selected === undefined) return undefined
  const { candidate, bootImage } = selected
  const { deployment } = candidate
  const because = explained(`the run of deployment ${deployment.id} goes on in the boot image`, [])
  return { ...because, ...known(deviceId), kind: 'boot', bootImage, deployment }
}

/** Who set an end, and sees a machine start all the same, reads why. */
function nameOf(deployment: Deployment, { nowMs }: BootFacts): string {
  const outside = whyOutsideSchedule(deployment, nowMs)
  const name = `deployment ${deployment.id}`
  return outside === undefined ? name : `${name} (${outside}, which a boot image does not obey)`
}

function whyNothing(rejected: readonly Rejection[], device: Device | undefined): string {
  const who = device === undefined ? 'unknown computers' : `device ${device.name}`
  return rejected.length === 0 ? `nothing is deployed to ${who}` : `none of the deployments to ${who} can start now`
}

function localDisk(reason: string, rejected: readonly Rejection[], deviceId?: DeviceId) {
  return { ...explained(reason, rejected), ...known(deviceId), kind: 'continue-to-local-disk' } as const
}

/** Highest identifier first, so that the same question always gets the same story. */
function explained(reason: string, rejected: readonly Rejection[]) {
  return { reason, rejected: rejected.toSorted((a, b) => (a.deploymentId < b.deploymentId ? 1 : -1)) }
}

function known(deviceId: DeviceId | undefined): { readonly deviceId?: DeviceId } {
  return deviceId === undefined ? {} : { deviceId }
}

function rejectAll(candidates: readonly CandidateDeployment[], reason: string): readonly Rejection[] {
  return candidates.map(({ deployment }) => ({ deploymentId: deployment.id, reason }))
}
