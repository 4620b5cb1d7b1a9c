/**
 * To whom a reply goes (RFC 2131 section 4.1, RFC 1542 section 5.4, PXE 2.1 for port 4011). Which interface it leaves
 * by, and how a datagram is sent at all, is the listener's part.
 */

import { broadcastAddress, unspecifiedAddress, type Ipv4Address } from '../address/ipv4-address.ts'
import { messageTypeOf } from '../wire/dhcp-option-values.ts'
import { broadcastFlag, type DhcpPacket } from '../wire/dhcp-packet.ts'
import type { ServerPort } from './dhcp-client.ts'

export interface Arrival {
  readonly port: ServerPort
  readonly sourceAddress: Ipv4Address
  readonly sourcePort: number
  /**
   * The listener can send to an address that its owner does not answer ARP for yet (a raw socket, or an entry in the
   * neighbour table). Without that, such a reply is broadcast, which RFC 2131 allows.
   */
  readonly canReachUnconfigured?: boolean
}

export interface Destination {
  readonly address: Ipv4Address
  readonly port: number
  readonly broadcast: boolean
}

const serverPort = 67
const clientPort = 68

export function destinationOf(request: DhcpPacket, reply: DhcpPacket, arrivedOn: Arrival): Destination {
  if (arrivedOn.port === 4011) return toSource(request, arrivedOn)
  if (request.giaddr !== unspecifiedAddress) return unicast(request.giaddr, serverPort)
  if (messageTypeOf(reply) === 'DHCPNAK') return everyone(clientPort)
  if (request.ciaddr !== unspecifiedAddress) return unicast(request.ciaddr, clientPort)
  const mustBroadcast = (reply.flags & broadcastFlag) !== 0 || reply.yiaddr === unspecifiedAddress
  if (mustBroadcast || arrivedOn.canReachUnconfigured !== true) return everyone(clientPort)
  return unicast(reply.yiaddr, clientPort)
}

/** EDK2 and iPXE listen where they sent from, port 4011 or 68 (B01). A source of 0.0.0.0 cannot be answered by unicast. */
function toSource(request: DhcpPacket, arrivedOn: Arrival): Destination {
  const address = arrivedOn.sourceAddress === unspecifiedAddress ? request.ciaddr : arrivedOn.sourceAddress
  return address === unspecifiedAddress ? everyone(arrivedOn.sourcePort) : unicast(address, arrivedOn.sourcePort)
}

function unicast(address: Ipv4Address, port: number): Destination {
  return { address, port, broadcast: false }
}

function everyone(port: number): Destination {
  return { address: broadcastAddress, port, broadcast: true }
}
