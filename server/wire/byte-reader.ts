/**
 * Reads network-order numbers and runs of octets from a datagram, front to back. Reading past the end is the
 * peer's fault and throws a DecodeError with the position; nothing is read twice and nothing is copied.
 */

import { DecodeError, type DecodeErrorCode } from './decode-error.ts'

export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #pastEnd: DecodeErrorCode
  readonly #start: number
  #offset = 0

  /** `start` is where `bytes` stands in its datagram, so that errors point at the right octet. */
  constructor(bytes: Uint8Array, pastEnd: DecodeErrorCode = 'too-short', start = 0) {
    this.#bytes = bytes
    this.#pastEnd = pastEnd
    this.#start = start
  }

  get offset(): number {
    return this.#start + this.#offset
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset
  }

  readUint8(): number {
    return this.#number(1)
  }

  readUint16(): number {
    return this.#number(2)
  }

  readUint32(): number {
    return this.#number(4)
  }

  /** A view of the next octets, not a copy. */
  readOctets(count: number): Uint8Array {
    if (count > this.remaining) throw new DecodeError(this.#pastEnd, this.offset)
    const octets = this.#bytes.subarray(this.#offset, this.#offset + count)
    this.#offset += count
    return octets
  }

  #number(octets: number): number {
    if (octets > this.remaining) throw new DecodeError(this.#pastEnd, this.offset)
    let value = 0
    for (let left = octets; left > 0; left--) value = value * 256 + (this.#bytes[this.#offset++] ?? 0)
    return value
  }
}
