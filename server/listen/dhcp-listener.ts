/** Ports 67 and 4011: hands each datagram to the responder, and says which of the two could not be had. */

import { unspecifiedAddress } from '../address/ipv4-address.ts'
import type { ServerPort } from '../dhcp/dhcp-client.ts'
import type { PxeResponder } from './pxe-responder.ts'
import { openUdpSocket, type UdpDestination, type UdpSocket } from './udp-socket.ts'

export interface DhcpListenerOptions {
  readonly service: string
  /** What the port means; its number may differ in tests. */
  readonly role: ServerPort
  readonly port: number
  /** Answers only datagrams that came in by one of these; empty: by any. */
  readonly interfaces: readonly string[]
  readonly responder: PxeResponder
  readonly count: (label: string) => void
  readonly signal: AbortSignal
}

/** Answers that are being made at one time; beyond it datagrams are dropped and counted, and firmware repeats itself. */
const answersInFlightMax = 2_048

export async function listenForDhcp(options: DhcpListenerOptions): Promise<UdpSocket> {
  let inFlight = 0
  const send = (bytes: Uint8Array, to: UdpDestination): void => socket.send(bytes, to)
  const answered = (): void => {
    inFlight -= 1
  }
  const socket: UdpSocket = await openUdpSocket({
    service: options.service,
    address: unspecifiedAddress,
    port: options.port,
    broadcast: true,
    signal: options.signal,
    onDatagram: (datagram) => {
      const { interfaceName } = datagram
      if (interfaceName !== undefined && options.interfaces.length > 0 && !options.interfaces.includes(interfaceName)) {
        return options.count('other-interface')
      }
      if (inFlight >= answersInFlightMax) return options.count('overload')
      inFlight += 1
      void options.responder.answer(datagram, options.role, send).then(answered)
    },
  })
  return socket
}
