/**
 * Boot files in memory, in pieces, shared by all transfers: two hundred machines that load one image open it once and read
 * it from the disk once (T24). The oldest pieces go first when the bound is reached.
 */

import { assert } from '../assert.ts'
import { asError } from '../caught-error.ts'
import type { BootFile } from './boot-file-source.ts'

export const pieceBytes = 256 * 1024
/** A window of 1 MiB (TF-41) lies in five pieces, and the next one is read ahead. */
const piecesLeast = 8

type Piece = Uint8Array | Promise<Uint8Array>

export class BootFileCache {
  readonly #files = new Map<string, CachedBootFile>()
  /** In the order in which they were asked for. */
  readonly #pieces = new Set<KeptPiece>()
  readonly #piecesMax: number

  constructor(bytesMax: number) {
    this.#piecesMax = Math.max(piecesLeast, Math.floor(bytesMax / pieceBytes))
  }

  /** Of files of one version, one stays open, and is closed with the last transfer. */
  adopt(file: BootFile): CachedBootFile {
    const known = this.#files.get(file.version) ?? new CachedBootFile(file, this)
    this.#files.set(file.version, known)
    known.take(file)
    return known
  }

  keep(piece: KeptPiece): void {
    this.#pieces.add(piece)
    const oldest = this.#pieces.values().next()
    if (this.#pieces.size > this.#piecesMax && !oldest.done) this.drop(oldest.value)
  }

  drop(piece: KeptPiece): void {
    this.#pieces.delete(piece)
    piece.file.forget(piece.index)
    this.left(piece.file)
  }

  /** Nobody has it open, or a piece of it has gone. */
  left(file: CachedBootFile): void {
    if (file.isUnused) this.#files.delete(file.version)
  }
}

/** One version of one file, for all transfers of it. */
export class CachedBootFile {
  readonly bytes: number
  readonly version: string
  readonly #cache: BootFileCache
  readonly #pieces = new Map<number, Piece>()
  #source: BootFile | undefined
  #users = 0

  constructor({ bytes, version }: BootFile, cache: BootFileCache) {
    this.bytes = bytes
    this.version = version
    this.#cache = cache
  }

  get isUnused(): boolean {
    return this.#users === 0 && this.#pieces.size === 0
  }

  take(source: BootFile): void {
    this.#users++
    if (this.#source === undefined) this.#source = source
    else source.close()
  }

  /** Once for each `adopt`. */
  close(): void {
    this.#users--
    if (this.#users > 0) return
    this.#source?.close()
    this.#source = undefined
    this.#cache.left(this)
  }

  /** The octets themselves when they are here, else a promise of them. */
  piece(index: number): Piece {
    return this.#pieces.get(index) ?? this.#load(index)
  }

  /** Begins to load a piece that will be wanted soon. Its failure is reported to the transfer that comes to need it. */
  prefetch(index: number): void {
    if (index * pieceBytes >= this.bytes || this.#pieces.has(index)) return
    const piece = this.#load(index)
    if (piece instanceof Promise) piece.catch(() => undefined)
  }

  forget(index: number): void {
    this.#pieces.delete(index)
  }

  /** A source may fail at once or later; both come out as a rejection. */
  #load(index: number): Piece {
    const offset = index * pieceBytes
    const wanted = Math.min(pieceBytes, this.bytes - offset)
    assert(this.#source !== undefined, 'who reads has the file open')
    try {
      const read = this.#source.read(offset, wanted)
      const kept = { file: this, index }
      const piece = read instanceof Uint8Array ? whole(read, wanted) : this.#arriving(read, kept, wanted)
      this.#pieces.set(index, piece)
      this.#cache.keep(kept)
      return piece
    } catch (error) {
      return Promise.reject(asError(error))
    }
  }

  async #arriving(read: Promise<Uint8Array>, kept: KeptPiece, wanted: number): Promise<Uint8Array> {
    try {
      const piece = whole(await read, wanted)
      if (this.#pieces.has(kept.index)) this.#pieces.set(kept.index, piece)
      return piece
    } catch (error) {
      this.#cache.drop(kept)
      throw error
    }
  }
}

interface KeptPiece {
  readonly file: CachedBootFile
  readonly index: number
}

/** A file that is shorter than it said would put wrong octets on a disk: better none. */
function whole(piece: Uint8Array, wanted: number): Uint8Array {
  if (piece.length !== wanted) throw new Error(`a boot file gave ${piece.length} octets instead of ${wanted}`)
  return piece
}
