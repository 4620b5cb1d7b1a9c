/**
 * The Raspberry Pi's boot ROM says it is an x86 BIOS machine (option 93 is 0), and its REQUEST has no option 60.
 * It is known by its hardware address or by option 97, which begins with `RPi4` or `RPi5` (D06, S02), and it goes on
 * only with an answer whose menu says "Raspberry Pi Boot" (S01). Once it runs UEFI firmware it is like any machine.
 */

import { startsWithText } from '../wire/ascii.ts'
import { OptionCode } from '../wire/dhcp-option-code.ts'
import type { DhcpPacket } from '../wire/dhcp-packet.ts'
import {
  discoveryControl,
  encodeBootMenu,
  encodeMenuPrompt,
  promptSeconds,
  PxeSuboption,
} from '../wire/pxe-vendor-options.ts'
import type { Suboptions } from '../wire/suboptions.ts'
import type { MacAddress } from '../address/mac-address.ts'

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

/** The ROM looks for this text, filled up to 20 characters in its oldest version. */
export function raspberryPiMenu(): Suboptions {
  return new Map([
    [PxeSuboption.discoveryControl, Uint8Array.of(discoveryControl.useBootFile)],
    [PxeSuboption.bootMenu, encodeBootMenu([{ type: 0, description: 'Raspberry Pi Boot   ' }])],
    [PxeSuboption.menuPrompt, encodeMenuPrompt(promptSeconds.none, 'PXE')],
  ])
}
