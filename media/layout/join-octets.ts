/** Octets behind each other, copied into one piece. */

export function joinOctets(parts: readonly Uint8Array[]): Uint8Array {
  const octets = new Uint8Array(parts.reduce((total, part) => total + part.length, 0))
  let offset = 0
  for (const part of parts) {
    octets.set(part, offset)
    offset += part.length
  }
  return octets
}
