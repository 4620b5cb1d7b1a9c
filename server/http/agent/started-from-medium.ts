/** What a medium changes of what a machine may run: which deployments, what is preferred, and who need not be approved. */

import type { DeploymentId } from '../../address/identifiers.ts'
import type { BootFacts } from '../../boot/boot-facts.ts'
import type { Identification } from '../../boot/identify-device.ts'
import type { Medium } from '../../store/media-port.ts'
import { preferredDeployment, preferredVariable } from '../../targeting/preferred-deployment.ts'
import type { Asked } from './machine-standing.ts'

/** Undefined: it refuses nothing. Called for whoever says that it was started from media. */
export function whyMediumIsRefused(
  kind: Identification['kind'],
  { startedFrom, medium }: Pick<Asked, 'startedFrom' | 'medium'>,
): string | undefined {
  if (startedFrom !== 'media') return undefined
  if (medium === undefined) return 'This machine does not prove which medium it was started from.'
  if (medium.kind === 'refused') return medium.reason
  return kind === 'unknown' && !medium.medium.unknownComputers
    ? 'This medium is for computers that the site knows, and this one is unknown to it.'
    : undefined
}

/** Whoever knows its password was trusted with it (security 6.2). Without one, whoever found it would have been, too. */
export function vouchesFor(medium: Medium | undefined): boolean {
  return medium?.passwordRequired === true
}

/** Others are as if they were not deployed here, so nothing can be learned of them (security A07). */
export function allowedByMedium(
  candidates: BootFacts['candidates'],
  medium: Medium | undefined,
): BootFacts['candidates'] {
  const allowed = medium?.deployments
  return allowed === undefined ? candidates : candidates.filter(({ deployment }) => allowed.includes(deployment.id))
}

/** S1-067, S6-040: the medium is weaker than collection and device, a prestart command stronger. */
export function withPreferred(
  variables: BootFacts['variables'],
  { preferred }: Pick<Asked, 'preferred'>,
  medium: Medium | undefined,
): BootFacts['variables'] {
  const ofMedium = medium === undefined ? undefined : (preferred?.medium ?? medium.deploymentId)
  const asVariable = (value: string | undefined) =>
    value === undefined ? [] : [{ name: preferredVariable, value, secret: false }]
  return [...asVariable(ofMedium), ...variables, ...asVariable(preferred?.prestart)]
}

/**
 * Deployments that the machine names by itself: whoever was not approved could try all identifiers, and what the medium was made for is
 * nothing to be found out (security A07).
 */
export function guessedBy({ preferred, medium }: Pick<Asked, 'preferred' | 'medium'>): readonly DeploymentId[] {
  const own = medium?.kind === 'started' ? medium.medium.deploymentId : undefined
  return [preferred?.medium, preferred?.prestart].flatMap((value = '') => {
    const named = preferredDeployment([{ name: preferredVariable, value, secret: false }])
    return named.kind === 'deployment' && named.id !== own ? [named.id] : []
  })
}
