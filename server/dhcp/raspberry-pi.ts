/**
 * The Raspberry Pi's boot ROM says it is an x86 BIOS machine (option 93 is 0), and its REQUEST has no option 60.
 * It is known by its hardware address or by option 97, which begins with `RPi4` or `RPi5` (D06, S02), so that it is never
 * sent the loader of a BIOS machine. It is not booted: the files that it fetches are in no boot image, and without the menu
 * that it looks for (S01) it goes on without us. Once it runs UEFI firmware it is like any machine.
 */

import { startsWithText } from '../wire/ascii.ts'
import { OptionCode } from '../wire/dhcp-option-code.ts'
import type { DhcpPacket } from '../wire/dhcp-packet.ts'
import type { MacAddress } from '../address/mac-address.ts'

/** What it should have said: "ARM Raspberry Pi boot" in the registry of option 93. */
export const raspberryPiCode = 41

/** Blocks of the vendor and of Raspberry Pi (Trading) in the IEEE registry. */
const vendorPrefixes: ReadonlySet<string> = new Set([
  '28:cd:c1',
  '2c:cf:67',
  '88:a2:9e',
  'b8:27:eb',
  'd8:3a:dd',
  'dc:a6:32',
  'e4:5f:01',
])

export function isRaspberryPiRom(packet: DhcpPacket, macAddress: MacAddress, codes: readonly number[]): boolean {
  if (namesRaspberryPi(packet)) return true
  return codes[0] === 0 && vendorPrefixes.has(macAddress.slice(0, 8))
}

/** Option 97 with a four-letter code in place of a GUID. */
export function namesRaspberryPi(packet: DhcpPacket): boolean {
  const identifier = packet.options.get(OptionCode.clientMachineIdentifier)
  if (identifier === undefined) return false
  return startsWithText(identifier, 'RPi') || startsWithText(identifier.subarray(1), 'RPi')
}
