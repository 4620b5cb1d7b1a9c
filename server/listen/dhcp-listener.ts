/** Ports 67 and 4011: hands each datagram to the responder, and says which of the two could not be had. */

import { unspecifiedAddress } from '../address/ipv4-address.ts'
import type { ServerPort } from '../dhcp/dhcp-client.ts'
import { BindError } from './bind-error.ts'
import { whyNoSystemCalls } from './libc.ts'
import { findInterfaces } from './network-interfaces.ts'
import type { PxeResponder } from './pxe-responder.ts'
import { isPortTaken } from './taken-port.ts'
import { openUdpSocket, type UdpDestination, type UdpSocket } from './udp-socket.ts'

export interface DhcpListenerOptions {
  readonly service: string
  /** What the port means; its number may differ in tests. */
  readonly role: ServerPort
  readonly port: number
  /** Answers only datagrams that came in by one of these; empty: by any. */
  readonly interfaces: readonly string[]
  /**
   * Beside a DHCP server on this same machine: broadcasts reach both. Absent: an answer to one host may come from the wrong
   * one of the two, so the port is had alone or not at all.
   */
  readonly beside?: DhcpServerBeside
  readonly responder: PxeResponder
  readonly count: (label: string) => void
  readonly signal: AbortSignal
}

export interface DhcpServerBeside {
  /** Whoever has this one, too, answers PXE machines itself. 0: there is none that would tell. */
  readonly bootServerPort: number
  /** The port is shared. */
  onShared(): void
}

/** Answers that are being made at one time; beyond it datagrams are dropped and counted, and firmware repeats itself. */
const answersInFlightMax = 2_048

export async function listenForDhcp(options: DhcpListenerOptions): Promise<UdpSocket> {
  const isShared = await checkPort(options)
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
    ...soleInterface(options.interfaces),
    // One who begins later may be another interface's server, or the DHCP server that we are beside.
    sharesPort: options.beside !== undefined || options.interfaces.length > 0,
    signal: options.signal,
    onDatagram: (datagram) => {
      const { interfaceName } = datagram
      if (interfaceName !== undefined && options.interfaces.length > 0 && !options.interfaces.includes(interfaceName)) {
        return options.count('other-interface')
      }
      if (inFlight >= answersInFlightMax) return options.count('overload')
      const answering = options.responder.answer(datagram, options.role, send)
      if (answering === undefined) return
      inFlight += 1
      void answering.then(answered)
    },
  })
  if (isShared) options.beside?.onShared()
  return socket
}

/**
 * The kernel gives a socket of one interface what comes in there, and nothing else: several servers on one machine, each for an
 * interface of its own, then do not take datagrams from one another. An interface that is not there yet is no reason not to start.
 */
function soleInterface(interfaces: readonly string[]): { readonly interfaceName?: string } {
  const [interfaceName, ...others] = interfaces
  if (interfaceName === undefined || others.length > 0 || whyNoSystemCalls() !== undefined) return {}
  return findInterfaces([interfaceName]).missing.length === 0 ? { interfaceName } : {}
}

/** True: another program has the port, and that may be. */
async function checkPort({ service, port, interfaces, beside }: DhcpListenerOptions): Promise<boolean> {
  if (port === 0 || !(await isPortTaken({ port, interfaces }))) return false
  const place = { service, address: unspecifiedAddress, port }
  if (beside === undefined) throw new BindError(place, 'EADDRINUSE', undefined)
  const andPort = beside.bootServerPort
  if (andPort !== 0 && (await isPortTaken({ port: andPort, interfaces }))) {
    throw new BindError({ ...place, andPort }, 'EADDRINUSE', undefined)
  }
  return true
}
