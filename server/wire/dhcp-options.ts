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

/** One instance of an option, as it stood in the datagram. */
export interface OptionInstance {
  readonly code: number
  readonly value: Uint8Array
}

/** Stops at the End option; what follows it is ignored. Old ROMs leave End out, so the area's end will do (D4-16). */
export function decodeOptionArea(area: Uint8Array, start: number): readonly OptionInstance[] {
  const reader = new ByteReader(area, 'dhcp-option-past-end', start)
  const instances: OptionInstance[] = []
  while (reader.remaining > 0) {
    const code = reader.readUint8()
    if (code === OptionCode.end) break
    if (code === OptionCode.pad) continue
    instances.push({ code, value: reader.readOctets(reader.readUint8()) })
  }
  return instances
}

/** RFC 3396 section 7: the pieces of one code follow one another in the order in which they were met. */
export function joinInstances(instances: readonly OptionInstance[]): DhcpOptions {
  const pieces = new Map<number, Uint8Array[]>()
  for (const { code, value } of instances) {
    const before = pieces.get(code)
    if (before === undefined) pieces.set(code, [value])
    else before.push(value)
  }
  const options = new Map<number, Uint8Array>()
  for (const [code, values] of pieces) options.set(code, concatenate(values))
  return options
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

function concatenate(values: readonly Uint8Array[]): Uint8Array {
  const total = values.reduce((sum, value) => sum + value.length, 0)
  if (total > optionBytesMax) throw new DecodeError('dhcp-option-too-long', 0)
  const joined = new Uint8Array(total)
  let offset = 0
  for (const value of values) {
    joined.set(value, offset)
    offset += value.length
  }
  return joined
}
