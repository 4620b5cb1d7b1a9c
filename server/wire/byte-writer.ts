/**
 * Collects octets in network order into a buffer of a size that is fixed beforehand: whoever writes a packet knows
 * its limit, and writing past it is our own mistake. Whoever writes many packets lends one buffer to all of them.
 */

import { assert } from '../assert.ts'

export class ByteWriter {
  readonly #bytes: Uint8Array
  #length = 0

  /** A lent buffer is overwritten. */
  constructor(room: number | Uint8Array) {
    this.#bytes = typeof room === 'number' ? new Uint8Array(room) : room.fill(0)
  }

  get length(): number {
    return this.#length
  }

  writeUint8(value: number): void {
    assert(Number.isInteger(value) && value >= 0 && value <= largest[1], 'a number fits its octets')
    assert(this.#length < this.#bytes.length, 'a packet outgrew its limit')
    this.#bytes[this.#length++] = value
  }

  writeUint16(value: number): void {
    this.#number(value, 2)
  }

  writeUint32(value: number): void {
    this.#number(value, 4)
  }

  writeOctets(octets: Uint8Array): void {
    assert(this.#length + octets.length <= this.#bytes.length, 'a packet outgrew its limit')
    this.#bytes.set(octets, this.#length)
    this.#length += octets.length
  }

  /** Writes `octets` and zeros after them, `width` octets together. */
  writePadded(octets: Uint8Array, width: number): void {
    assert(octets.length <= width, 'octets outgrew their field')
    assert(this.#length + width <= this.#bytes.length, 'a packet outgrew its limit')
    // The buffer was zeros to begin with.
    this.#bytes.set(octets, this.#length)
    this.#length += width
  }

  /** What was written so far: a view of the buffer. */
  toBytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  #number(value: number, octets: 2 | 4): void {
    assert(Number.isInteger(value) && value >= 0 && value <= largest[octets], 'a number fits its octets')
    assert(this.#length + octets <= this.#bytes.length, 'a packet outgrew its limit')
    for (let shift = (octets - 1) * 8; shift >= 0; shift -= 8) this.#bytes[this.#length++] = (value >>> shift) & 255
  }
}

const largest = { 1: 0xff, 2: 0xffff, 4: 0xffff_ffff } as const
