/**
 * Machines that do not exist. Their addresses have the bit of locally administered ones (IEEE 802), which no maker gives to a
 * card, and one beginning, so that a site can be asked whether it knows any before the first packet leaves.
 */

import { type MacAddress, parseMacAddress } from '../../address/mac-address.ts'
import { assert } from '../../assert.ts'

export const madeUpPrefix = '02:52:4c'
const numbersMax = 2 ** 24

/** Option 93: UEFI, x64. */
export const architecture = 7

export function madeUpAddress(number: number): MacAddress {
  const digits = (number % numbersMax).toString(16).padStart(6, '0')
  const address = parseMacAddress(`${madeUpPrefix}:${digits.replace(/(..)(..)(..)/, '$1:$2:$3')}`)
  assert(address !== undefined, 'six octets are an address')
  return address
}

export function isMadeUp(address: string): boolean {
  return address.toLowerCase().startsWith(`${madeUpPrefix}:`)
}

/** What iPXE asks for on such a machine (boot/ipxe-discovery-script.ts). */
export function scriptQuery(address: MacAddress): string {
  return new URLSearchParams({ mac: address, platform: 'efi', buildarch: 'x86_64', cpu: 'x86_64' }).toString()
}
