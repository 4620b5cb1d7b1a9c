/** A socket for many datagrams through `node:dgram`, for systems without the calls of `libc.ts`: one call for each datagram. */

import { ipv4FromNumber, ipv4ToNumber } from '../address/ipv4-address.ts'
import type { Ipv4Address } from '../address/ipv4-address.ts'
import { DatagramArrival } from './datagram-port.ts'
import type { DatagramPort, OutgoingDatagram } from './datagram-port.ts'
import { openPlainSocket } from './plain-udp-socket.ts'
import type { UdpDatagram, UdpSocket } from './udp-socket.ts'

export interface PlainPortOptions {
  readonly service: string
  readonly address: Ipv4Address
  readonly port: number
  readonly onDatagram: (datagram: DatagramArrival, port: DatagramPort) => void
  readonly signal: AbortSignal
}

const arrival = new DatagramArrival()

export async function openPlainPort(options: PlainPortOptions): Promise<PlainDatagramPort> {
  // What comes before the next turn of the loop is still in the kernel then.
  let port: PlainDatagramPort | undefined
  const onDatagram = (datagram: UdpDatagram): void => {
    if (port !== undefined) options.onDatagram(told(datagram), port)
  }
  port = new PlainDatagramPort(await openPlainSocket({ ...options, onDatagram }))
  return port
}

export class PlainDatagramPort implements DatagramPort {
  octets = new Uint8Array(0)
  readonly #socket: UdpSocket

  constructor(socket: UdpSocket) {
    this.#socket = socket
  }

  get localPort(): number {
    return this.#socket.localPort
  }

  get counters() {
    return this.#socket.counters
  }

  room(bytes: number): number {
    if (this.octets.length < bytes) this.octets = new Uint8Array(bytes)
    return 0
  }

  commit(bytes: number, { address, port, segmentBytes }: OutgoingDatagram): void {
    const to = { address: ipv4FromNumber(address), port }
    this.#socket.send(this.octets.subarray(0, bytes), segmentBytes === 0 ? to : { ...to, segmentBytes })
  }

  flush(): void {
    // Node has been given each datagram.
  }

  close(): Promise<void> {
    return this.#socket.close()
  }
}

/** Bound to one address, that is where every datagram was sent to. */
function told({ bytes, sourceAddress, sourcePort, localAddress }: UdpDatagram): DatagramArrival {
  arrival.octets = bytes
  arrival.start = 0
  arrival.length = bytes.length
  arrival.sourceAddress = ipv4ToNumber(sourceAddress)
  arrival.sourcePort = sourcePort
  arrival.destinationAddress = localAddress === undefined ? 0 : ipv4ToNumber(localAddress)
  return arrival
}
