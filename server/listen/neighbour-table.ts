/**
 * The kernel's own list of who is at which address (`/proc/net/arp`). Beside another DHCP server we never learn a
 * machine's address from DHCP; the neighbour table knows it as soon as the machine talks to us. Used only to
 * show a download in the right lane, never to decide what anybody may do.
 */

import { readFileSync } from 'node:fs'
import type { Ipv4Address } from '../address/ipv4-address.ts'
import { isMeaningfulMacAddress, parseMacAddress } from '../address/mac-address.ts'
import type { MacAddress } from '../address/mac-address.ts'

export function findNeighbour(address: Ipv4Address, readTable = readKernelTable): MacAddress | undefined {
  for (const line of readTable().split('\n')) {
    const [neighbour, , , hardwareAddress = ''] = line.split(/\s+/)
    if (neighbour !== address) continue
    const found = parseMacAddress(hardwareAddress)
    return found !== undefined && isMeaningfulMacAddress(found) ? found : undefined
  }
  return undefined
}

function readKernelTable(): string {
  try {
    return readFileSync('/proc/net/arp', 'utf8')
  } catch {
    // Not Linux, or no such table: a lane less to show is all there is to it.
    return ''
  }
}
