/** A computer the site knows. Hardware identifiers are hints, never proof (security A06). */

import type { MacAddress } from '../address/mac-address.ts'
import type { SmbiosGuid } from '../address/smbios-guid.ts'
import type { DeploymentId, DeviceId } from '../address/identifiers.ts'
import type { KeptInventory } from './inventory.ts'
import type { SiteVariable } from './site-variable.ts'

export interface Device {
  readonly id: DeviceId
  readonly name: string
  readonly macAddresses: readonly MacAddress[]
  readonly smbiosGuid?: SmbiosGuid
  readonly serialNumber?: string
  readonly variables: readonly SiteVariable[]
  readonly requiredPxeMarks: readonly RequiredPxeMark[]
  /** Milliseconds since the epoch. */
  readonly createdAtMs: number
  /** Absent: no agent of it was heard. It changes without the revision: a hello is no edit. */
  readonly inventory?: KeptInventory
  /** Grows with each edit; the ETag of the object. */
  readonly revision: number
}

/**
 * A required deployment that has started on this device is not offered again over PXE until the
 * mark is cleared (S6-025 to S6-029). It is set at the agent's check-in, never by an offer.
 */
export interface RequiredPxeMark {
  readonly deploymentId: DeploymentId
  readonly startedAtMs: number
}

/** S1-069. */
export const deviceVariablesMax = 1_000
export const deviceNameCharactersMax = 255
