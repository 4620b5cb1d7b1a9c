/**
 * Areas of DHCP options: walking them (RFC 2132 section 2), joining values that were split over several instances or
 * over `file` and `sname` (RFC 3396), and writing them back. Codes and octets only; no meaning.
 */

import { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import { DecodeError } from './decode-error.ts'
import { OptionCode } from './dhcp-option-code.ts'

/** Joined values by code, in the order of first appearance. Never pad, end or overload: those are layout. */
export type DhcpOptions = ReadonlyMap<number, Uint8Array>

/** Longer values have no honest use and make every later step slower (security C03). */
const optionBytesMax = 1024
/** One instance holds what one length octet can say. */
const instanceBytesMax = 255

/**
 * Adds the options of one area. The pieces of a code follow one another in the order in which they are met (RFC 3396
 * section 7); a value in one piece stays a view of its datagram. Reading stops at the End option, and what follows it is
 * ignored; old ROMs leave End out, so the area's end will do (D4-16).
 */
export function decodeOptionArea(area: Uint8Array, start: number, into: Map<number, Uint8Array>): void {
  const reader = new ByteReader(area, 'dhcp-option-past-end', start)
  while (reader.remaining > 0) {
    const code = reader.readUint8()
    if (code === OptionCode.end) return
    if (code === OptionCode.pad) continue
    const value = reader.readOctets(reader.readUint8())
    const before = into.get(code)
    into.set(code, before === undefined ? value : joined(before, value))
  }
}

/** How many octets an option takes when it is written: two of header for each 255 of value, two when it is empty. */
export function optionBytes(value: Uint8Array): number {
  return value.length + 2 * Math.max(1, Math.ceil(value.length / instanceBytesMax))
}

/** No pad comes between options: old U-Boot and Raspberry Pi loaders stumble over it (R22). */
export function encodeOption(writer: ByteWriter, code: number, value: Uint8Array): void {
  if (value.length <= instanceBytesMax) {
    writer.writeUint8(code)
    writer.writeUint8(value.length)
    return writer.writeOctets(value)
  }
  for (let start = 0; start < value.length; start += instanceBytesMax) {
    const piece = value.subarray(start, start + instanceBytesMax)
    writer.writeUint8(code)
    writer.writeUint8(piece.length)
    writer.writeOctets(piece)
  }
}

function joined(before: Uint8Array, value: Uint8Array): Uint8Array {
  const total = before.length + value.length
  if (total > optionBytesMax) throw new DecodeError('dhcp-option-too-long', 0)
  const octets = new Uint8Array(total)
  octets.set(before)
  octets.set(value, before.length)
  return octets
}
