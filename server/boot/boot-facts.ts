/** What the site knows about a client when the decision is made. Shape only; the store fills it in. */

import type { DeploymentId } from '../address/identifiers.ts'
import type { BootImage } from '../site/boot-image.ts'
import type { Deployment } from '../site/deployment.ts'
import type { Device } from '../site/device.ts'
import type { SiteVariable } from '../site/site-variable.ts'

export interface BootFacts {
  /** Devices that share a MAC address or an SMBIOS GUID with the client: none, one, or (a fault of the site) several. */
  readonly devices: readonly Device[]
  /** Enabled, in the device's or the unknown computer's collections; every time and purpose. */
  readonly candidates: readonly CandidateDeployment[]
  /** Collection variables, then device variables; what `SMSTSPreferredAdvertID` is looked up in. */
  readonly variables: readonly SiteVariable[]
  readonly nowMs: number
}

export interface CandidateDeployment {
  readonly deployment: Deployment
  readonly taskSequenceName: string
  readonly taskSequenceEnabled: boolean
  /** Absent: the sequence has no boot image, so PXE leaves it out (S1-080). */
  readonly bootImage?: BootImage
}

/** Settings of the responder that take part in the decision. */
export interface BootPolicy {
  readonly unknownComputerSupport: boolean
  /** "Allow responses to incoming requests", a pause switch (S6-001). */
  readonly respond: boolean
  /** Never served (S6-010). */
  readonly ignoredMacAddresses: ReadonlySet<string>
  /** Identifiers that are left out of the look-up (S6-011). */
  readonly duplicateIdentifiers: ReadonlySet<string>
  /** How long an available deployment waits for the key. */
  readonly promptSeconds: number
}

/** Why one deployment was not taken, in words an administrator can act on. */
export interface Rejection {
  readonly deploymentId: DeploymentId
  readonly reason: string
}
