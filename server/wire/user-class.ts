/**
 * Option 77: the list of length-prefixed names of RFC 3004, or, as iPXE sends it, one bare text (D13, D4-20).
 */

import { decodeText } from './ascii.ts'

/**
 * The names in the option. A value that is not exactly a list of at least one non-empty name is read as one text;
 * `iPXE` cannot be mistaken, because its first letter would announce 105 octets.
 */
export function decodeUserClasses(octets: Uint8Array): readonly string[] {
  return decodeList(octets) ?? [decodeText(octets)]
}

function decodeList(octets: Uint8Array): readonly string[] | undefined {
  const names: string[] = []
  let offset = 0
  while (offset < octets.length) {
    const length = octets[offset] ?? 0
    const end = offset + 1 + length
    if (length === 0 || end > octets.length) return undefined
    names.push(decodeText(octets.subarray(offset + 1, end)))
    offset = end
  }
  return names.length === 0 ? undefined : names
}
