/** Which relays may speak for machines (RFC 1542 section 4, security C04): anybody can write an address into `giaddr`. */

import { isInSubnet, unspecifiedAddress, type Ipv4Address, type Ipv4Subnet } from '../address/ipv4-address.ts'

/** Without a list every relay is answered; a message that came without one always is. */
export function mayRelay(giaddr: Ipv4Address, relays: readonly Ipv4Subnet[]): boolean {
  return giaddr === unspecifiedAddress || relays.length === 0 || relays.some((subnet) => isInSubnet(giaddr, subnet))
}
