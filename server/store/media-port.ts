/** Media of the site (S7): the record of each, which says what it may on the day it is used, and which machines started from it. */

import type { DeploymentId, DeviceId, PackageId } from '../address/identifiers.ts'
import type { PolicyContent } from '../contract/agent.ts'
import type { MediumId, MediumKind, MediumManifest } from '../contract/medium.ts'
import type { BootArchitecture } from '../site/boot-image.ts'
import type { ContentFile, Sha256 } from '../site/content.ts'
import type { MediumAffinity, MediumSize } from '../site/medium.ts'
import type { SiteVariable } from '../site/site-variable.ts'
import type { Edit } from './ports.ts'

export interface Medium {
  readonly id: MediumId
  readonly kind: MediumKind
  readonly label: string
  readonly description: string
  readonly createdAtMs: number
  /** Absent: the server itself. */
  readonly createdBy?: string
  readonly startsAtMs?: number
  readonly expiresAtMs?: number
  /** It starts nothing any more, for good. */
  readonly revoked?: { readonly atMs: number; readonly by?: string }
  /** Until then whoever knows its address may read it (http/published-media.ts). */
  readonly publishedUntilMs?: number
  /** With its files as they were: a later version is another medium (S7-001). */
  readonly bootImage: {
    readonly id: PackageId
    readonly version: number
    readonly architecture: BootArchitecture
    readonly files: readonly ContentFile[]
  }
  /** All of them, the medium's own among them. */
  readonly kernelArguments: readonly string[]
  readonly contents: readonly PolicyContent[]
  readonly unattended: boolean
  readonly passwordRequired: boolean
  readonly serverSelection: MediumManifest['serverSelection']
  readonly servers: readonly string[]
  /** Secret ones without their value: that is in `Variables.dat` alone. */
  readonly variables: readonly SiteVariable[]
  /** The one that `SMSTSPreferredAdvertID` names. */
  readonly deploymentId?: DeploymentId
  /** The only ones that may start from it; absent: whatever is deployed to the machine. */
  readonly deployments?: readonly DeploymentId[]
  readonly unknownComputers: boolean
  readonly userDeviceAffinity: MediumAffinity
  readonly sizeLimit: MediumSize
  /** 32 raw octets, base64; absent: it never asks the site. */
  readonly mediumKey?: string
  /** Of the site when it was made, 32 raw octets, base64. */
  readonly siteKey: string
  readonly prestart?: { readonly commandLine: string; readonly packageId?: PackageId }
  /** SHA-256 of what `Variables.dat` is bound to: whether the medium can still be made as it was. */
  readonly boundTo: Sha256
}

export interface MediumUse {
  readonly mediumId: MediumId
  readonly lane: string
  readonly deviceId?: DeviceId
  readonly machineName: string
  readonly ipAddress: string
  readonly firstAtMs: number
  readonly lastAtMs: number
  /** Each start of the medium on this machine is one. */
  readonly starts: number
}

export interface SeenMedium extends Omit<MediumUse, 'firstAtMs' | 'lastAtMs' | 'starts'> {
  readonly identityKey: string
  readonly atMs: number
}

export type MediumChange =
  | { readonly kind: 'describe'; readonly description: string }
  | { readonly kind: 'revoke' }
  | { readonly kind: 'publish'; readonly untilMs: number }
  | { readonly kind: 'unpublish' }

export interface MediaPage {
  readonly offset: number
  readonly limit: number
}

export interface Media {
  /** The newest first, from this one on, and how many there are. */
  media(page: MediaPage): Promise<{ readonly items: readonly Medium[]; readonly total: number }>
  medium(id: MediumId): Promise<Medium | undefined>
  mediumVariables(id: MediumId): Promise<Uint8Array | undefined>
  addMedium(medium: Medium, variables: Uint8Array): Promise<void>
  /** One that was revoked stays so, and is not published. */
  changeMedium(id: MediumId, change: MediumChange): Promise<Edit<Medium>>
  /** Refused while machines could start from it. */
  removeMedium(id: MediumId): Promise<Edit<Medium>>
  /** The latest first. */
  mediumUses(id: MediumId): Promise<readonly MediumUse[]>
  noteMediumUse(seen: SeenMedium): Promise<void>
}
