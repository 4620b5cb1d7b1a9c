/**
 * Reads and writes what a layout describes: opens the files that its extents name, and nothing else. Where the files
 * are is for the caller to say; that they did not change since is for whoever named them by their hash.
 */

import { closeSync, openSync, read, writeSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Extent, eachExtentBetween, extentLength, type Layout } from './layout/layout.ts'

export interface ReadOptions {
  /** The file that a source id means. */
  readonly pathOf: (source: string) => string
  readonly signal?: AbortSignal
}

export interface WriteOptions extends ReadOptions {
  /** Octets that are in their place, zeros that were skipped among them, of how many. */
  readonly onProgress?: (octets: number, total: number) => void
}

/** Enough that disks are busy and not our loop; a reader holds one such piece, a writer two. */
const pieceBytesMax = 1024 * 1024
const zeros = new Uint8Array(64 * 1024)

export class SourceTooShortError extends Error {
  override readonly name = 'SourceTooShortError'
  readonly source: string

  constructor(source: string, path: string, expectedBytes: number) {
    super(`${path} (${source}) has fewer than ${expectedBytes} octets: it is not the file that the medium was made of`)
    this.source = source
  }
}

/** The octets from `from` up to, and without, `to`. A piece is the reader's until it asks for the next one, and not to be changed. */
export async function* readLayout(
  layout: Layout,
  range: { readonly from: number; readonly to: number },
  options: ReadOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const sources = new OpenSource(options)
  try {
    for (const extent of eachExtentBetween(layout, range.from, range.to))
      yield* readExtent(extent, sources, options.signal)
  } finally {
    await sources.close()
  }
}

/**
 * Writes the whole image from the first octet on. In a file zeros become holes, and what was there before is gone; on a device
 * they are written, since it has other octets there. It writes in this thread, while another reads what comes next: for
 * programs, not for servers. The caller closes the handle, and syncs it when that matters.
 */
export async function writeLayout(layout: Layout, target: FileHandle, options: WriteOptions): Promise<void> {
  const before = await target.stat()
  const isFile = before.isFile()
  // Of a file that was emptied, ext4 puts all on the disk before it is closed.
  if (isFile && before.size > 0) await target.truncate(0)
  const ahead = new ReadAhead(options.pathOf, piecesOf(layout, isFile))
  let turnDue = turnBytes
  try {
    for (let piece = await ahead.next(); piece !== undefined; piece = await ahead.next()) {
      options.signal?.throwIfAborted()
      writeFully(target.fd, piece.octets, piece.position)
      const written = piece.position + piece.octets.length
      if (written < turnDue) continue
      turnDue = written + turnBytes
      options.onProgress?.(written, layout.length)
      await nextTurn()
    }
    if (isFile) await target.truncate(layout.length)
    options.onProgress?.(layout.length, layout.length)
  } finally {
    await ahead.close()
  }
}

/** A few milliseconds. */
const turnBytes = 8 * 1024 * 1024

interface Piece {
  readonly extent: Extent
  /** In the extent. */
  readonly from: number
  readonly length: number
  /** In the image. */
  readonly position: number
}

function* piecesOf(layout: Layout, withoutZeros: boolean): Generator<Piece, void, undefined> {
  for (const [index, extent] of layout.extents.entries()) {
    if (withoutZeros && extent.kind === 'zeros') continue
    const start = layout.starts[index] ?? 0
    const whole = extentLength(extent)
    const most = extent.kind === 'zeros' ? zeros.length : pieceBytesMax
    for (let from = 0; from < whole; from += most) {
      yield { extent, from, length: Math.min(most, whole - from), position: start + from }
    }
  }
}

interface ReadPiece {
  readonly octets: Uint8Array
  readonly position: number
}

/** Reads the next piece while the last one is written. Octets are good until the next one is asked for. */
class ReadAhead {
  readonly #pathOf: (source: string) => string
  readonly #pieces: Generator<Piece, void, undefined>
  /** One that may grow begins with a page, and the kernel copies whole pages a fifth faster (Linux 6.18, ext4). */
  readonly #rooms = new ArrayBuffer(2 * pieceBytesMax, { maxByteLength: 2 * pieceBytesMax })
  #room = 0
  #open: { readonly source: string; readonly path: string; readonly descriptor: number } | undefined
  #reading: Promise<ReadPiece | undefined>

  constructor(pathOf: (source: string) => string, pieces: Generator<Piece, void, undefined>) {
    this.#pathOf = pathOf
    this.#pieces = pieces
    this.#reading = this.#ahead()
  }

  async next(): Promise<ReadPiece | undefined> {
    const piece = await this.#reading
    if (piece !== undefined) this.#reading = this.#ahead()
    return piece
  }

  async close(): Promise<void> {
    await this.#reading.catch(() => {})
    if (this.#open !== undefined) closeSync(this.#open.descriptor)
    this.#open = undefined
  }

  /** What fails is told to whoever asks for that piece, and nobody may. */
  #ahead(): Promise<ReadPiece | undefined> {
    const reading = this.#nextOne()
    reading.catch(() => {})
    return reading
  }

  async #nextOne(): Promise<ReadPiece | undefined> {
    const { value: piece } = this.#pieces.next()
    return piece ? { octets: await this.#octetsOf(piece), position: piece.position } : undefined
  }

  async #octetsOf({ extent, from, length }: Piece): Promise<Uint8Array> {
    switch (extent.kind) {
      case 'bytes':
        return extent.bytes.subarray(from, from + length)
      case 'zeros':
        return zeros.subarray(0, length)
      case 'source':
        return this.#read(extent.source, extent.offset + from, length)
      default:
        return extent satisfies never
    }
  }

  async #read(source: string, position: number, length: number): Promise<Uint8Array> {
    const { descriptor, path } = this.#opened(source)
    this.#room = pieceBytesMax - this.#room
    const room = new Uint8Array(this.#rooms, this.#room, length)
    for (let done = 0; done < length; ) {
      const count = await readSome(descriptor, room.subarray(done), position + done)
      if (count === 0) throw new SourceTooShortError(source, path, position + length)
      done += count
    }
    return room
  }

  #opened(source: string) {
    if (this.#open?.source === source) return this.#open
    if (this.#open !== undefined) closeSync(this.#open.descriptor)
    this.#open = undefined
    const path = this.#pathOf(source)
    this.#open = { source, path, descriptor: openSync(path, 'r') }
    return this.#open
  }
}

/** Of a descriptor: a handle of `node:fs/promises` takes as long again for its own. */
function readSome(descriptor: number, room: Uint8Array, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(descriptor, room, 0, room.length, position, (error, count) =>
      error === null ? resolve(count) : reject(error),
    )
  })
}

/** `write` may write less than it was given. */
function writeFully(descriptor: number, octets: Uint8Array, position: number): void {
  for (let written = 0; written < octets.length; ) {
    written += writeSync(descriptor, octets, written, octets.length - written, position + written)
  }
}

async function* readExtent(
  extent: Extent,
  sources: OpenSource,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const length = extentLength(extent)
  for (let done = 0; done < length; ) {
    signal?.throwIfAborted()
    const piece = await readPiece(extent, done, sources)
    yield piece
    done += piece.length
  }
}

async function readPiece(extent: Extent, from: number, sources: OpenSource): Promise<Uint8Array> {
  switch (extent.kind) {
    case 'bytes':
      return extent.bytes.subarray(from, from + pieceBytesMax)
    case 'zeros':
      return zeros.subarray(0, Math.min(zeros.length, extent.length - from))
    case 'source':
      return sources.read(extent.source, extent.offset + from, Math.min(pieceBytesMax, extent.length - from))
    default:
      return extent satisfies never
  }
}

/** The file that is being read: extents of one source follow each other, so more than one need not be open. */
class OpenSource {
  readonly #pathOf: (source: string) => string
  #open: { readonly source: string; readonly path: string; readonly handle: FileHandle } | undefined

  constructor({ pathOf }: ReadOptions) {
    this.#pathOf = pathOf
  }

  /** In memory of its own. */
  async read(source: string, position: number, length: number): Promise<Uint8Array> {
    const { handle, path } = await this.#opened(source)
    // Not cleared: of what was there before nothing is returned.
    const bytes = Buffer.allocUnsafeSlow(length)
    const { bytesRead } = await handle.read(bytes, 0, length, position)
    if (bytesRead === 0) throw new SourceTooShortError(source, path, position + length)
    return bytes.subarray(0, bytesRead)
  }

  async close(): Promise<void> {
    const last = this.#open
    this.#open = undefined
    await last?.handle.close()
  }

  async #opened(source: string): Promise<{ readonly path: string; readonly handle: FileHandle }> {
    if (this.#open?.source === source) return this.#open
    await this.close()
    const path = this.#pathOf(source)
    this.#open = { source, path, handle: await open(path) }
    return this.#open
  }
}
