/** Which machines are servers, for whoever is about to replace what is on them (S5-040, S5-041). */

import type { MacAddress } from '../address/mac-address.ts'
import type { Device } from './device.ts'

/** Main server, rack mount, multi-system, blade, blade enclosure (SMBIOS 3.7, section 7.4.1). */
const serverChassis: ReadonlySet<number> = new Set([0x11, 0x17, 0x19, 0x1c, 0x1d])

/** By its chassis, or by the system its client told; of one that was never heard nobody knows. */
export function isServerMachine({ inventory }: Device): boolean {
  if (inventory?.chassisType !== undefined && serverChassis.has(inventory.chassisType)) return true
  return /\bserver\b/i.test(inventory?.operatingSystem?.name ?? '')
}

/** The machine that this server runs on. */
export function hasAnyCard({ macAddresses }: Device, cards: ReadonlySet<MacAddress>): boolean {
  return macAddresses.some((address) => cards.has(address))
}
