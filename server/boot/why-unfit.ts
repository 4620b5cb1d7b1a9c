/**
 * Why a deployment cannot run on a device at all, by what the device's agent told of the machine: at each door that it is made available
 * to, its requirements are not met. What the agent did not tell is not held against it.
 */

import type { Inventory } from '../site/inventory.ts'
import { isForClients, isForMediaAndPxe } from '../site/deployment.ts'
import type { CandidateDeployment } from '../targeting/candidate-deployment.ts'
import { whyPlatformIsRefused } from '../targeting/client-platforms.ts'
import { selectBootImage } from './select-boot-image.ts'

type Told = Pick<Inventory, 'architecture' | 'firmware' | 'operatingSystem'>

/** Undefined: at one of its doors it may run. */
export function whyUnfit(candidate: CandidateDeployment, told: Told): string | undefined {
  const { makeAvailableTo } = candidate.deployment
  const reasons = [
    ...(isForMediaAndPxe(makeAvailableTo) ? [whyNoBootImageFits(candidate, told)] : []),
    ...(isForClients(makeAvailableTo) ? [whyClientIsRefused(candidate, told)] : []),
  ]
  return reasons.includes(undefined) ? undefined : reasons.join('; ')
}

function whyNoBootImageFits(candidate: CandidateDeployment, { architecture, firmware }: Told): string | undefined {
  // The agent knows its processor, so of BIOS nothing is left open (platform-architecture.ts).
  const longMode = firmware === 'bios' ? { longMode: architecture === 'x64' } : {}
  const platform = { architecture, firmware, ...longMode, transport: 'tftp', code: 0 } as const
  return selectBootImage(platform, [candidate]).rejected[0]?.reason
}

function whyClientIsRefused({ platforms }: CandidateDeployment, told: Told): string | undefined {
  const { architecture, operatingSystem } = told
  return operatingSystem === undefined ? undefined : whyPlatformIsRefused(platforms, { architecture, operatingSystem })
}
