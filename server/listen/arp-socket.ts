/**
 * A packet socket for ARP on one interface (packet(7)): Node has no sockets below IP. The kernel writes and takes off the
 * Ethernet header. It needs root or CAP_NET_RAW; where it cannot be had, `openArpSocket` says undefined and
 * address-probe.ts asks less exactly.
 */

import { arpEtherType } from '../wire/arp-packet.ts'
import { Arena, interfaceIndexOf, libc, linux, whyNoSystemCalls } from './libc.ts'

export interface ArpSocket {
  /** To everybody on the link. */
  broadcast(packet: Uint8Array): void
  /** What has come in since, without waiting; undefined when there is nothing. */
  receive(): Uint8Array | undefined
  close(): void
}

const packetFamily = 17
const frameBytes = 1514
const addressBytes = 20

export function openArpSocket(interfaceName: string): ArpSocket | undefined {
  if (whyNoSystemCalls() !== undefined) return undefined
  const call = libc()
  const index = interfaceIndexOf(interfaceName)
  // Protocol 0: nothing comes in before the socket is bound to its interface.
  const descriptor = index === 0 ? -1 : call.socket(packetFamily, linux.datagram, 0)
  if (descriptor < 0) return undefined
  const everybody = linkAddress(index)
  if (call.bind(descriptor, everybody.address, addressBytes) < 0) {
    call.close(descriptor)
    return undefined
  }
  const outgoing = new Arena(frameBytes)
  const incoming = new Arena(frameBytes)
  return {
    broadcast(packet) {
      outgoing.octets.set(packet)
      call.sendto(descriptor, outgoing.address, packet.length, 0, everybody.address, addressBytes)
    },
    receive() {
      const length = call.recv(descriptor, incoming.address, frameBytes, 0)
      return length > 0 ? incoming.octets.slice(0, length) : undefined
    },
    close: () => void call.close(descriptor),
  }
}

/** struct sockaddr_ll: family 0, protocol 2 (network order), ifindex 4, hatype 8, pkttype 10, halen 11, addr 12. */
function linkAddress(interfaceIndex: number): Arena {
  const place = new Arena(addressBytes)
  const { octets, view } = place
  view.setUint16(0, packetFamily, true)
  view.setUint16(2, arpEtherType)
  view.setInt32(4, interfaceIndex, true)
  octets[11] = 6
  octets.fill(0xff, 12, 18)
  return place
}
