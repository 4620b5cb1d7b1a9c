/**
 * Chooses the boot image by the published steps (S6-030): of the deployments given, those whose boot image has exactly
 * the client's architecture, the highest deployment identifier of them as plain text; else a compatible architecture.
 * An image that cannot start over the network is left out with its reason and does not spoil it for the others (S6-033).
 */

import { type BootImage, bootImageFiles } from '../site/boot-image.ts'
import type { CandidateDeployment, Rejection } from '../targeting/candidate-deployment.ts'
import { compatibleArchitectures, printPlatform } from './platform-architecture.ts'
import type { Platform } from './pxe-client.ts'

export interface BootImageSelection {
  readonly selected?: { readonly candidate: CandidateDeployment; readonly bootImage: BootImage }
  /** Every candidate that was not selected. */
  readonly rejected: readonly Rejection[]
}

export function selectBootImage(platform: Platform, candidates: readonly CandidateDeployment[]): BootImageSelection {
  const rejected: Rejection[] = []
  const startable: { candidate: CandidateDeployment; bootImage: BootImage; step: number }[] = []
  const architectures = compatibleArchitectures(platform)
  for (const candidate of candidates) {
    const { bootImage } = candidate
    const reason = whyNotStartable(bootImage, platform)
    if (bootImage === undefined || reason !== undefined) {
      rejected.push({ deploymentId: candidate.deployment.id, reason: reason ?? noBootImage })
    } else {
      startable.push({ candidate, bootImage, step: architectures.indexOf(bootImage.architecture) })
    }
  }
  const [selected, ...others] = startable.sort((a, b) => a.step - b.step || byHighestId(a.candidate, b.candidate))
  if (selected === undefined) return { rejected }
  for (const { candidate, step } of others) {
    const better = step === selected.step ? 'has the higher identifier' : 'has a boot image of the exact architecture'
    rejected.push({ deploymentId: candidate.deployment.id, reason: `${selected.candidate.deployment.id} ${better}` })
  }
  return { selected: { candidate: selected.candidate, bootImage: selected.bootImage }, rejected }
}

const neededFiles = [bootImageFiles.kernel, bootImageFiles.initramfs]
const noBootImage = 'its task sequence uses no boot image'

function whyNotStartable(bootImage: BootImage | undefined, platform: Platform): string | undefined {
  if (bootImage === undefined) return noBootImage
  const image = `boot image ${bootImage.id}`
  if (!bootImage.enabledForPxe) return `${image} is not enabled for PXE`
  if (!compatibleArchitectures(platform).includes(bootImage.architecture)) {
    return `${image} is for ${bootImage.architecture}, which ${printPlatform(platform)} cannot start`
  }
  if (bootImage.kind === 'winpe') return `${image} is a WIM; starting those over the network comes later`
  if (bootImage.content === undefined) return `${image} has no content yet`
  const { files } = bootImage.content
  const missing = neededFiles.filter((needed) => !files.some(({ name }) => name === needed))
  return missing.length === 0 ? undefined : `${image} lacks the file ${missing.join(' and ')}`
}

function byHighestId(a: CandidateDeployment, b: CandidateDeployment): number {
  if (a.deployment.id === b.deployment.id) return 0
  return a.deployment.id > b.deployment.id ? -1 : 1
}
