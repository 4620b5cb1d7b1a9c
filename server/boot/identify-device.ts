/**
 * Which record of the site is this client? By MAC address or SMBIOS GUID (S6-013), leaving out identifiers that are
 * known to be shared (S6-011). Where the evidence contradicts itself nobody is chosen: booting one machine with another
 * machine's deployment is the one mistake that cannot be undone (peers.md D19).
 */

import { isMeaningfulMacAddress, type MacAddress } from '../address/mac-address.ts'
import { isMeaningfulSmbiosGuid, type SmbiosGuid, swapSmbiosGuid } from '../address/smbios-guid.ts'
import type { Device } from '../site/device.ts'
import type { BootPolicy } from './boot-facts.ts'
import type { PxeClient } from './pxe-client.ts'

export type Identification =
  | { readonly kind: 'known'; readonly device: Device }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'refused'; readonly reason: string }

/** Names no machine: for a client that is looked for by its SMBIOS GUID alone. */
export const noMacAddress = '00:00:00:00:00:00' as MacAddress

/**
 * The client as the store is to look for it: a duplicate GUID is left out, and a duplicate MAC address becomes the
 * address that names no machine, so that the facts which come back belong to nobody through a shared identifier.
 */
export function clientForLookUp(client: PxeClient, policy: BootPolicy): PxeClient {
  const macAddress = usableMacAddress(client, policy) ?? noMacAddress
  const guid = client.smbiosGuid && usableGuid(client.smbiosGuid, policy)
  if (macAddress === client.macAddress && guid === client.smbiosGuid) return client
  const { smbiosGuid: _, ...rest } = client
  return guid === undefined ? { ...rest, macAddress } : { ...rest, macAddress, smbiosGuid: guid }
}

export function identifyDevice(client: PxeClient, devices: readonly Device[], policy: BootPolicy): Identification {
  const matches = devices.filter(
    (device) => matchesByMac(client, device, policy) || matchesByGuid(client, device, policy),
  )
  if (matches.length !== devices.length) {
    const strangers = devices.filter((device) => !matches.includes(device)).map(nameOf)
    return refused(`the facts hold ${strangers.join(' and ')}, which shares no usable identifier with this client`)
  }
  const [device, ...others] = matches
  if (device === undefined) return { kind: 'unknown' }
  if (others.length > 0) {
    const names = matches.map(nameOf).join(' and ')
    return refused(
      `its identifiers belong to several devices, ${names}; list the shared one as duplicate, or merge them`,
    )
  }
  if (!matchesByGuid(client, device, policy) && contradicts(client, device, policy)) {
    return refused(
      `its MAC address belongs to ${nameOf(device)}, but its SMBIOS GUID is another; ` +
        'list the address of a shared adapter as duplicate, or correct the record',
    )
  }
  return { kind: 'known', device }
}

function matchesByMac(client: PxeClient, device: Device, policy: BootPolicy): boolean {
  const macAddress = usableMacAddress(client, policy)
  return macAddress !== undefined && device.macAddresses.includes(macAddress)
}

/** Some machines swap the first three fields between firmware and iPXE, so both spellings are one GUID (peers.md D10). */
function matchesByGuid(client: PxeClient, device: Device, policy: BootPolicy): boolean {
  const guid = client.smbiosGuid === undefined ? undefined : usableGuid(client.smbiosGuid, policy)
  return guid !== undefined && (device.smbiosGuid === guid || device.smbiosGuid === swapSmbiosGuid(guid))
}

/** Both name a GUID and the two differ: the adapter moved to another machine (D19: docks and USB adapters). */
function contradicts(client: PxeClient, device: Device, policy: BootPolicy): boolean {
  if (client.smbiosGuid === undefined || device.smbiosGuid === undefined) return false
  return usableGuid(client.smbiosGuid, policy) !== undefined && usableGuid(device.smbiosGuid, policy) !== undefined
}

export function usableMacAddress(
  { macAddress }: Pick<PxeClient, 'macAddress'>,
  policy: BootPolicy,
): MacAddress | undefined {
  return isMeaningfulMacAddress(macAddress) && !policy.duplicateIdentifiers.has(macAddress) ? macAddress : undefined
}

function usableGuid(guid: SmbiosGuid, { duplicateIdentifiers }: BootPolicy): SmbiosGuid | undefined {
  if (!isMeaningfulSmbiosGuid(guid)) return undefined
  return duplicateIdentifiers.has(guid) || duplicateIdentifiers.has(swapSmbiosGuid(guid)) ? undefined : guid
}

function nameOf(device: Device): string {
  return `${device.name} (${device.id})`
}

function refused(reason: string): Identification {
  return { kind: 'refused', reason }
}
