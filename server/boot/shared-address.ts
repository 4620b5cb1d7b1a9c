/**
 * When does the site itself put a MAC address among the duplicates (S6-011)? When the agents of two different machines tell it: it
 * is an adapter or a dock that goes from one to the other. Whoever lies about its address must not make a machine unknown by that, and
 * have it served what unknown computers are: so an address stays that a record, the mark of an unknown computer or a run
 * that goes on cannot do without.
 */

import { isMeaningfulMacAddress, type MacAddress } from '../address/mac-address.ts'
import { foldSerialNumber, isMeaningfulSerialNumber } from '../address/serial-number.ts'
import { isMeaningfulSmbiosGuid, isSameGuid, parseSmbiosGuid, type SmbiosGuid } from '../address/smbios-guid.ts'
import type { Device } from '../site/device.ts'
import type { Inventory } from '../site/inventory.ts'

export interface SharedAddress {
  readonly macAddress: MacAddress
  /** What two devices of the site told, each by the agent that is believed to be its own. */
  readonly told: readonly [Identifying, Identifying]
  /** Devices whose record has the address. */
  readonly holders: readonly Pick<Device, 'smbiosGuid'>[]
  /** An unknown computer that was installed is known again by this address and no GUID, or a run goes on that began with it. */
  readonly isNeeded: boolean
}

type Identifying = Pick<Inventory, 'smbiosGuid' | 'serialNumber'>

export function isSharedAddress({ macAddress, told, holders, isNeeded }: SharedAddress): boolean {
  if (!isMeaningfulMacAddress(macAddress) || isNeeded || !areTwoMachines(...told)) return false
  return holders.every(({ smbiosGuid }) => smbiosGuid !== undefined && isMeaningfulSmbiosGuid(smbiosGuid))
}

/** By their GUIDs; where one of these says nothing, by their serial numbers. */
export function areTwoMachines(a: Identifying, b: Identifying): boolean {
  const [guidA, guidB] = [guidOf(a), guidOf(b)]
  if (guidA !== undefined && guidB !== undefined) return !isSameGuid(guidA, guidB)
  const [serialA, serialB] = [serialOf(a), serialOf(b)]
  return serialA !== undefined && serialB !== undefined && serialA !== serialB
}

function guidOf({ smbiosGuid = '' }: Identifying): SmbiosGuid | undefined {
  const guid = parseSmbiosGuid(smbiosGuid)
  return guid !== undefined && isMeaningfulSmbiosGuid(guid) ? guid : undefined
}

function serialOf({ serialNumber = '' }: Identifying): string | undefined {
  return isMeaningfulSerialNumber(serialNumber) ? foldSerialNumber(serialNumber) : undefined
}
