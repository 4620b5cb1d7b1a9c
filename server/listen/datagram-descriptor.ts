/**
 * UDP sockets that know the interface and destination address of each datagram (IP_PKTINFO, ip(7)), in batches
 * (recvmmsg, sendmmsg), with segmentation by the kernel (UDP_SEGMENT, udp(7)). Batches are in the memory of
 * `datagram-arenas.ts`; arenas of a few octets here hold socket options and addresses for the length of one call.
 */

import { assert } from '../assert.ts'
import {
  batchMax,
  layout,
  readArrival,
  receiveArena,
  rewind,
  sendArena,
  sendArenaBytes,
  writeHeader,
  writeSocketAddress,
} from './datagram-arenas.ts'
import type { Queued } from './datagram-arenas.ts'
import { DatagramArrival, datagramBytesMax, segmentsMax } from './datagram-port.ts'
import type { DatagramCounters, DatagramPort, OutgoingDatagram } from './datagram-port.ts'
import { Arena, checked, lastError, libc, linux } from './libc.ts'

export interface DatagramOptions {
  readonly address: number
  readonly port: number
  readonly interfaceName: string | undefined
  readonly broadcast: boolean
  readonly shareAddress: boolean
  /** So many sockets of ours have the port: each hears the clients of its share of all addresses. Absent: it has it alone. */
  readonly sharers?: number
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
  reusePort: 15,
  attachReusePortFilter: 51, // SO_ATTACH_REUSEPORT_CBPF
  broadcast: 6,
  sendBuffer: 7,
  receiveBuffer: 8,
  bindToDevice: 25,
  sendBufferForce: 32,
  receiveBufferForce: 33,
} as const

const pollOut = 4
const errno = { io: 5, again: 11, inval: 22 } as const

/** What is read now; the callback may not read another socket meanwhile. */
const arrival = new DatagramArrival()

/** A UDP socket of IPv4. Everything queued by any socket of this thread leaves in order, at the latest with `flush`. */
export class DatagramDescriptor implements DatagramPort {
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

  /** Reads what has arrived, 64 at most, without waiting. What is told is good until the callback returns. */
  receive(onDatagram: (datagram: DatagramArrival) => void): number {
    if (!this.#open) return 0
    const receive = receiveArena()
    const count = libc().recvmmsg(this.descriptor, receive.address, batchMax, 0, 0)
    // EAGAIN, EINTR, or an ICMP error that a datagram of ours caused: there is nothing to read.
    if (count <= 0) return 0
    assert(count <= batchMax, 'the kernel keeps to the batch')
    this.counters.received += count
    for (let slot = 0; slot < count; slot++) {
      const isWhole = readArrival(receive, slot, arrival)
      rewind(receive, slot)
      if (isWhole) onDatagram(arrival)
      else this.counters.receivedTooLong++
    }
    return count
  }

  /** Copies the octets: the caller may use them again at once. */
  queue(bytes: Uint8Array, to: OutgoingDatagram): void {
    if (!this.#open) return
    const start = this.room(bytes.length)
    this.octets.set(bytes, start)
    this.commit(bytes.length, to)
  }

  get octets(): Uint8Array {
    return sendArena().octets
  }

  room(bytes: number): number {
    return outbox.room(this, bytes)
  }

  commit(length: number, to: OutgoingDatagram): void {
    if (!this.#open) return
    const cannotCut = to.segmentBytes > 0 && length > to.segmentBytes && !this.#segmentation
    if (!cannotCut) return outbox.commit(this, length, to)
    for (let at = 0; at < length; at += to.segmentBytes) {
      outbox.commit(this, Math.min(to.segmentBytes, length - at), { ...to, segmentBytes: 0 })
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
  /** The first `#count` wait; the same objects again and again. */
  readonly #queued: readonly Queued[] = Array.from({ length: batchMax }, () => ({ start: 0, length: 0, to: nowhere }))
  #count = 0
  #used = 0

  /** Where in the arena the next octets may be put together. */
  room(owner: DatagramDescriptor, bytes: number): number {
    assert(bytes <= datagramBytesMax, 'fits a datagram')
    const full = this.#count === batchMax || this.#used + bytes > sendArenaBytes
    if (full || this.#owner !== owner) this.flush()
    return layout.payload.at + this.#used
  }

  commit(owner: DatagramDescriptor, length: number, to: OutgoingDatagram): void {
    if (this.#count === batchMax) this.#send()
    assert(this.#owner === undefined || this.#owner === owner, 'room was asked for')
    assert(this.#used + length <= sendArenaBytes, 'the octets are in the arena')
    this.#owner = owner
    const start = layout.payload.at + this.#used
    this.#used += length
    const last = this.#count === 0 ? undefined : queuedIn(this.#queued, this.#count - 1)
    if (owner.segmentation && last !== undefined && maySendAlong(last, length, to)) {
      last.length += length
      return
    }
    const next = queuedIn(this.#queued, this.#count++)
    next.start = start
    next.length = length
    next.to = to
  }

  flush(): void {
    this.#send()
    this.#owner = undefined
    this.#used = 0
  }

  /** What was put together behind it stays where it is. */
  #send(): void {
    if (this.#owner === undefined) return
    const arena = sendArena()
    for (let slot = 0; slot < this.#count; slot++) writeHeader(arena, slot, queuedIn(this.#queued, slot))
    for (let next = 0; next < this.#count; ) {
      next += sendSome(this.#owner, { queued: this.#queued, from: next, until: this.#count })
    }
    this.#count = 0
  }
}

const nowhere: OutgoingDatagram = { address: 0, port: 0, fromAddress: 0, interfaceIndex: 0, segmentBytes: 0 }
const outbox = new Outbox()

function queuedIn(all: readonly Queued[], slot: number): Queued {
  const queued = all[slot]
  assert(queued !== undefined, 'the slot is in the batch')
  return queued
}

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

interface Waiting {
  readonly queued: readonly Queued[]
  readonly from: number
  readonly until: number
}

/** Returns how many datagrams are done with, sent or not: at least one. */
function sendSome(owner: DatagramDescriptor, { queued, from, until }: Waiting): number {
  const call = libc()
  const first = sendArena().address + layout.headers.at + from * layout.headers.each
  let sent = call.sendmmsg(owner.descriptor, first, until - from, 0)
  if (sent <= 0 && lastError() === errno.again && hasRoom(owner.descriptor)) {
    sent = call.sendmmsg(owner.descriptor, first, until - from, 0)
  }
  if (sent > 0) {
    for (let slot = from; slot < from + sent; slot++) owner.counters.sent += datagramsIn(queuedIn(queued, slot))
    return sent
  }
  const failed = queuedIn(queued, from)
  const cannotCut = [errno.inval, errno.io].some((each) => each === lastError())
  if (cannotCut && failed.to.segmentBytes > 0 && failed.length > failed.to.segmentBytes) {
    owner.segmentationFailed()
    sendCut(owner, failed, from)
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
  if (options.sharers !== undefined) setOption(descriptor, socketLevel, optionNames.reusePort, 1)
  enlargeBuffers(descriptor)
  if (options.interfaceName !== undefined) bindToDevice(descriptor, options.interfaceName)
  const place = new Arena(24)
  writeSocketAddress(place.view, 0, options.address, options.port)
  checked('bind', call.bind(descriptor, place.address, 16))
  // Before it is bound, the kernel would take it for one of another group.
  if (options.sharers !== undefined) divideByAddress(descriptor, options.sharers)
  place.view.setUint32(16, 16, true)
  checked('getsockname', call.getsockname(descriptor, place.address, place.address + 16))
  return place.view.getUint16(2)
}

/**
 * What the kernel asks which of the sockets gets a datagram: source address modulo their number (bpf(2) in its classic form,
 * struct sock_filter: code 0, jt 2, jf 3, k 4; struct sock_fprog: len 0, filter 8). All that a machine says reaches one
 * thread, which can keep limits for it alone.
 */
function divideByAddress(descriptor: number, sharers: number): void {
  const loadWord = 0x20
  const modulo = 0x94
  const returnIt = 0x16
  const sourceOfIpHeader = 0xffff_ffff - 0x10_0000 + 1 + 12 // SKF_NET_OFF
  const place = new Arena(40)
  place.view.setUint16(0, 3, true)
  place.setPointer(8, 16)
  for (const [step, [code, operand]] of [
    [loadWord, sourceOfIpHeader],
    [modulo, sharers],
    [returnIt, 0],
  ].entries()) {
    place.view.setUint16(16 + step * 8, code ?? 0, true)
    place.view.setUint32(20 + step * 8, operand ?? 0, true)
  }
  const { address } = place
  const set = libc().setsockopt(descriptor, socketLevel, optionNames.attachReusePortFilter, address, 16)
  checked('setsockopt', set)
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
