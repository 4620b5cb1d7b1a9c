/**
 * What a kind of medium has to say for itself, and what all kinds have in common is done with: password, keys, dates, and the
 * record (create-medium.ts). A kind is a schema and a function, in a file of its own, and a line in medium-makers.ts.
 */

import type { DeploymentId } from '../../../address/identifiers.ts'
import type { PolicyContent } from '../../../contract/agent.ts'
import type { MediumManifest, MediumPolicy } from '../../../contract/medium.ts'
import type { BootImage } from '../../../site/boot-image.ts'
import type { ContentVersion } from '../../../site/content.ts'
import type { MediumAffinity } from '../../../site/medium.ts'
import type { SiteVariable } from '../../../site/site-variable.ts'
import type { HttpDependencies } from '../../dependencies.ts'
import type { Fault } from '../../problem.ts'

export interface MediumMaking {
  readonly dependencies: Pick<HttpDependencies, 'store' | 'library' | 'site' | 'now'>
  readonly nowMs: number
  /** Where machines reach the site; none: nobody knows. */
  readonly siteUrls: readonly string[]
}

export interface MediumParts {
  readonly bootImage: BootImage & { readonly content: ContentVersion }
  readonly contents: readonly PolicyContent[]
  readonly unattended: boolean
  /** Has a key of its own, with which machines that were started from it ask the site. */
  readonly asksSite: boolean
  readonly serverSelection: MediumManifest['serverSelection']
  readonly servers: readonly string[]
  /** All that go onto it, with the values of secret ones. */
  readonly variables: readonly SiteVariable[]
  readonly policy?: MediumPolicy
  readonly deploymentId?: DeploymentId
  readonly deployments?: readonly DeploymentId[]
  readonly unknownComputers: boolean
  readonly userDeviceAffinity: MediumAffinity
  /** Absent: never. */
  readonly expiresAtMs?: number
  /** Told once, to whoever makes it; absent: none. */
  readonly warnings?: readonly string[]
}

export type MadeMedium =
  | { readonly kind: 'made'; readonly parts: MediumParts }
  | { readonly kind: 'faults'; readonly faults: readonly Fault[] }
