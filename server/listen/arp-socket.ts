/**
 * A packet socket for ARP on one interface (packet(7)), through koffi: Node has no sockets below IP. It needs root or
 * CAP_NET_RAW; where it cannot be had, `openArpSocket` says undefined and address-probe.ts asks less exactly.
 */

import koffi from 'koffi'
import { arpEtherType } from '../wire/arp-packet.ts'
import { interfaceIndexOf, whyNoSystemCalls } from './system-calls.ts'

export interface ArpSocket {
  /** To everybody on the link. */
  broadcast(packet: Uint8Array): void
  /** What has come in since, without waiting; undefined when there is nothing. */
  receive(): Uint8Array | undefined
  close(): void
}

const packetFamily = 17
/** SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC: the kernel writes and takes off the Ethernet header. */
const datagram = 0o2004002
const frameBytes = 1514
const addressBytes = 20

interface Calls {
  readonly socket: (family: number, type: number, protocol: number) => number
  readonly bind: (descriptor: number, address: Uint8Array, bytes: number) => number
  readonly sendto: (...operands: (number | Uint8Array)[]) => number
  readonly recv: (descriptor: number, into: Uint8Array, bytes: number, flags: number) => number
  readonly close: (descriptor: number) => number
}

let calls: Calls | undefined

function load(): Calls {
  if (calls !== undefined) return calls
  const libc = koffi.load(null)
  calls = {
    socket: libc.func('int socket(int, int, int)'),
    bind: libc.func('int bind(int, const void *, uint32_t)'),
    sendto: libc.func('int64_t sendto(int, const void *, uint64_t, int, const void *, uint32_t)'),
    recv: libc.func('int64_t recv(int, _Out_ void *, uint64_t, int)'),
    close: libc.func('int close(int)'),
  }
  return calls
}

export function openArpSocket(interfaceName: string): ArpSocket | undefined {
  if (whyNoSystemCalls() !== undefined) return undefined
  const { socket, bind, sendto, recv, close } = load()
  const index = interfaceIndexOf(interfaceName)
  // Protocol 0: nothing comes in before the socket is bound to its interface.
  const descriptor = index === 0 ? -1 : socket(packetFamily, datagram, 0)
  if (descriptor < 0) return undefined
  const everybody = linkAddress(index)
  if (bind(descriptor, everybody, addressBytes) < 0) {
    close(descriptor)
    return undefined
  }
  const into = new Uint8Array(frameBytes)
  return {
    broadcast: (packet) => void sendto(descriptor, packet, packet.length, 0, everybody, addressBytes),
    receive() {
      const length = recv(descriptor, into, into.length, 0)
      return length > 0 ? into.slice(0, length) : undefined
    },
    close: () => void close(descriptor),
  }
}

/** struct sockaddr_ll: family 0, protocol 2 (network order), ifindex 4, hatype 8, pkttype 10, halen 11, addr 12. */
function linkAddress(interfaceIndex: number): Uint8Array {
  const octets = new Uint8Array(addressBytes)
  const view = new DataView(octets.buffer)
  view.setUint16(0, packetFamily, true)
  view.setUint16(2, arpEtherType)
  view.setInt32(4, interfaceIndex, true)
  octets[11] = 6
  octets.fill(0xff, 12, 18)
  return octets
}
