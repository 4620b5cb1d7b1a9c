/**
 * The system calls Node lacks, called through koffi: UDP sockets that know the interface and destination address of
 * each datagram (IP_PKTINFO, ip(7)), batches (recvmmsg, sendmmsg), segmentation (UDP_SEGMENT, udp(7)), epoll(7).
 * All raw memory of the server is in this file: two arenas of fixed layout a thread, for the LP64 Linux of x86-64 and
 * arm64. Elsewhere `loadSystemCalls` says why not, and `udp-socket.ts` falls back to `node:dgram`.
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

/** Addresses as 32-bit numbers in network order: nothing here is worth a text per packet. */
export interface ReceivedDatagram {
  /** A view into the arena, good until the callback returns. */
  readonly bytes: Uint8Array
  readonly sourceAddress: number
  readonly sourcePort: number
  /** From the IP header: may be a broadcast address. */
  readonly destinationAddress: number
  /** The address of the interface it came in by. */
  readonly interfaceAddress: number
  readonly interfaceIndex: number
}

export interface OutgoingDatagram {
  readonly address: number
  readonly port: number
  /** 0: the routing table decides. */
  readonly fromAddress: number
  readonly interfaceIndex: number
  /** 0: one datagram. Else the kernel cuts the octets into datagrams of this size, the last may be shorter. */
  readonly segmentBytes: number
}

export interface DatagramOptions {
  readonly address: number
  readonly port: number
  readonly interfaceName: string | undefined
  readonly broadcast: boolean
  readonly shareAddress: boolean
}

const batch = 64
/** DHCP stays under 1,500, TFTP requests under 2,048 octets; a longer datagram is cut, noticed and dropped. */
const receiveBytes = 2048
const controlBytes = 128
const sendArenaBytes = 1_048_576
const socketBufferBytes = 4 * 1_048_576
/** How long one send may wait for room in the socket buffer before the datagram counts as lost. */
const roomWaitMs = 5

const names = {
  headers: { at: 0, each: 64 },
  vectors: { at: batch * 64, each: 16 },
  addresses: { at: batch * 80, each: 16 },
  controls: { at: batch * 96, each: controlBytes },
  payload: { at: batch * (96 + controlBytes) },
} as const

const linux = {
  inet: 2,
  datagram: 0o2004002, // SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC
  socketLevel: 1,
  reuseAddress: 2,
  broadcast: 6,
  sendBuffer: 7,
  receiveBuffer: 8,
  bindToDevice: 25,
  sendBufferForce: 32,
  receiveBufferForce: 33,
  packetInfo: 8,
  mtuDiscover: 10,
  udpLevel: 17,
  udpSegment: 103,
  truncated: 0x20,
  pollOut: 4,
  epollIn: 1,
} as const

const errno = { intr: 4, io: 5, again: 11, inval: 22 } as const

type Call = (...operands: (number | string)[]) => number

interface Library {
  readonly call: Readonly<Record<keyof typeof prototypes, Call>>
  readonly receive: Arena
  readonly send: Arena
}

const prototypes = {
  socket: 'int socket(int, int, int)',
  bind: 'int bind(int, intptr_t, uint32_t)',
  close: 'int close(int)',
  getsockname: 'int getsockname(int, intptr_t, intptr_t)',
  setsockopt: 'int setsockopt(int, int, int, intptr_t, uint32_t)',
  recvmmsg: 'int recvmmsg(int, intptr_t, uint32_t, int, intptr_t)',
  sendmmsg: 'int sendmmsg(int, intptr_t, uint32_t, int)',
  poll: 'int poll(intptr_t, uint64_t, int)',
  epoll_create1: 'int epoll_create1(int)',
  epoll_ctl: 'int epoll_ctl(int, int, int, intptr_t)',
  epoll_wait: 'int epoll_wait(int, intptr_t, int, int)',
  if_nametoindex: 'uint32_t if_nametoindex(const char *)',
} as const

/** A piece of memory that stays where it is, with its address. */
class Arena {
  readonly octets: Uint8Array
  readonly view: DataView
  readonly address: number

  constructor(bytes: number) {
    const buffer = new ArrayBuffer(bytes)
    this.octets = new Uint8Array(buffer)
    this.view = new DataView(buffer)
    this.address = Number(koffi.address(buffer))
  }

  setPointer(offset: number, target: number): void {
    const address = this.address + target
    this.view.setUint32(offset, address >>> 0, true)
    this.view.setUint32(offset + 4, Math.floor(address / 0x1_0000_0000), true)
  }

  setUint64(offset: number, value: number): void {
    this.view.setUint32(offset, value, true)
    this.view.setUint32(offset + 4, 0, true)
  }
}

let library: Library | undefined

/** Undefined: they work here. Otherwise the reason why not. */
export function whyNoSystemCalls(): string | undefined {
  if (process.platform !== 'linux') return `system calls are only known for Linux, not ${process.platform}`
  if (!['x64', 'arm64'].includes(process.arch)) return `memory layouts are not known for ${process.arch}`
  if (endianness() !== 'LE') return 'memory layouts are only known for little-endian machines'
  try {
    load()
    return undefined
  } catch (error) {
    return `koffi cannot be used: ${String(error)}`
  }
}

function load(): Library {
  if (library !== undefined) return library
  const libc = koffi.load(null)
  const entries = Object.entries(prototypes).map(([name, prototype]) => [name, libc.func(prototype)])
  library = {
    call: Object.fromEntries(entries),
    receive: laidOut(new Arena(names.payload.at + batch * receiveBytes)),
    send: laidOut(new Arena(names.payload.at + sendArenaBytes)),
  }
  for (let slot = 0; slot < batch; slot++) {
    const vector = names.vectors.at + slot * names.vectors.each
    library.receive.setPointer(vector, names.payload.at + slot * receiveBytes)
    library.receive.setUint64(vector + 8, receiveBytes)
    rewind(library.receive, slot)
  }
  return library
}

/** struct mmsghdr: name 0, namelen 8, iov 16, iovlen 24, control 32, controllen 40, flags 48, len 56. */
function laidOut(arena: Arena): Arena {
  for (let slot = 0; slot < batch; slot++) {
    const header = names.headers.at + slot * names.headers.each
    arena.setPointer(header, names.addresses.at + slot * names.addresses.each)
    arena.setPointer(header + 16, names.vectors.at + slot * names.vectors.each)
    arena.setUint64(header + 24, 1)
    arena.setPointer(header + 32, names.controls.at + slot * names.controls.each)
  }
  return arena
}

/** The kernel overwrites these lengths with each datagram. */
function rewind(arena: Arena, slot: number): void {
  const header = names.headers.at + slot * names.headers.each
  arena.view.setUint32(header + 8, names.addresses.each, true)
  arena.setUint64(header + 40, controlBytes)
}

/** Cuts, drops and sends counted since the socket was opened. */
export interface DatagramCounters {
  received: number
  receivedTooLong: number
  sent: number
  sendFailed: number
}

/** A UDP socket of IPv4. Everything queued by any socket of this thread leaves in order, at the latest with `flush`. */
export class DatagramDescriptor {
  readonly descriptor: number
  readonly localPort: number
  readonly counters: DatagramCounters = { received: 0, receivedTooLong: 0, sent: 0, sendFailed: 0 }
  #segmentation = true
  #open = true

  constructor(options: DatagramOptions) {
    const { call } = load()
    this.descriptor = checked('socket', call.socket(linux.inet, linux.datagram, 0))
    try {
      this.localPort = bound(this.descriptor, options)
    } catch (error) {
      call.close(this.descriptor)
      throw error
    }
  }

  /** Reads what has arrived, 64 at most, without waiting. */
  receive(onDatagram: (datagram: ReceivedDatagram) => void): number {
    if (!this.#open) return 0
    const { call, receive } = load()
    const count = call.recvmmsg(this.descriptor, receive.address, batch, 0, 0)
    // EAGAIN, EINTR, or an ICMP error that a datagram of ours caused: there is nothing to read.
    if (count <= 0) return 0
    for (let slot = 0; slot < count; slot++) {
      const datagram = this.#read(receive, slot)
      rewind(receive, slot)
      if (datagram !== undefined) onDatagram(datagram)
    }
    return count
  }

  #read(arena: Arena, slot: number): ReceivedDatagram | undefined {
    const { view } = arena
    const header = names.headers.at + slot * names.headers.each
    const address = names.addresses.at + slot * names.addresses.each
    const length = view.getUint32(header + 56, true)
    assert(length <= receiveBytes, 'the kernel keeps to the buffer')
    this.counters.received++
    if ((view.getUint32(header + 48, true) & linux.truncated) !== 0) {
      this.counters.receivedTooLong++
      return undefined
    }
    const information = packetInformation(view, header)
    const start = names.payload.at + slot * receiveBytes
    return {
      bytes: arena.octets.subarray(start, start + length),
      sourceAddress: view.getUint32(address + 4),
      sourcePort: view.getUint16(address + 2),
      destinationAddress: information === undefined ? 0 : view.getUint32(information + 8),
      interfaceAddress: information === undefined ? 0 : view.getUint32(information + 4),
      interfaceIndex: information === undefined ? 0 : view.getUint32(information, true),
    }
  }

  /** Copies the octets: the caller may use them again at once. */
  queue(bytes: Uint8Array, to: OutgoingDatagram): void {
    if (!this.#open) return
    if (to.segmentBytes > 0 && bytes.length > to.segmentBytes && !this.#segmentation) return this.#queueCut(bytes, to)
    outbox.queue(this, bytes, to)
  }

  #queueCut(bytes: Uint8Array, to: OutgoingDatagram): void {
    for (let at = 0; at < bytes.length; at += to.segmentBytes) {
      outbox.queue(this, bytes.subarray(at, at + to.segmentBytes), { ...to, segmentBytes: 0 })
    }
  }

  /** The route or the device cannot cut (EINVAL, EIO): from now on the datagrams are cut here. */
  segmentationFailed(): void {
    this.#segmentation = false
  }

  flush(): void {
    outbox.flush()
  }

  close(): void {
    if (!this.#open) return
    outbox.flush()
    this.#open = false
    load().call.close(this.descriptor)
  }
}

/** in_pktinfo: ifindex, spec_dst (the interface's address), addr (of the header). Returns its offset. */
function packetInformation(view: DataView, header: number): number | undefined {
  const slot = (header - names.headers.at) / names.headers.each
  const control = names.controls.at + slot * names.controls.each
  const present = view.getUint32(header + 40, true) >= 28
  const ours = view.getUint32(control + 8, true) === 0 && view.getUint32(control + 12, true) === linux.packetInfo
  return present && ours ? control + 16 : undefined
}

interface Queued {
  readonly start: number
  readonly length: number
  readonly to: OutgoingDatagram
}

/** What waits to be sent by one socket; another socket's datagram sends it first. */
class Outbox {
  #owner: DatagramDescriptor | undefined
  #queued: Queued[] = []
  #used = 0

  queue(owner: DatagramDescriptor, bytes: Uint8Array, to: OutgoingDatagram): void {
    assert(bytes.length <= 65_507, 'fits a datagram')
    const full = this.#queued.length === batch || this.#used + bytes.length > sendArenaBytes
    if (full || (this.#owner !== undefined && this.#owner !== owner)) this.flush()
    const { send } = load()
    const start = names.payload.at + this.#used
    send.octets.set(bytes, start)
    writeHeader(send, this.#queued.length, { start, length: bytes.length, to })
    this.#owner = owner
    this.#queued.push({ start, length: bytes.length, to })
    this.#used += bytes.length
  }

  flush(): void {
    const owner = this.#owner
    if (owner === undefined) return
    const queued = this.#queued
    this.#owner = undefined
    this.#queued = []
    this.#used = 0
    for (let next = 0; next < queued.length; ) next += sendSome(owner, queued, next)
  }
}

const outbox = new Outbox()

/** Returns how many datagrams are done with, sent or not: at least one. */
function sendSome(owner: DatagramDescriptor, queued: readonly Queued[], next: number): number {
  const { call, send } = load()
  const first = send.address + names.headers.at + next * names.headers.each
  let sent = call.sendmmsg(owner.descriptor, first, queued.length - next, 0)
  if (sent <= 0 && koffi.errno() === errno.again && hasRoom(owner.descriptor)) {
    sent = call.sendmmsg(owner.descriptor, first, queued.length - next, 0)
  }
  if (sent > 0) {
    owner.counters.sent += sent
    return sent
  }
  const failed = queued[next]
  const cannotCut = [errno.inval, errno.io].some((each) => each === koffi.errno())
  if (cannotCut && failed !== undefined && failed.to.segmentBytes > 0) {
    owner.segmentationFailed()
    sendCut(owner, failed, next)
  } else {
    owner.counters.sendFailed++
  }
  return 1
}

/** One by one, in the slot of the datagram that the kernel would not cut. */
function sendCut(owner: DatagramDescriptor, { start, length, to }: Queued, slot: number): void {
  const { call, send } = load()
  const header = send.address + names.headers.at + slot * names.headers.each
  for (let at = 0; at < length; at += to.segmentBytes) {
    const piece = Math.min(to.segmentBytes, length - at)
    writeHeader(send, slot, { start: start + at, length: piece, to: { ...to, segmentBytes: 0 } })
    if (call.sendmmsg(owner.descriptor, header, 1, 0) === 1) owner.counters.sent++
    else owner.counters.sendFailed++
  }
}

function writeHeader(arena: Arena, slot: number, { start, length, to }: Queued): void {
  const { view } = arena
  const header = names.headers.at + slot * names.headers.each
  const vector = names.vectors.at + slot * names.vectors.each
  writeSocketAddress(view, names.addresses.at + slot * names.addresses.each, to.address, to.port)
  view.setUint32(header + 8, names.addresses.each, true)
  arena.setPointer(vector, start)
  arena.setUint64(vector + 8, length)
  const control = names.controls.at + slot * names.controls.each
  let used = 0
  if (to.fromAddress !== 0 || to.interfaceIndex !== 0) {
    writeControl(arena, control, { bytes: 28, level: 0, type: linux.packetInfo })
    view.setUint32(control + 16, to.interfaceIndex, true)
    view.setUint32(control + 20, to.fromAddress)
    view.setUint32(control + 24, 0)
    used = 32
  }
  if (to.segmentBytes > 0 && length > to.segmentBytes) {
    writeControl(arena, control + used, { bytes: 18, level: linux.udpLevel, type: linux.udpSegment })
    view.setUint16(control + used + 16, to.segmentBytes, true)
    used += 24
  }
  arena.setUint64(header + 40, used)
}

function writeControl(arena: Arena, at: number, head: { bytes: number; level: number; type: number }): void {
  arena.setUint64(at, head.bytes)
  arena.view.setUint32(at + 8, head.level, true)
  arena.view.setUint32(at + 12, head.type, true)
}

function writeSocketAddress(view: DataView, at: number, address: number, port: number): void {
  view.setUint16(at, linux.inet, true)
  view.setUint16(at + 2, port)
  view.setUint32(at + 4, address)
}

function hasRoom(descriptor: number): boolean {
  const question = new Arena(8)
  question.view.setInt32(0, descriptor, true)
  question.view.setInt16(4, linux.pollOut, true)
  return load().call.poll(question.address, 1, roomWaitMs) === 1
}

function bound(descriptor: number, options: DatagramOptions): number {
  const { call } = load()
  setOption(descriptor, 0, linux.packetInfo, 1)
  // Without this, datagrams carry "do not fragment" and vanish on a path that is narrower than the interface (TF-47).
  setOption(descriptor, 0, linux.mtuDiscover, 0)
  if (options.shareAddress) setOption(descriptor, linux.socketLevel, linux.reuseAddress, 1)
  if (options.broadcast) setOption(descriptor, linux.socketLevel, linux.broadcast, 1)
  enlargeBuffers(descriptor)
  if (options.interfaceName !== undefined) bindToDevice(descriptor, options.interfaceName)
  const place = new Arena(24)
  writeSocketAddress(place.view, 0, options.address, options.port)
  checked('bind', call.bind(descriptor, place.address, 16))
  place.view.setUint32(16, 16, true)
  checked('getsockname', call.getsockname(descriptor, place.address, place.address + 16))
  return place.view.getUint16(2)
}

/** The forced form needs privileges; the plain one is cut to the system's limit. Either is only for speed. */
function enlargeBuffers(descriptor: number): void {
  const wish = new Arena(4)
  wish.view.setInt32(0, socketBufferBytes, true)
  const set = (option: number): number =>
    load().call.setsockopt(descriptor, linux.socketLevel, option, wish.address, wish.octets.length)
  if (set(linux.receiveBufferForce) !== 0) set(linux.receiveBuffer)
  if (set(linux.sendBufferForce) !== 0) set(linux.sendBuffer)
}

function setOption(descriptor: number, level: number, option: number, value: number): void {
  const place = new Arena(4)
  place.view.setInt32(0, value, true)
  checked('setsockopt', load().call.setsockopt(descriptor, level, option, place.address, 4))
}

function bindToDevice(descriptor: number, interfaceName: string): void {
  const place = new Arena(16)
  const written = new TextEncoder().encodeInto(interfaceName, place.octets.subarray(0, 15)).written
  const { call } = load()
  checked(
    `bind to ${interfaceName}`,
    call.setsockopt(descriptor, linux.socketLevel, linux.bindToDevice, place.address, written),
  )
}

/** 0: there is none of that name. */
export function interfaceIndexOf(interfaceName: string): number {
  return load().call.if_nametoindex(interfaceName)
}

/** Waiting for many sockets at once. A socket is reported as long as it has something to read. */
export class ReadinessSet {
  readonly descriptor: number
  readonly #events: Arena
  /** Packed on x86-64 only (epoll_ctl(2)). */
  readonly #eventBytes = process.arch === 'x64' ? 12 : 16

  /** `descriptor`: of the same set in another thread. */
  constructor(descriptor?: number) {
    this.descriptor = descriptor ?? checked('epoll_create1', load().call.epoll_create1(0o2000000))
    this.#events = new Arena(batch * this.#eventBytes)
  }

  add(socketDescriptor: number, token: number): void {
    this.#events.view.setUint32(0, linux.epollIn, true)
    this.#events.setUint64(this.#eventBytes - 8, token)
    const add = 1
    checked('epoll_ctl', load().call.epoll_ctl(this.descriptor, add, socketDescriptor, this.#events.address))
  }

  /** Tokens of sockets with datagrams to read. Blocks the thread unless the time is 0. */
  wait(timeoutMs: number): readonly number[] {
    const count = load().call.epoll_wait(this.descriptor, this.#events.address, batch, timeoutMs)
    const tokens: number[] = []
    for (let at = 0; at < count; at++) {
      tokens.push(this.#events.view.getUint32((at + 1) * this.#eventBytes - 8, true))
    }
    return tokens
  }

  close(): void {
    load().call.close(this.descriptor)
  }
}

function checked(call: string, result: number): number {
  if (result < 0) throw new SystemCallError(call, koffi.errno())
  return result
}

function errorName(number: number): string {
  const known = Object.entries(koffi.os.errno).find(([, value]) => value === number)
  return known?.[0] ?? `errno ${number}`
}
