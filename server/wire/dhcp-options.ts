/**
 * Areas of DHCP options: walking them (RFC 2132 section 2), joining values that were split over several instances or
 * over `file` and `sname` (RFC 3396), and writing them back. Codes and octets only; no meaning.
 */

import { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import { DecodeError } from './decode-error.ts'
import { OptionCode } from './dhcp-option-code.ts'

export type DhcpOption = readonly [code: number, value: Uint8Array]

/**
 * Joined values by code, in the order of first appearance. Never pad, end or overload: those are layout. A Map of them will do;
 * what is received and what is sent thousands of times a second has its own forms, which make fewer objects.
 */
export interface DhcpOptions extends Iterable<DhcpOption> {
  get(code: number): Uint8Array | undefined
  has(code: number): boolean
}

/** What is to be sent, in this order; no code comes twice. */
export class OptionList implements DhcpOptions {
  readonly #options: readonly DhcpOption[]

  constructor(options: readonly DhcpOption[]) {
    this.#options = options
  }

  get(code: number): Uint8Array | undefined {
    for (const [each, value] of this.#options) if (each === code) return value
    return undefined
  }

  has(code: number): boolean {
    return this.get(code) !== undefined
  }

  [Symbol.iterator](): Iterator<DhcpOption> {
    return this.#options[Symbol.iterator]()
  }
}

/** Longer values have no honest use and make every later step slower (security C03). */
const optionBytesMax = 1024
/** One instance holds what one length octet can say. */
const instanceBytesMax = 255

/** Finds each value in the octets when it is asked for: a server asks for few, and a table of all of them costs more. */
class OptionsInPlace implements DhcpOptions {
  readonly #area: Uint8Array

  constructor(area: Uint8Array) {
    this.#area = area
  }

  get(code: number): Uint8Array | undefined {
    const at = this.#find(code)
    return at === -1 ? undefined : this.#valueAt(at)
  }

  has(code: number): boolean {
    return this.#find(code) !== -1
  }

  *[Symbol.iterator](): Iterator<DhcpOption> {
    for (let at = 0; at < this.#area.length; ) {
      const code = this.#area[at] ?? 0
      if (code === OptionCode.end) return
      if (code !== OptionCode.pad) yield [code, this.#valueAt(at)]
      at = nextOption(this.#area, at)
    }
  }

  #valueAt(at: number): Uint8Array {
    return this.#area.subarray(at + 2, nextOption(this.#area, at))
  }

  #find(code: number): number {
    for (let at = 0; at < this.#area.length; at = nextOption(this.#area, at)) {
      const found = this.#area[at] ?? 0
      if (found === OptionCode.end) return -1
      if (found === code && code !== OptionCode.pad) return at
    }
    return -1
  }
}

function nextOption(area: Uint8Array, at: number): number {
  return area[at] === OptionCode.pad ? at + 1 : at + 2 + (area[at + 1] ?? 0)
}

const codesMet = new Uint8Array(256)
/** Twice what firmware sends. Each look-up walks over all before it, so more of them, or of pads, belong into a table. */
const stepsInPlaceMax = 64

/**
 * What nearly all machines send: an area with few options, each in one piece and none past its end. Undefined: it is not like
 * that, and `decodeOptionArea` says what it is.
 */
export function optionsInPlace(area: Uint8Array): DhcpOptions | undefined {
  codesMet.fill(0)
  let at = 0
  for (let steps = 0; at < area.length && area[at] !== OptionCode.end; at = nextOption(area, at)) {
    const code = area[at] ?? 0
    steps += 1
    if (steps > stepsInPlaceMax) return undefined
    if (code === OptionCode.pad) continue
    if (codesMet[code] === 1 || code === OptionCode.overload || at + 1 === area.length) return undefined
    codesMet[code] = 1
  }
  return at > area.length ? undefined : new OptionsInPlace(area)
}

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
