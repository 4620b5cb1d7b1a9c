/** What the site knows about a client when the decision is made. Shape only; the store fills it in. */

import type { DeploymentId } from '../address/identifiers.ts'
import type { CandidateDeployment, Rejection } from '../targeting/candidate-deployment.ts'
import type { ReinstallConsent } from '../targeting/healthy-machine.ts'
import type { Device, RequiredPxeMark } from '../site/device.ts'
import type { IdentifierLists } from '../site/listed-identifier.ts'
import type { MaintenanceWindow } from '../site/maintenance-window.ts'
import type { SiteVariable } from '../site/site-variable.ts'
import type { StartGuard } from '../site/start-guard.ts'

export type { CandidateDeployment, Rejection }

export interface BootFacts {
  /**
   * Devices that share a MAC address or an SMBIOS GUID with the client: none, one, or (a fault of the site) several.
   * Looked up with `clientForLookUp(client, identifierLists)`, so that duplicate identifiers find nobody (S6-011).
   */
  readonly devices: readonly Device[]
  /** The lists that the look-up went by. */
  readonly identifierLists: IdentifierLists
  /** Of the client when it is no device of the site; a device has its own. */
  readonly unknownComputerMarks: readonly RequiredPxeMark[]
  /** Of the one device's collections, or the unknown computer's when there is no device; every time and purpose. */
  readonly candidates: readonly CandidateDeployment[]
  /** Of all its collections (S9-014). */
  readonly maintenanceWindows: readonly MaintenanceWindow[]
  /** Collection variables, then device variables; what `SMSTSPreferredAdvertID` is looked up in. */
  readonly variables: readonly SiteVariable[]
  /** What holds back every start. */
  readonly startGuard: StartGuard
  /** When the client in the installed system of the one device was heard last; absent: never since it was installed anew. */
  readonly clientHeardAtMs?: number
  /** Of the one device. */
  readonly reinstallConsents: readonly ReinstallConsent[]
  /** Of the run that has to find the boot image when this machine starts again (S1-040); absent: there is none. */
  readonly runInBootImage?: DeploymentId
  readonly nowMs: number
}

/** Settings of the responder that take part in the decision. */
export interface BootPolicy {
  readonly unknownComputerSupport: boolean
  /** "Allow responses to incoming requests", a pause switch (S6-001). */
  readonly respond: boolean
  /** How long an available deployment waits for the key. */
  readonly promptSeconds: number
}
