/**
 * UDP sockets as the listeners see them: each datagram comes with the interface and the address it was sent to, and
 * an answer can leave from that address (peers.md T26, D4-29). Two ways in: the system calls of
 * `libc.ts`, and `node:dgram` where those do not work, which is slower and knows neither interface nor destination. IPv4 only (TF-43 is open).
 */

import type { Ipv4Address } from '../address/ipv4-address.ts'
import { openDirectSocket } from './direct-udp-socket.ts'
import { whyNoSystemCalls } from './libc.ts'
import { openPlainSocket } from './plain-udp-socket.ts'

export interface UdpDatagram {
  /** The receiver may keep them. */
  readonly bytes: Uint8Array
  readonly sourceAddress: Ipv4Address
  readonly sourcePort: number
  /** The address it was sent to; a broadcast address for a broadcast. */
  readonly localAddress?: Ipv4Address
  /** Our own address on the interface it came in by: what an answer to a broadcast is sent from. */
  readonly interfaceAddress?: Ipv4Address
  readonly interfaceName?: string
}

export interface UdpDestination {
  readonly address: Ipv4Address
  readonly port: number
  readonly fromAddress?: Ipv4Address
  readonly interfaceName?: string
  /** The octets are several datagrams of this size, the last may be shorter: one call sends a whole window. */
  readonly segmentBytes?: number
}

export interface UdpCounters {
  readonly received: number
  readonly receivedTooLong: number
  readonly sent: number
  readonly sendFailed: number
}

export interface UdpSocket {
  readonly localPort: number
  readonly counters: UdpCounters
  /** What is lost on the way out is counted, not reported: the protocols above repeat themselves. */
  send(bytes: Uint8Array, to: UdpDestination): void
  close(): Promise<void>
}

export interface UdpSocketOptions {
  /** Who wants the port, for the message when it cannot be had: `TFTP`, `DHCP`. */
  readonly service?: string
  readonly address: Ipv4Address
  /** 0: any free one. */
  readonly port: number
  readonly interfaceName?: string
  /** Sends and receives broadcasts. */
  readonly broadcast?: boolean
  /** With whoever allows it as well. Broadcasts reach all who share a port, anything else only one of them. */
  readonly sharesPort?: boolean
  /** `node`: never the system calls, as where they do not exist. */
  readonly through?: 'system-calls' | 'node'
  readonly onDatagram: (datagram: UdpDatagram) => void
  readonly signal: AbortSignal
}

/** Rejects with `BindError`. */
export async function openUdpSocket(options: UdpSocketOptions): Promise<UdpSocket> {
  options.signal.throwIfAborted()
  const direct = options.through !== 'node' && whyNoSystemCalls() === undefined
  const socket = direct ? openDirectSocket(options) : await openPlainSocket(options)
  options.signal.addEventListener('abort', () => void socket.close(), { once: true })
  return socket
}
