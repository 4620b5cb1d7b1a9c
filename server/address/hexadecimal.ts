/** Octets in hexadecimal, two lower-case digits each. */

const hexadecimal: readonly string[] = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'))

export function printHex(octets: Iterable<number>, separator = ''): string {
  return Array.from(octets, (octet) => hexadecimal[octet]).join(separator)
}
