/**
 * A UDP socket for blocks that do not fit the server's own receiving memory, whose datagrams are those of Ethernet: one call a
 * datagram, for the load only. Linux of x86-64 and arm64.
 */

import koffi from 'koffi'
import type { DatagramDescriptor } from '../../server/listen/datagram-descriptor.ts'
import { DatagramArrival } from '../../server/listen/datagram-port.ts'

/** What the load uses of the server's sockets. */
export type ClientSocket = Pick<DatagramDescriptor, 'descriptor' | 'receive' | 'queue' | 'flush' | 'close'>

const libc = koffi.load(null)
const socket = libc.func('int socket(int, int, int)')
const bind = libc.func('int bind(int, void *, uint32_t)')
const sendto = libc.func('intptr_t sendto(int, void *, uintptr_t, int, void *, uint32_t)')
const receiveFrom = libc.func('intptr_t recvfrom(int, void *, uintptr_t, int, void *, void *)')
const close = libc.func('int close(int)')

const inet = 2
const datagram = 0o2004002 // SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC
const addressBytes = 16
const receivesAtOnce = 64
const buffer = Buffer.alloc(65_536)

export class LargeDatagramSocket implements ClientSocket {
  readonly descriptor: number

  constructor(address: number) {
    this.descriptor = socket(inet, datagram, 0) as number
    if (bind(this.descriptor, placeOf(address, 0), addressBytes) !== 0) throw new Error(`bind: ${koffi.errno()}`)
  }

  receive: ClientSocket['receive'] = (onDatagram) => {
    const from = Buffer.alloc(addressBytes)
    const length = Buffer.alloc(4)
    for (let count = 0; count < receivesAtOnce; count++) {
      length.writeUInt32LE(addressBytes)
      const bytes = Number(receiveFrom(this.descriptor, buffer, buffer.length, 0, from, length))
      if (bytes < 0) return count
      const arrival = new DatagramArrival()
      arrival.octets = buffer
      arrival.length = bytes
      arrival.sourceAddress = from.readUInt32BE(4)
      arrival.sourcePort = from.readUInt16BE(2)
      onDatagram(arrival)
    }
    return receivesAtOnce
  }

  queue: ClientSocket['queue'] = (bytes, { address, port }) => {
    sendto(this.descriptor, bytes, bytes.length, 0, placeOf(address, port), addressBytes)
  }

  flush(): void {}

  close(): void {
    close(this.descriptor)
  }
}

function placeOf(address: number, port: number): Buffer {
  const place = Buffer.alloc(addressBytes)
  place.writeUInt16LE(inet, 0)
  place.writeUInt16BE(port, 2)
  place.writeUInt32BE(address, 4)
  return place
}
