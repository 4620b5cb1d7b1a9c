/**
 * What the site remembers of a computer that is none of its devices: that a required deployment has started on it (S6-025), by
 * the identifiers that it told. Such a computer has no record to keep a mark with, and would be installed again whenever it
 * starts from the network. Whose mark it is, is settled as for devices (boot/identify-device.ts): the SMBIOS GUID
 * before the cards, so that an adapter which goes from machine to machine marks the one it was used on.
 */

import type { DeploymentId, RunId } from '../address/identifiers.ts'
import type { MacAddress } from '../address/mac-address.ts'
import { isSameGuid, type SmbiosGuid } from '../address/smbios-guid.ts'
import type { BootArchitecture } from './boot-image.ts'

/** Identifiers that say something: no dummies, and none that are listed as duplicate. */
export interface ComputerIdentity {
  readonly macAddresses: readonly MacAddress[]
  readonly smbiosGuid?: SmbiosGuid
}

export interface UnknownComputerMark extends ComputerIdentity {
  /** That set it. */
  readonly runId: RunId
  readonly deploymentId: DeploymentId
  readonly architecture: BootArchitecture
  readonly startedAtMs: number
}

/**
 * Marks are kept until they are cleared, their deployment is removed, or the computer becomes a device: forgotten any sooner,
 * its disk would be. So when there are this many no more are made room for, and no required run starts on
 * an unknown computer that would need one.
 */
export const unknownComputerMarksMax = 100_000

export function isMarkOf(mark: ComputerIdentity, computer: ComputerIdentity): boolean {
  if (mark.smbiosGuid !== undefined && computer.smbiosGuid !== undefined) {
    return isSameGuid(mark.smbiosGuid, computer.smbiosGuid)
  }
  return mark.macAddresses.some((address) => computer.macAddresses.includes(address))
}
