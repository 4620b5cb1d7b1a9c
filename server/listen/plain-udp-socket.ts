/** A UDP socket through `node:dgram`, for systems without the calls of `libc.ts`. */

import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import { parseIpv4Address, unspecifiedAddress } from '../address/ipv4-address.ts'
import { messageOf, systemErrorCode } from '../caught-error.ts'
import { BindError } from './bind-error.ts'
import type { UdpDestination, UdpSocket, UdpSocketOptions } from './udp-socket.ts'

export async function openPlainSocket(options: UdpSocketOptions): Promise<UdpSocket> {
  const { address, port, broadcast = false, sharesPort = false, service = 'UDP' } = options
  const place = { service, address, port, sharesPort }
  if (options.interfaceName !== undefined) {
    throw new BindError(place, 'binding to one interface needs the system calls of Linux', undefined)
  }
  const socket = createSocket({ type: 'udp4', reuseAddr: sharesPort })
  const bound = once(socket, 'listening')
  socket.bind({ address, port, exclusive: true })
  try {
    await bound
  } catch (error) {
    socket.close()
    throw new BindError(place, systemErrorCode(error) ?? messageOf(error), error)
  }
  socket.setBroadcast(broadcast)
  return new PlainUdpSocket(socket, options)
}

class PlainUdpSocket implements UdpSocket {
  readonly localPort: number
  readonly counters = { received: 0, receivedTooLong: 0, sent: 0, sendFailed: 0 }
  readonly #socket: Socket
  #open = true

  constructor(socket: Socket, { address, onDatagram }: UdpSocketOptions) {
    this.#socket = socket
    this.localPort = socket.address().port
    // Bound to one address, that is where every datagram was sent to.
    const local = address === unspecifiedAddress ? {} : { localAddress: address }
    socket.on('message', (bytes, source) => {
      this.counters.received++
      const sourceAddress = parseIpv4Address(source.address)
      if (sourceAddress !== undefined) onDatagram({ bytes, sourceAddress, sourcePort: source.port, ...local })
    })
    // After binding, the only errors are those of single datagrams.
    socket.on('error', () => this.counters.sendFailed++)
  }

  send(bytes: Uint8Array, to: UdpDestination): void {
    if (!this.#open) return
    const step = to.segmentBytes ?? bytes.length
    for (let at = 0; at < Math.max(1, bytes.length); at += Math.max(1, step)) {
      // Node sends later, the caller's octets may have changed by then.
      this.#socket.send(bytes.slice(at, at + step), to.port, to.address, (error) => {
        if (error === null) this.counters.sent++
        else this.counters.sendFailed++
      })
    }
  }

  async close(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    const closed = once(this.#socket, 'close')
    this.#socket.close()
    await closed
  }
}
