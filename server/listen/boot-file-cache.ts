/**
 * Pieces of boot files in memory, shared by all transfers: two hundred machines that load one image read it from the
 * disk once (T24). The oldest pieces go first when the bound is reached.
 */

import type { BootFile } from './boot-file-source.ts'

export const pieceBytes = 256 * 1024

export class BootFileCache {
  readonly #pieces = new Map<string, Uint8Array | Promise<Uint8Array>>()
  readonly #piecesMax: number

  constructor(bytesMax: number) {
    this.#piecesMax = Math.max(4, Math.floor(bytesMax / pieceBytes))
  }

  /** The octets themselves when they are here, else a promise of them. */
  piece(file: BootFile, index: number): Uint8Array | Promise<Uint8Array> {
    const key = `${file.version}\0${index}`
    const known = this.#pieces.get(key)
    if (known === undefined) return this.#load(file, key, index)
    return known
  }

  /** Begins to load a piece that will be wanted soon. Its failure is reported to the transfer that comes to need it. */
  prefetch(file: BootFile, index: number): void {
    if (index * pieceBytes >= file.bytes) return
    const piece = this.piece(file, index)
    if (piece instanceof Promise) piece.catch(() => undefined)
  }

  #load(file: BootFile, key: string, index: number): Uint8Array | Promise<Uint8Array> {
    const offset = index * pieceBytes
    const wanted = Math.min(pieceBytes, file.bytes - offset)
    const read = file.read(offset, wanted)
    const piece = read instanceof Uint8Array ? whole(read, wanted) : this.#arriving(read, key, wanted)
    this.#keep(key, piece)
    return piece
  }

  async #arriving(read: Promise<Uint8Array>, key: string, wanted: number): Promise<Uint8Array> {
    try {
      const piece = whole(await read, wanted)
      if (this.#pieces.has(key)) this.#pieces.set(key, piece)
      return piece
    } catch (error) {
      this.#pieces.delete(key)
      throw error
    }
  }

  #keep(key: string, piece: Uint8Array | Promise<Uint8Array>): void {
    this.#pieces.set(key, piece)
    const oldest = this.#pieces.keys().next()
    if (this.#pieces.size > this.#piecesMax && !oldest.done) this.#pieces.delete(oldest.value)
  }
}

/** A file that is shorter than it said would put wrong octets on a disk: better none. */
function whole(piece: Uint8Array, wanted: number): Uint8Array {
  if (piece.length !== wanted) throw new Error(`a boot file gave ${piece.length} octets instead of ${wanted}`)
  return piece
}
