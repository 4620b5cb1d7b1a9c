/**
 * A TCP connection through system calls, for the load only: octets that need not be compared are discarded inside the
 * kernel (MSG_TRUNC, tcp(7)), because copying them to a process would cost more than sending them and hide every
 * difference between servers. Linux of x86-64 and arm64.
 */

import koffi from 'koffi'

const libc = koffi.load(null)
const socket = libc.func('int socket(int, int, int)')
const connect = libc.func('int connect(int, void *, uint32_t)')
const fcntl = libc.func('int fcntl(int, int, int)')
const send = libc.func('intptr_t send(int, void *, uintptr_t, int)')
const receive = libc.func('intptr_t recv(int, void *, uintptr_t, int)')
const close = libc.func('int close(int)')

const inet = 2
const stream = 1
const noSignal = 0x4000
const truncate = 0x20
const setFlags = 4
const nonBlocking = 0o4000
const again = 11

export class TcpConnection {
  readonly descriptor: number

  constructor(address: string, port: number) {
    this.descriptor = socket(inet, stream, 0) as number
    const place = Buffer.alloc(16)
    place.writeUInt16LE(inet, 0)
    place.writeUInt16BE(port, 2)
    for (const [index, octet] of address.split('.').entries()) place[4 + index] = Number(octet)
    if (connect(this.descriptor, place, place.length) !== 0) throw failed('connect')
    fcntl(this.descriptor, setFlags, nonBlocking)
  }

  /** Requests are short: the socket has room for them. */
  send(bytes: Uint8Array): void {
    if (Number(send(this.descriptor, bytes, bytes.length, noSignal)) !== bytes.length) throw failed('send')
  }

  /** Undefined: nothing is there yet. */
  receive(into: Uint8Array): number | undefined {
    return counted(Number(receive(this.descriptor, into, into.length, 0)))
  }

  discard(bytesMax: number): number | undefined {
    return counted(Number(receive(this.descriptor, null, bytesMax, truncate)))
  }

  close(): void {
    close(this.descriptor)
  }
}

function counted(result: number): number | undefined {
  if (result > 0) return result
  if (result < 0 && koffi.errno() === again) return undefined
  throw result === 0 ? new Error('the server closed the connection') : failed('recv')
}

function failed(call: string): Error {
  return new Error(`${call} failed with error ${koffi.errno()}`)
}
