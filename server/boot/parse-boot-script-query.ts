/**
 * Reads the query that the discovery script makes iPXE send (ipxe-discovery-script.ts). The values are claims of a machine:
 * they find its record and prove nothing (security A06). A missing or zero MAC address is refused, a malformed GUID or
 * serial number is left out, and keys we do not know are passed over, so that newer scripts work with older servers.
 */

import { isMeaningfulMacAddress, parseMacAddress } from '../address/mac-address.ts'
import { isMeaningfulSmbiosGuid, parseSmbiosGuid } from '../address/smbios-guid.ts'
import type { Platform, PxeClient } from './pxe-client.ts'

export type BootScriptQuery =
  | { readonly kind: 'client'; readonly client: PxeClient }
  | { readonly kind: 'refused'; readonly reason: string }

export const queryCharactersMax = 2_048
const serialCharactersMax = 255

/** `query` is the text after the question mark, still percent-encoded. */
export function parseBootScriptQuery(query: string): BootScriptQuery {
  if (query.length > queryCharactersMax) return refused('the query is too long')
  const fields = parseFields(query)
  if (typeof fields === 'string') return refused(fields)

  const macAddress = parseMacAddress(fields.get('mac') ?? '')
  if (macAddress === undefined) return refused('the query holds no MAC address')
  // Some iPXE builds report zeros for a card they have not opened (I02).
  if (!isMeaningfulMacAddress(macAddress)) return refused(`${macAddress} names no machine`)
  const platform = parsePlatform(fields)
  if (platform === undefined) return refused('the query names no platform and architecture of iPXE')

  const guid = parseSmbiosGuid(fields.get('uuid') ?? '')
  const serial = (fields.get('serial') ?? '').trim()
  return {
    kind: 'client',
    client: {
      macAddress,
      ...(guid !== undefined && isMeaningfulSmbiosGuid(guid) ? { smbiosGuid: guid } : {}),
      ...(isSerialNumber(serial) ? { serialNumber: serial } : {}),
      platform,
      // It runs our script, so it needs no other loader, whoever built it (PX-15).
      stage: 'ours',
    },
  }
}

/**
 * A text is what is wrong. A key that comes twice would let two readers see two machines. The serial number comes last and
 * takes the rest: iPXE of 2019 sends an `&` of it bare, and what follows must not become keys of its own (I05).
 */
function parseFields(query: string): ReadonlyMap<string, string> | string {
  const fields = new Map<string, string>()
  const [head, serial] = cutAtSerial(query)
  const pairs = head.split('&').filter((text) => text !== '')
  for (const pair of serial === undefined ? pairs : [...pairs, serial]) {
    const cut = pair.indexOf('=')
    const key = decodePercent(cut < 0 ? pair : pair.slice(0, cut))
    const value = decodePercent(cut < 0 ? '' : pair.slice(cut + 1))
    if (key === undefined || value === undefined) return 'the query is not percent-encoded UTF-8'
    if (fields.has(key)) return 'the query names one key twice'
    fields.set(key, value)
  }
  return fields
}

function cutAtSerial(query: string): readonly [string, string?] {
  const start = `&${query}`.indexOf('&serial=')
  return start < 0 ? [query] : [query.slice(0, start), query.slice(start)]
}

function decodePercent(text: string): string | undefined {
  try {
    // `:uristring` writes a space as %20; a plus sign stands for itself.
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function parsePlatform(fields: ReadonlyMap<string, string>): Platform | undefined {
  const build = `${fields.get('platform') ?? ''} ${fields.get('buildarch') ?? ''}`
  const platform = platforms.get(build)
  if (platform?.firmware !== 'bios') return platform
  // A BIOS build may be i386 on any processor, so the processor's own word counts.
  if (build === 'pcbios x86_64' || fields.get('cpu') === 'x86_64')
    return { ...platform, architecture: 'x64', longMode: true }
  return fields.get('cpu') === 'i386' ? { ...platform, longMode: false } : platform
}

/** `${platform} ${buildarch}` of iPXE, with the number its firmware stands for in option 93. The script came over HTTP. */
const platforms: ReadonlyMap<string, Platform> = new Map([
  ['pcbios i386', { architecture: 'x86', firmware: 'bios', transport: 'http', code: 0 }],
  ['pcbios x86_64', { architecture: 'x86', firmware: 'bios', transport: 'http', code: 0 }],
  ['efi i386', { architecture: 'x86', firmware: 'uefi', transport: 'http', code: 6 }],
  ['efi x86_64', { architecture: 'x64', firmware: 'uefi', transport: 'http', code: 7 }],
  ['efi arm32', { architecture: 'arm32', firmware: 'uefi', transport: 'http', code: 10 }],
  ['efi arm64', { architecture: 'arm64', firmware: 'uefi', transport: 'http', code: 11 }],
])

function isSerialNumber(text: string): boolean {
  return text !== '' && text.length <= serialCharactersMax && !/\p{Cc}/u.test(text)
}

function refused(reason: string): BootScriptQuery {
  return { kind: 'refused', reason }
}
