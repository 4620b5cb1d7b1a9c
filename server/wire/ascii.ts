/**
 * Octets as text, one character per octet (ISO 8859-1), so that nothing is lost on the way in or out. What machines
 * send is data: before it goes to a log or a page it passes `printOctets`, which leaves no control character,
 * quote or line break alive.
 */

import { printHex } from '../address/hexadecimal.ts'
import { assert } from '../assert.ts'

export function decodeText(octets: Uint8Array): string {
  let text = ''
  for (const octet of octets) text += String.fromCharCode(octet)
  return text
}

export function encodeText(text: string): Uint8Array {
  const octets = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    assert(code < 256, 'every character has an octet')
    octets[at] = code
  }
  return octets
}

/** Text ends at its first NUL: some firmware sends the terminator, some fills the rest with noise (R04). */
export function decodeTerminatedText(octets: Uint8Array): string {
  const end = octets.indexOf(0)
  if (end === 0) return ''
  return decodeText(end === -1 ? octets : octets.subarray(0, end))
}

/** In double quotes; everything but printable ASCII, the quote and the backslash becomes `\xNN`. */
export function printOctets(octets: Uint8Array): string {
  let text = ''
  for (const octet of octets) text += isPlain(octet) ? String.fromCharCode(octet) : `\\x${printHex([octet])}`
  return `"${text}"`
}

export function startsWithText(octets: Uint8Array, text: string): boolean {
  for (let at = 0; at < text.length; at++) if (octets[at] !== text.charCodeAt(at)) return false
  return true
}

/** Letters, digits and the signs that need no care in a log line, in HTML or in a shell's double quotes. */
function isPlain(octet: number): boolean {
  return octet >= 0x20 && octet <= 0x7e && !specials.has(octet)
}

const specials: ReadonlySet<number> = new Set(Array.from('"\\<>&`$', (character) => character.charCodeAt(0)))
