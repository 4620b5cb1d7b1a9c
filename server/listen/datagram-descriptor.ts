/**
 * UDP sockets that know the interface and destination address of each datagram (IP_PKTINFO, ip(7)), in batches
 * (recvmmsg, sendmmsg), with segmentation by the kernel (UDP_SEGMENT, udp(7)). Batches are in the memory of
 * `datagram-arenas.ts`; arenas of a few octets here hold socket options and addresses for the length of one call.
 */

import { assert } from '../assert.ts'
import {
  batchMax,
  layout,
  packetInformation,
  receiveArena,
  receiveBytes,
  rewind,
  sendArena,
  sendArenaBytes,
  writeHeader,
  writeSocketAddress,
} from './datagram-arenas.ts'
import type { OutgoingDatagram, Queued } from './datagram-arenas.ts'
import { Arena, checked, lastError, libc, linux } from './libc.ts'

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

export interface DatagramOptions {
  readonly address: number
  readonly port: number
  readonly interfaceName: string | undefined
  readonly broadcast: boolean
  readonly shareAddress: boolean
}

const socketBufferBytes = 4 * 1_048_576
/** How long one send may wait for room in the socket buffer before the datagram counts as lost. */
const roomWaitMs = 5

const ipLevel = 0
const socketLevel = 1
/** Of ip(7) and socket(7). */
const optionNames = {
  mtuDiscover: 10,
  reuseAddress: 2,
  broadcast: 6,
  sendBuffer: 7,
  receiveBuffer: 8,
  bindToDevice: 25,
  sendBufferForce: 32,
  receiveBufferForce: 33,
} as const

const datagramBytesMax = 65_507
/** UDP_MAX_SEGMENTS of older kernels. */
const segmentsMax = 64
const truncated = 0x20 // MSG_TRUNC
const pollOut = 4
const errno = { io: 5, again: 11, inval: 22 } as const

/** Datagrams since the socket was opened: received, among them too long and dropped, sent, and failed to be sent. */
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
    const call = libc()
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
    const receive = receiveArena()
    const count = libc().recvmmsg(this.descriptor, receive.address, batchMax, 0, 0)
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
    const header = layout.headers.at + slot * layout.headers.each
    const address = layout.addresses.at + slot * layout.addresses.each
    const length = view.getUint32(header + 56, true)
    assert(length <= receiveBytes, 'the kernel keeps to the buffer')
    this.counters.received++
    if ((view.getUint32(header + 48, true) & truncated) !== 0) {
      this.counters.receivedTooLong++
      return undefined
    }
    const information = packetInformation(view, header)
    const start = layout.payload.at + slot * receiveBytes
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

  get segmentation(): boolean {
    return this.#segmentation
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
    libc().close(this.descriptor)
  }
}

/** What waits to be sent by one socket; another socket's datagram sends it first. */
class Outbox {
  #owner: DatagramDescriptor | undefined
  #queued: Queued[] = []
  #used = 0

  queue(owner: DatagramDescriptor, bytes: Uint8Array, to: OutgoingDatagram): void {
    assert(bytes.length <= datagramBytesMax, 'fits a datagram')
    const full = this.#queued.length === batchMax || this.#used + bytes.length > sendArenaBytes
    if (full || (this.#owner !== undefined && this.#owner !== owner)) this.flush()
    const start = layout.payload.at + this.#used
    sendArena().octets.set(bytes, start)
    const last = this.#queued.at(-1)
    if (owner.segmentation && last !== undefined && maySendAlong(last, bytes.length, to)) last.length += bytes.length
    else this.#queued.push({ start, length: bytes.length, to })
    this.#owner = owner
    this.#used += bytes.length
  }

  flush(): void {
    const owner = this.#owner
    if (owner === undefined) return
    const queued = this.#queued
    this.#owner = undefined
    this.#queued = []
    this.#used = 0
    for (const [slot, one] of queued.entries()) writeHeader(sendArena(), slot, one)
    for (let next = 0; next < queued.length; ) next += sendSome(owner, queued, next)
  }
}

const outbox = new Outbox()

/**
 * Answers for many machines behind one relay are of one size and go to one place: the kernel takes them the whole way as one and
 * cuts them at its end, which costs a fraction of sending each.
 */
function maySendAlong({ length, to }: Queued, bytes: number, next: OutgoingDatagram): boolean {
  return (
    bytes > 0 &&
    bytes <= Math.min(to.segmentBytes, next.segmentBytes) &&
    length % to.segmentBytes === 0 &&
    length + bytes <= Math.min(to.segmentBytes * segmentsMax, datagramBytesMax) &&
    next.address === to.address &&
    next.port === to.port &&
    next.fromAddress === to.fromAddress &&
    next.interfaceIndex === to.interfaceIndex
  )
}

/** Returns how many datagrams are done with, sent or not: at least one. */
function sendSome(owner: DatagramDescriptor, queued: readonly Queued[], next: number): number {
  const call = libc()
  const send = sendArena()
  const first = send.address + layout.headers.at + next * layout.headers.each
  let sent = call.sendmmsg(owner.descriptor, first, queued.length - next, 0)
  if (sent <= 0 && lastError() === errno.again && hasRoom(owner.descriptor)) {
    sent = call.sendmmsg(owner.descriptor, first, queued.length - next, 0)
  }
  if (sent > 0) {
    for (const one of queued.slice(next, next + sent)) owner.counters.sent += datagramsIn(one)
    return sent
  }
  const failed = queued[next]
  const cannotCut = [errno.inval, errno.io].some((each) => each === lastError())
  if (cannotCut && failed !== undefined && failed.to.segmentBytes > 0) {
    owner.segmentationFailed()
    sendCut(owner, failed, next)
  } else {
    owner.counters.sendFailed++
  }
  return 1
}

function datagramsIn({ length, to: { segmentBytes } }: Queued): number {
  return segmentBytes === 0 ? 1 : Math.max(1, Math.ceil(length / segmentBytes))
}

/** One by one, in the slot of the datagram that the kernel would not cut. */
function sendCut(owner: DatagramDescriptor, { start, length, to }: Queued, slot: number): void {
  const call = libc()
  const send = sendArena()
  const header = send.address + layout.headers.at + slot * layout.headers.each
  for (let at = 0; at < length; at += to.segmentBytes) {
    const piece = Math.min(to.segmentBytes, length - at)
    writeHeader(send, slot, { start: start + at, length: piece, to: { ...to, segmentBytes: 0 } })
    if (call.sendmmsg(owner.descriptor, header, 1, 0) === 1) owner.counters.sent++
    else owner.counters.sendFailed++
  }
}

function hasRoom(descriptor: number): boolean {
  const question = new Arena(8)
  question.view.setInt32(0, descriptor, true)
  question.view.setInt16(4, pollOut, true)
  return libc().poll(question.address, 1, roomWaitMs) === 1
}

function bound(descriptor: number, options: DatagramOptions): number {
  const call = libc()
  setOption(descriptor, ipLevel, linux.packetInfo, 1)
  // Without this, datagrams carry "do not fragment" and vanish on a path that is narrower than the interface (TF-47).
  setOption(descriptor, ipLevel, optionNames.mtuDiscover, 0)
  if (options.shareAddress) setOption(descriptor, socketLevel, optionNames.reuseAddress, 1)
  if (options.broadcast) setOption(descriptor, socketLevel, optionNames.broadcast, 1)
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
    libc().setsockopt(descriptor, socketLevel, option, wish.address, wish.octets.length)
  if (set(optionNames.receiveBufferForce) !== 0) set(optionNames.receiveBuffer)
  if (set(optionNames.sendBufferForce) !== 0) set(optionNames.sendBuffer)
}

function setOption(descriptor: number, level: number, option: number, value: number): void {
  const place = new Arena(4)
  place.view.setInt32(0, value, true)
  checked('setsockopt', libc().setsockopt(descriptor, level, option, place.address, 4))
}

function bindToDevice(descriptor: number, interfaceName: string): void {
  const place = new Arena(16)
  const written = new TextEncoder().encodeInto(interfaceName, place.octets.subarray(0, 15)).written
  const call = libc()
  checked(
    `bind to ${interfaceName}`,
    call.setsockopt(descriptor, socketLevel, optionNames.bindToDevice, place.address, written),
  )
}
