/**
 * What an image has outside of its files, as one hash: what is read of it, and what it was laid out as, give the same. Octets go in
 * by pieces with their places; pieces of zeros alone are left out, and whatever is not named is zeros. Where a file lies goes in by
 * its path: the manifest has the hash of its octets.
 *
 *     POSITION LENGTH LF octets         a piece
 *     POSITION LENGTH PATH LF           a file
 *     LENGTH LF                         of the image
 */

import { createHash } from 'node:crypto'
import { assert } from '../../server/assert.ts'
import type { SignedImage } from '../../server/contract/medium.ts'
import { parseSha256, type Sha256 } from '../../server/site/content.ts'
import type { Layout } from '../layout/layout.ts'

/** Pieces end where a multiple of it does, so that they are the same however the octets come. */
const pieceBytes = 64 * 1024
const zeros = new Uint8Array(pieceBytes)

/** In the place of the right one, and as long. */
export const blankImage = describe(0, digestOf('0'.repeat(64)))

export class OutsideFiles {
  readonly #hash = createHash('sha256').update('reveille-image-1\n')
  readonly #piece = new Uint8Array(pieceBytes)
  #filled = 0
  #position = 0

  octets(octets: Uint8Array): void {
    for (let taken = 0; taken < octets.length; ) {
      const part = octets.subarray(taken, taken + this.#room())
      this.#piece.set(part, this.#filled)
      this.#advance(part.length)
      taken += part.length
    }
  }

  zeros(length: number): void {
    let rest = length
    while (rest > 0) {
      const isWhole = this.#filled === 0 && this.#room() === pieceBytes
      const count = isWhole && rest >= pieceBytes ? rest - (rest % pieceBytes) : Math.min(rest, this.#room())
      if (count >= pieceBytes) this.#position += count
      else this.octets(zeros.subarray(0, count))
      rest -= count
    }
  }

  file(path: string, length: number): void {
    this.#flush()
    this.#hash.update(`${this.#position} ${length} ${path}\n`)
    this.#position += length
  }

  end(): SignedImage {
    this.#flush()
    return describe(this.#position, digestOf(this.#hash.update(`${this.#position}\n`).digest('hex')))
  }

  #room(): number {
    return pieceBytes - (this.#position % pieceBytes)
  }

  #advance(length: number): void {
    this.#filled += length
    this.#position += length
    if (this.#position % pieceBytes === 0) this.#flush()
  }

  #flush(): void {
    const piece = this.#piece.subarray(0, this.#filled)
    const isZeros = Buffer.compare(piece, zeros.subarray(0, this.#filled)) === 0
    if (!isZeros) this.#hash.update(`${this.#position - this.#filled} ${this.#filled}\n`).update(piece)
    this.#filled = 0
  }
}

/** Of a layout whose sources are the paths of its files. */
export function signedImageOf({ extents }: Layout): SignedImage {
  const outside = new OutsideFiles()
  for (const extent of extents) {
    if (extent.kind === 'bytes') outside.octets(extent.bytes)
    else if (extent.kind === 'zeros') outside.zeros(extent.length)
    else outside.file(extent.source, extent.length)
  }
  return outside.end()
}

function describe(bytes: number, outsideFiles: Sha256): SignedImage {
  return { bytes: String(bytes).padStart(16, '0'), outsideFiles }
}

function digestOf(hex: string): Sha256 {
  const sha256 = parseSha256(hex)
  assert(sha256 !== undefined, 'a SHA-256 has 64 digits')
  return sha256
}
