/**
 * Which record of the site is this client? By its SMBIOS GUID, its serial number and its MAC addresses (S6-013, S6-061), leaving out
 * identifiers that are known to be shared (S6-011) and placeholders. Firmware tells one address and the GUID, iPXE the serial number
 * too, the agent everything. Each identifier has a weight, and what speaks for a device must clearly exceed what speaks
 * against it; else nobody is chosen: booting one machine with another machine's deployment is the one mistake that cannot
 * be undone (peers.md D19). The table of weights is in server/README.md.
 */

import { isMeaningfulMacAddress, type MacAddress } from '../address/mac-address.ts'
import { foldSerialNumber, isMeaningfulSerialNumber } from '../address/serial-number.ts'
import { isMeaningfulSmbiosGuid, isSameGuid, type SmbiosGuid, swapSmbiosGuid } from '../address/smbios-guid.ts'
import type { Device } from '../site/device.ts'
import type { IdentifierLists } from '../site/listed-identifier.ts'
import type { PxeClient } from './pxe-client.ts'

export type Identification =
  | { readonly kind: 'known'; readonly device: Device }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'refused'; readonly reason: string }

/** What is known of a client; a part of `PxeClient`. */
export type Evidence = Pick<PxeClient, 'macAddress' | 'otherMacAddresses' | 'smbiosGuid' | 'serialNumber'>

/**
 * The GUID is the board's, the serial number the maker's, cards and adapters come and go: so two against one are clear, and the
 * GUID of one device with the address of another is not. All addresses weigh as much as one.
 */
const weights = { smbiosGuid: 4, serialNumber: 3, macAddresses: 2 } as const
type Kind = keyof typeof weights
const kinds = ['macAddresses', 'smbiosGuid', 'serialNumber'] as const satisfies readonly Kind[]

/** So much more must speak for a device than against it, when anything does. More than any card, so that no adapter turns one device into another. */
const clearLead = 3

/** Names no machine: for a client that is looked for by its other identifiers alone. */
export const noMacAddress = '00:00:00:00:00:00' as MacAddress

/** The client as it is to be looked for: shared identifiers and placeholders are left out, so that nobody is found through them. */
export function clientForLookUp(client: PxeClient, lists: IdentifierLists): PxeClient {
  const { otherMacAddresses: _, smbiosGuid, serialNumber, ...rest } = client
  const [macAddress = noMacAddress, ...others] = usableMacAddresses(client, lists)
  return {
    ...rest,
    macAddress,
    ...(others.length === 0 ? {} : { otherMacAddresses: others }),
    ...(smbiosGuid !== undefined && isUsableGuid(smbiosGuid, lists) ? { smbiosGuid } : {}),
    ...(serialNumber !== undefined && isMeaningfulSerialNumber(serialNumber) ? { serialNumber } : {}),
  }
}

export function identifyDevice(client: PxeClient, devices: readonly Device[], lists: IdentifierLists): Identification {
  const sought = clientForLookUp(client, lists)
  const judged = devices.map((device) => judge(sought, device, lists))
  const strangers = judged.filter((one) => one.same.length === 0)
  if (strangers.length > 0) {
    const names = strangers.map(({ device }) => nameOf(device)).sort()
    return refused(`the facts hold ${names.join(' and ')}, which shares no usable identifier with this client`)
  }
  const [best, ...others] = judged.toSorted((a, b) => weigh(b.same) - weigh(a.same))
  if (best === undefined) return { kind: 'unknown' }
  const against = weigh(best.other) + (others[0] === undefined ? 0 : weigh(others[0].same))
  if (against === 0 || weigh(best.same) - against >= clearLead) return { kind: 'known', device: best.device }
  return refused(others.length > 0 ? severalReason(devices) : contradictionReason(best))
}

/** Which device firmware would have been taken for, which tells its first address and the GUID and nothing else. */
export function deviceOfFirmware(
  { macAddress, smbiosGuid, platform, stage }: PxeClient,
  devices: readonly Device[],
  lists: IdentifierLists,
): Device | undefined {
  const client = { macAddress, platform, stage, ...(smbiosGuid === undefined ? {} : { smbiosGuid }) }
  const sought = clientForLookUp(client, lists)
  const found = devices.filter((device) => judge(sought, device, lists).same.length > 0)
  const identified = identifyDevice(client, found, lists)
  return identified.kind === 'known' ? identified.device : undefined
}

interface Judged {
  readonly device: Device
  /** In which they agree. */
  readonly same: readonly Kind[]
  /** Which both tell, and which differ. That of a card is none: they are replaced, and told one at a time. */
  readonly other: readonly Kind[]
}

function judge(client: Evidence, device: Device, lists: IdentifierLists): Judged {
  const verdicts: Record<Kind, boolean | undefined> = {
    macAddresses: addressesOf(client).some((address) => device.macAddresses.includes(address)) || undefined,
    smbiosGuid: compareGuids(client.smbiosGuid, device.smbiosGuid, lists),
    serialNumber: compareSerialNumbers(client.serialNumber, device.serialNumber),
  }
  return {
    device,
    same: kinds.filter((kind) => verdicts[kind] === true),
    other: kinds.filter((kind) => verdicts[kind] === false),
  }
}

/** Some machines swap the first three fields between firmware and iPXE, so both spellings are one GUID (peers.md D10). */
function compareGuids(
  told: SmbiosGuid | undefined,
  recorded: SmbiosGuid | undefined,
  lists: IdentifierLists,
): boolean | undefined {
  if (told === undefined || recorded === undefined || !isUsableGuid(recorded, lists)) return undefined
  return isSameGuid(told, recorded)
}

function compareSerialNumbers(told: string | undefined, recorded: string | undefined): boolean | undefined {
  if (told === undefined || recorded === undefined || !isMeaningfulSerialNumber(recorded)) return undefined
  return foldSerialNumber(told) === foldSerialNumber(recorded)
}

function weigh(told: readonly Kind[]): number {
  return told.reduce((sum, kind) => sum + weights[kind], 0)
}

/** Of the client's cards those that are its own alone, the one it started from first. */
export function usableMacAddresses(client: Evidence, { duplicateIdentifiers }: IdentifierLists): readonly MacAddress[] {
  const usable = addressesOf(client).filter(
    (address) => isMeaningfulMacAddress(address) && !duplicateIdentifiers.has(address),
  )
  return [...new Set(usable)]
}

/** S6-010: whichever of its cards it is. */
export function findIgnored(client: Evidence, { ignoredMacAddresses }: IdentifierLists): MacAddress | undefined {
  return addressesOf(client).find((address) => ignoredMacAddresses.has(address))
}

export function addressesOf({
  macAddress,
  otherMacAddresses = [],
}: Pick<Evidence, 'macAddress' | 'otherMacAddresses'>): readonly MacAddress[] {
  return [macAddress, ...otherMacAddresses]
}

function isUsableGuid(guid: SmbiosGuid, { duplicateIdentifiers }: IdentifierLists): boolean {
  if (!isMeaningfulSmbiosGuid(guid)) return false
  return !duplicateIdentifiers.has(guid) && !duplicateIdentifiers.has(swapSmbiosGuid(guid))
}

/** In the order of the names: the same question has the same answer. */
function severalReason(devices: readonly Device[]): string {
  const names = devices.map(nameOf).sort().join(' and ')
  return `its identifiers belong to several devices, ${names}; list the shared one as duplicate, or merge them`
}

const kindTexts: Record<Kind, string> = {
  macAddresses: 'MAC address',
  smbiosGuid: 'SMBIOS GUID',
  serialNumber: 'serial number',
}

function contradictionReason({ device, same, other }: Judged): string {
  const [agreeing, differing] = [same, other].map((told) => told.map((kind) => kindTexts[kind]).join(' and '))
  return (
    `its ${agreeing} belongs to ${nameOf(device)}, but its ${differing} is another; ` +
    'list the address of a shared adapter as duplicate, or correct the record'
  )
}

function nameOf(device: Device): string {
  return `${device.name} (${device.id})`
}

function refused(reason: string): Identification {
  return { kind: 'refused', reason }
}
