/** What the administrator says about addresses in `full` mode. Parsed and checked by the settings; plain data here. */

import type { Ipv4Address, Ipv4Subnet } from '../address/ipv4-address.ts'
import { parseMacAddress } from '../address/mac-address.ts'
import type { LeaseTerms, NetworkTerms } from './dhcp-answer.ts'
import type { Reservation } from './lease.ts'

/** One range of addresses on one subnet. Several pools may share a subnet. */
export interface AddressPool extends Omit<NetworkTerms, 'prefixLength'> {
  /** For messages. */
  readonly name: string
  readonly subnet: Ipv4Subnet
  readonly first: Ipv4Address
  readonly last: Ipv4Address
  readonly leaseSeconds: number
  /** Ask the network whether a new address is in use before it is offered (D4-11). */
  readonly probe: boolean
}

export interface PoolSettings {
  readonly pools: readonly AddressPool[]
  readonly reservations: readonly Reservation[]
}

export function termsOf(pool: AddressPool, address: Ipv4Address): LeaseTerms {
  return { ...networkTermsOf(pool), address, leaseSeconds: pool.leaseSeconds }
}

export function networkTermsOf(pool: AddressPool): NetworkTerms {
  return {
    prefixLength: pool.subnet.prefixLength,
    routers: pool.routers,
    dnsServers: pool.dnsServers,
  }
}

/** One spelling for what a reservation names: a MAC address as we print it, else lower-case hexadecimal. */
export function reservationKey(reservation: Reservation): string {
  return parseMacAddress(reservation.clientKey) ?? reservation.clientKey.toLowerCase()
}
