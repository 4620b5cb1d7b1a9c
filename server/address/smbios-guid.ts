/**
 * SMBIOS system UUIDs. SMBIOS 2.6 and later store the first three fields little-endian, option 97
 * of DHCP carries those stored octets (RFC 4578 section 2.3), and some machines swap them; both
 * spellings must find one device (peers.md D10).
 */

import { printHex } from './hexadecimal.ts'

export type SmbiosGuid = string & { readonly __brand: 'SmbiosGuid' }

/** Reads the usual text with or without braces; prints upper case, as the site does. */
export function parseSmbiosGuid(text: string): SmbiosGuid | undefined {
  const bare = text.trim().replace(/^\{(.*)\}$/, '$1')
  if (!/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(bare)) return undefined
  return bare.toUpperCase() as SmbiosGuid
}

/** The 16 stored octets, as they stand in SMBIOS and after the type octet of option 97. */
export function decodeSmbiosGuid(octets: Uint8Array): SmbiosGuid | undefined {
  if (octets.length !== 16) return undefined
  const hex = printHex(octets)
  return swapSmbiosGuid(withDashes(hex))
}

/** The same identifier with the byte order of the first three fields turned round. */
export function swapSmbiosGuid(guid: SmbiosGuid): SmbiosGuid {
  const [a = '', b = '', c = '', d = '', e = ''] = guid.split('-')
  return [reverseOctets(a), reverseOctets(b), reverseOctets(c), d, e].join('-') as SmbiosGuid
}

/** Some machines swap the first three fields between firmware and loader (peers.md D10). */
export function isSameGuid(a: SmbiosGuid, b: SmbiosGuid): boolean {
  return a === b || a === swapSmbiosGuid(b)
}

/** Values that many machines share are no identity (PX-10): one repeated octet, and known dummies. */
export function isMeaningfulSmbiosGuid(guid: SmbiosGuid): boolean {
  const hex = guid.replaceAll('-', '')
  return !/^(..)\1{15}$/.test(hex) && !dummies.has(guid) && !dummies.has(swapSmbiosGuid(guid))
}

/** Vendor defaults that are printed on many boards alike. */
const dummies: ReadonlySet<string> = new Set([
  '03000200-0400-0500-0006-000700080009',
  '12345678-1234-5678-90AB-CDDEEFAABBCC',
  'FEFEFEFE-FEFE-FEFE-FEFE-FEFEFEFEFEFE',
])

function withDashes(hex: string): SmbiosGuid {
  const upper = hex.toUpperCase()
  const cuts = [0, 8, 12, 16, 20, 32]
  return cuts
    .slice(1)
    .map((end, index) => upper.slice(cuts[index], end))
    .join('-') as SmbiosGuid
}

function reverseOctets(hex: string): string {
  return (hex.match(/../g) ?? []).reverse().join('')
}
