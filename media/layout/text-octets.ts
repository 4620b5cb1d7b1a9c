/** Text as octets, in the three ways of the formats of media. (`TextEncoder` does not exist in pure folders.) */

import { assert } from '../../server/assert.ts'

/** Identifiers of volumes and the like, filled up to `length` with `filler`. */
export function encodeAscii(text: string, length = text.length, filler = 0x20): Uint8Array {
  assert(text.length <= length, `“${text}” is longer than its field of ${length} octets`)
  const octets = new Uint8Array(length).fill(filler)
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    assert(code < 0x80, `“${text}” is not ASCII`)
    octets[index] = code
  }
  return octets
}

/** RFC 3629, of well-formed text. */
export function encodeUtf8(text: string): Uint8Array {
  if (/^[ -~]*$/.test(text)) return encodeAscii(text)
  const octets: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    if (code < 0x80) octets.push(code)
    else if (code < 0x800) octets.push(0xc0 | (code >> 6), continuation(code))
    else if (code < 0x1_0000) octets.push(0xe0 | (code >> 12), continuation(code >> 6), continuation(code))
    else octets.push(0xf0 | (code >> 18), continuation(code >> 12), continuation(code >> 6), continuation(code))
  }
  return Uint8Array.from(octets)
}

/** Big-endian, two octets for each unit: what Joliet and sorting in it want. */
export function encodeUtf16BigEndian(text: string): Uint8Array {
  const octets = new Uint8Array(text.length * 2)
  const view = new DataView(octets.buffer)
  for (let index = 0; index < text.length; index++) view.setUint16(index * 2, text.charCodeAt(index))
  return octets
}

function continuation(code: number): number {
  return 0x80 | (code & 0x3f)
}
