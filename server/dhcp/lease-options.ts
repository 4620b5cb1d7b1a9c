/** The options that describe a network and a lease (RFC 2132 sections 3 and 9), for an OFFER, ACK or INFORM's ACK. */

import { broadcastOf, subnetMask, subnetOf } from '../address/ipv4-address.ts'
import { OptionCode } from '../wire/dhcp-option-code.ts'
import { addressListOctets, addressOctets, numberOctets } from '../wire/encoded-once.ts'
import type { DhcpOption } from '../wire/dhcp-options.ts'
import type { DhcpPacket } from '../wire/dhcp-packet.ts'
import type { LeaseTerms, NetworkTerms } from './dhcp-answer.ts'

/** Renewal after a half and rebinding after seven eighths of the time (RFC 2131 section 4.4.5). */
export function leaseOptions(lease: LeaseTerms, request: DhcpPacket): readonly DhcpOption[] {
  const options: DhcpOption[] = [
    [OptionCode.leaseTime, numberOctets(lease.leaseSeconds)],
    [OptionCode.renewalTime, numberOctets(Math.floor(lease.leaseSeconds / 2))],
    [OptionCode.rebindingTime, numberOctets(Math.floor((lease.leaseSeconds * 7) / 8))],
    ...networkOptions(lease),
  ]
  if (asks(request, OptionCode.broadcastAddress)) {
    const broadcast = broadcastOf(subnetOf(lease.address, lease.prefixLength))
    options.push([OptionCode.broadcastAddress, addressOctets(broadcast)])
  }
  return options
}

export function networkOptions(network: NetworkTerms): readonly DhcpOption[] {
  const options: DhcpOption[] = [[OptionCode.subnetMask, addressOctets(subnetMask(network.prefixLength))]]
  if (network.routers.length > 0) options.push([OptionCode.router, addressListOctets(network.routers)])
  if (network.dnsServers.length > 0) options.push([OptionCode.domainNameServer, addressListOctets(network.dnsServers)])
  return options
}

function asks(request: DhcpPacket, code: number): boolean {
  return request.options.get(OptionCode.parameterRequestList)?.includes(code) ?? false
}
