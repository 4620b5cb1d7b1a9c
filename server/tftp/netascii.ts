/**
 * The netascii mode of RFC 1350 (the "telnet" form of RFC 764): LF goes out as CR LF, a lone CR as CR NUL (TF-04).
 * Converts whole texts, because the length after conversion must be known before block 1 and for tsize.
 */

const carriageReturn = 13
const lineFeed = 10
const nul = 0

/** Texts only: old tools ask netascii for configuration files, never for images. */
export const netasciiBytesMax = 64 * 1024

export function toNetascii(octets: Uint8Array): Uint8Array {
  const converted = new Uint8Array(octets.length * 2)
  let length = 0
  for (const octet of octets) {
    if (octet === lineFeed) converted[length++] = carriageReturn
    converted[length++] = octet
    if (octet === carriageReturn) converted[length++] = nul
  }
  return converted.slice(0, length)
}
