/**
 * The C library, through koffi: the system calls that Node lacks, for the LP64 Linux of x86-64 and arm64. Elsewhere
 * `whyNoSystemCalls` says why not, and `udp-socket.ts` falls back to `node:dgram`. What the kernel reads and writes is an
 * `Arena`, laid out by the file that owns it: `datagram-arenas.ts`, `datagram-descriptor.ts`, `readiness-set.ts`,
 * `wake-up-descriptor.ts`, `arp-socket.ts`, and here the question for an MTU. `http/kernel-copy.ts` has calls and memory of its own, because
 * `http/` may not import from here.
 *
 * When the runtime has `node:ffi` (Node 26), it takes koffi's place in this file alone: `dlopen(null, …)` with the prototypes as tables
 * of types, pointers as bigints made of the same numbers, `address` of an ArrayBuffer for `koffi.address`, and errno by the
 * C library's `__errno_location`, which has to be read before anything else is called. That is not tried here yet.
 */

import { endianness } from 'node:os'
import koffi from 'koffi'
import { assert } from '../assert.ts'

export class SystemCallError extends Error {
  override readonly name = 'SystemCallError'
  readonly code: string

  constructor(call: string, errno: number) {
    const code = errorName(errno)
    super(`${call}: ${code}`)
    this.code = code
  }
}

/** What several files here say to the kernel. */
export const linux = {
  inet: 2,
  datagram: 0o2004002, // SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC
  packetInfo: 8,
} as const

const readMtu = 0x8921 // SIOCGIFMTU, netdevice(7)

type Call = (...operands: (number | string)[]) => number
type Calls = Readonly<Record<keyof typeof prototypes, Call>>

const prototypes = {
  socket: 'int socket(int, int, int)',
  bind: 'int bind(int, intptr_t, uint32_t)',
  close: 'int close(int)',
  getsockname: 'int getsockname(int, intptr_t, intptr_t)',
  setsockopt: 'int setsockopt(int, int, int, intptr_t, uint32_t)',
  recvmmsg: 'int recvmmsg(int, intptr_t, uint32_t, int, intptr_t)',
  sendmmsg: 'int sendmmsg(int, intptr_t, uint32_t, int)',
  sendto: 'intptr_t sendto(int, intptr_t, uintptr_t, int, intptr_t, uint32_t)',
  recv: 'intptr_t recv(int, intptr_t, uintptr_t, int)',
  eventfd: 'int eventfd(uint32_t, int)',
  read: 'intptr_t read(int, intptr_t, uintptr_t)',
  write: 'intptr_t write(int, intptr_t, uintptr_t)',
  poll: 'int poll(intptr_t, uint64_t, int)',
  epoll_create1: 'int epoll_create1(int)',
  epoll_ctl: 'int epoll_ctl(int, int, int, intptr_t)',
  epoll_wait: 'int epoll_wait(int, intptr_t, int, int)',
  ioctl: 'int ioctl(int, unsigned long, intptr_t)',
  if_nametoindex: 'uint32_t if_nametoindex(const char *)',
} as const

const guardBytes = 64
const guardOctet = 0xa5

/** A piece of memory that stays where it is, with its address. Nobody has any business in the octets around it. */
export class Arena {
  readonly octets: Uint8Array
  readonly view: DataView
  readonly address: number

  constructor(bytes: number) {
    const buffer = new ArrayBuffer(guardBytes + bytes + guardBytes)
    for (const guard of guardsOf(buffer)) guard.fill(guardOctet)
    this.octets = new Uint8Array(buffer, guardBytes, bytes)
    this.view = new DataView(buffer, guardBytes, bytes)
    this.address = Number(koffi.address(buffer)) + guardBytes
  }

  /** Nothing was written before its beginning or behind its end. */
  get isIntact(): boolean {
    return guardsOf(this.octets.buffer).every((guard) => guard.every((octet) => octet === guardOctet))
  }

  /** To a place in this arena. */
  setPointer(offset: number, target: number): void {
    assert(target >= 0 && target < this.octets.length, 'a pointer stays in its arena')
    const address = this.address + target
    this.view.setUint32(offset, address >>> 0, true)
    this.view.setUint32(offset + 4, Math.floor(address / 0x1_0000_0000), true)
  }

  setUint64(offset: number, value: number): void {
    this.view.setUint32(offset, value, true)
    this.view.setUint32(offset + 4, 0, true)
  }
}

function guardsOf(buffer: ArrayBufferLike): readonly Uint8Array[] {
  return [new Uint8Array(buffer, 0, guardBytes), new Uint8Array(buffer, buffer.byteLength - guardBytes)]
}

let calls: Calls | undefined

/** Undefined: they work here. Otherwise the reason why not. */
export function whyNoSystemCalls(): string | undefined {
  if (process.platform !== 'linux') return `system calls are only known for Linux, not ${process.platform}`
  if (!['x64', 'arm64'].includes(process.arch)) return `memory layouts are not known for ${process.arch}`
  if (endianness() !== 'LE') return 'memory layouts are only known for little-endian machines'
  try {
    libc()
    return undefined
  } catch (error) {
    return `koffi cannot be used: ${String(error)}`
  }
}

/** Throws where koffi does not work. */
export function libc(): Calls {
  if (calls !== undefined) return calls
  const library = koffi.load(null)
  const entries = Object.entries(prototypes).map(([name, prototype]) => [name, library.func(prototype)])
  const loaded: Calls = Object.fromEntries(entries)
  calls = loaded
  return loaded
}

export function checked(call: string, result: number): number {
  if (result < 0) throw new SystemCallError(call, koffi.errno())
  return result
}

/** Of the call before, when it failed. */
export function lastError(): number {
  return koffi.errno()
}

function errorName(number: number): string {
  const known = Object.entries(koffi.os.errno).find(([, value]) => value === number)
  return known?.[0] ?? `errno ${number}`
}

/** 0: there is none of that name. */
export function interfaceIndexOf(interfaceName: string): number {
  return libc().if_nametoindex(interfaceName)
}

/**
 * Undefined: there is none of that name. Not read from /sys/class/net: in a namespace that may show the interfaces of the
 * one it was mounted in. struct ifreq: name 0, mtu 16.
 */
export function interfaceMtu(interfaceName: string): number | undefined {
  const call = libc()
  const question = new Arena(40)
  new TextEncoder().encodeInto(interfaceName, question.octets.subarray(0, 15))
  const descriptor = call.socket(linux.inet, linux.datagram, 0)
  const answered = call.ioctl(descriptor, readMtu, question.address) === 0
  call.close(descriptor)
  return answered ? question.view.getInt32(16, true) : undefined
}
