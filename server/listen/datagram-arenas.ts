/**
 * The memory of batches of datagrams, as recvmmsg(2) and sendmmsg(2) read and write it: one arena a thread for what comes,
 * one for what goes, each 64 message headers with their addresses, control messages (cmsg(3): IP_PKTINFO of ip(7),
 * UDP_SEGMENT of udp(7)) and payloads. It calls nothing; `datagram-descriptor.ts` does.
 */

import { assert } from '../assert.ts'
import type { DatagramArrival, OutgoingDatagram } from './datagram-port.ts'
import { Arena, linux } from './libc.ts'

/** A datagram, or several that the kernel cuts, in the arena of what goes. */
export interface Queued {
  start: number
  length: number
  to: OutgoingDatagram
}

export const batchMax = 64
/** DHCP stays under 1,500, TFTP requests under 2,048 octets; a longer datagram is cut, noticed and dropped. */
export const receiveBytes = 2048
const controlBytes = 128
export const sendArenaBytes = 1_048_576

export const layout = {
  headers: { at: 0, each: 64 },
  vectors: { at: batchMax * 64, each: 16 },
  addresses: { at: batchMax * 80, each: 16 },
  controls: { at: batchMax * 96, each: controlBytes },
  payload: { at: batchMax * (96 + controlBytes) },
} as const

const ipLevel = 0
const udpLevel = 17
const udpSegment = 103
const truncated = 0x20 // MSG_TRUNC

let receiving: Arena | undefined
let sending: Arena | undefined

export function receiveArena(): Arena {
  receiving ??= laidOutToReceive()
  return receiving
}

export function sendArena(): Arena {
  sending ??= laidOut(new Arena(layout.payload.at + sendArenaBytes))
  return sending
}

function laidOutToReceive(): Arena {
  const arena = laidOut(new Arena(layout.payload.at + batchMax * receiveBytes))
  for (let slot = 0; slot < batchMax; slot++) {
    const vector = layout.vectors.at + slot * layout.vectors.each
    arena.setPointer(vector, layout.payload.at + slot * receiveBytes)
    arena.setUint64(vector + 8, receiveBytes)
    rewind(arena, slot)
  }
  return arena
}

/** struct mmsghdr: name 0, namelen 8, iov 16, iovlen 24, control 32, controllen 40, flags 48, len 56. */
function laidOut(arena: Arena): Arena {
  for (let slot = 0; slot < batchMax; slot++) {
    const header = layout.headers.at + slot * layout.headers.each
    arena.setPointer(header, layout.addresses.at + slot * layout.addresses.each)
    arena.setPointer(header + 16, layout.vectors.at + slot * layout.vectors.each)
    arena.setUint64(header + 24, 1)
    arena.setPointer(header + 32, layout.controls.at + slot * layout.controls.each)
  }
  return arena
}

/** The kernel overwrites these lengths with each datagram. */
export function rewind(arena: Arena, slot: number): void {
  const header = layout.headers.at + slot * layout.headers.each
  arena.view.setUint32(header + 8, layout.addresses.each, true)
  arena.setUint64(header + 40, controlBytes)
}

/** False: it was longer than there is room for, and is cut. */
export function readArrival(arena: Arena, slot: number, into: DatagramArrival): boolean {
  const { view } = arena
  const header = layout.headers.at + slot * layout.headers.each
  const address = layout.addresses.at + slot * layout.addresses.each
  const length = view.getUint32(header + 56, true)
  assert(length <= receiveBytes, 'the kernel keeps to the buffer')
  const information = packetInformation(view, slot)
  into.octets = arena.octets
  into.start = layout.payload.at + slot * receiveBytes
  into.length = length
  into.sourceAddress = view.getUint32(address + 4)
  into.sourcePort = view.getUint16(address + 2)
  into.destinationAddress = information === 0 ? 0 : view.getUint32(information + 8)
  into.interfaceAddress = information === 0 ? 0 : view.getUint32(information + 4)
  into.interfaceIndex = information === 0 ? 0 : view.getUint32(information, true)
  return (view.getUint32(header + 48, true) & truncated) === 0
}

/** Where in_pktinfo is: ifindex, spec_dst (the interface's address), addr (of the header). 0: the kernel told none. */
function packetInformation(view: DataView, slot: number): number {
  const header = layout.headers.at + slot * layout.headers.each
  const control = layout.controls.at + slot * layout.controls.each
  const present = view.getUint32(header + 40, true) >= 28
  const ours = view.getUint32(control + 8, true) === 0 && view.getUint32(control + 12, true) === linux.packetInfo
  return present && ours ? control + 16 : 0
}

export function writeHeader(arena: Arena, slot: number, { start, length, to }: Queued): void {
  const { view } = arena
  assert(slot < batchMax && start >= layout.payload.at, 'headers and payload keep to their places')
  assert(start + length <= arena.octets.length, 'what is sent lies in the arena')
  const header = layout.headers.at + slot * layout.headers.each
  const vector = layout.vectors.at + slot * layout.vectors.each
  writeSocketAddress(view, layout.addresses.at + slot * layout.addresses.each, to.address, to.port)
  view.setUint32(header + 8, layout.addresses.each, true)
  arena.setPointer(vector, start)
  arena.setUint64(vector + 8, length)
  const control = layout.controls.at + slot * layout.controls.each
  let used = 0
  if (to.fromAddress !== 0 || to.interfaceIndex !== 0) {
    writeControl(arena, control, { bytes: 28, level: ipLevel, type: linux.packetInfo })
    view.setUint32(control + 16, to.interfaceIndex, true)
    view.setUint32(control + 20, to.fromAddress)
    view.setUint32(control + 24, 0)
    used = 32
  }
  if (to.segmentBytes > 0 && length > to.segmentBytes) {
    writeControl(arena, control + used, { bytes: 18, level: udpLevel, type: udpSegment })
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

export function writeSocketAddress(view: DataView, at: number, address: number, port: number): void {
  view.setUint16(at, linux.inet, true)
  view.setUint16(at + 2, port)
  view.setUint32(at + 4, address)
}
