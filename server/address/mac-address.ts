/**
 * Ethernet hardware addresses (EUI-48). Any common spelling is read, one is printed:
 * lower case, colons. Other hardware types are not names of machines here.
 */

export type MacAddress = string & { readonly __brand: 'MacAddress' }

const spellings =
  /^(?:[0-9a-f]{2}([:-]))(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}$|^[0-9a-f]{12}$|^(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}$/i

/** Reads `52:54:00:12:34:56`, `52-54-00-12-34-56`, `525400123456` and `5254.0012.3456`. */
export function parseMacAddress(text: string): MacAddress | undefined {
  const trimmed = text.trim()
  if (!spellings.test(trimmed)) return undefined
  const digits = trimmed.replaceAll(/[^0-9a-f]/gi, '').toLowerCase()
  return (digits.match(/../g) ?? []).join(':') as MacAddress
}

/** The six octets of `chaddr` as an address; anything but six octets is not one. */
export function decodeMacAddress(octets: Uint8Array): MacAddress | undefined {
  if (octets.length !== 6) return undefined
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = octets
  // All at once: a text of joined pieces is put together anew by its first look-up, and every datagram has one.
  // biome-ignore format: an octet a line
  return String.fromCharCode(
    high(a), low(a), colon,
    high(b), low(b), colon,
    high(c), low(c), colon,
    high(d), low(d), colon,
    high(e), low(e), colon,
    high(f), low(f),
  ) as MacAddress
}

const colon = 58
const digits = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))

function high(octet: number): number {
  return digits[octet >> 4] ?? 0
}

function low(octet: number): number {
  return digits[octet & 15] ?? 0
}

export function encodeMacAddress(address: MacAddress): Uint8Array {
  return Uint8Array.from(address.split(':'), (digits) => Number.parseInt(digits, 16))
}

/** All zeros and all ones come from broken firmware and name no machine (peers.md I02); nor does an address of a group. */
export function isMeaningfulMacAddress(address: MacAddress): boolean {
  return address !== '00:00:00:00:00:00' && !isGroupAddress(address)
}

/** The lowest bit of the first octet (IEEE 802): all ones is such an address too. */
function isGroupAddress(address: MacAddress): boolean {
  return '13579bdf'.includes(address.charAt(1))
}
