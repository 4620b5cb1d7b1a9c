/**
 * Ethernet hardware addresses (EUI-48). Any common spelling is read, one is printed:
 * lower case, colons. Other hardware types are not names of machines here.
 */

import { hexadecimal } from './hexadecimal.ts'

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
  const [first = 0, second = 0, third = 0, fourth = 0, fifth = 0, sixth = 0] = octets
  const digits = hexadecimal
  return `${digits[first]}:${digits[second]}:${digits[third]}:${digits[fourth]}:${digits[fifth]}:${digits[sixth]}` as MacAddress
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
