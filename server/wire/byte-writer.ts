/**
 * Collects octets in network order into a buffer of a size that is fixed beforehand: whoever writes a packet knows
 * its limit, and writing past it is our own mistake.
 */

import { assert } from '../assert.ts'

export class ByteWriter {
  readonly #bytes: Uint8Array
  #length = 0

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity)
  }

  get length(): number {
    return this.#length
  }

  writeUint8(value: number): void {
    this.#number(value, 1)
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
    assert(octets.length <= width, `${octets.length} octets do not fit a field of ${width}`)
    assert(this.#length + width <= this.#bytes.length, 'a packet outgrew its limit')
    // The buffer was zeros to begin with.
    this.#bytes.set(octets, this.#length)
    this.#length += width
  }

  /** What was written so far. */
  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  #number(value: number, octets: number): void {
    assert(Number.isInteger(value) && value >= 0 && value < 256 ** octets, 'a number fits its octets')
    assert(this.#length + octets <= this.#bytes.length, 'a packet outgrew its limit')
    for (let shift = (octets - 1) * 8; shift >= 0; shift -= 8) this.#bytes[this.#length++] = (value >>> shift) & 255
  }
}
