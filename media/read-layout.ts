/**
 * Reads and writes what a layout describes: opens the files that its extents name, and nothing else. Where the files
 * are is for the caller to say; that they did not change since is for whoever named them by their hash.
 */

import { closeSync, openSync, readSync, writeSync } from 'node:fs'
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

/** Enough that disks are busy and not our loop; a reader holds one such piece. */
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
 * they are written, since it has other octets there. It reads and writes in this thread, which others have in between: for
 * programs, not for servers. The caller closes the handle, and syncs it when that matters.
 */
export async function writeLayout(layout: Layout, target: FileHandle, options: WriteOptions): Promise<void> {
  const before = await target.stat()
  const isFile = before.isFile()
  // Of a file that was emptied, ext4 puts all on the disk before it is closed.
  if (isFile && before.size > 0) await target.truncate(0)
  const source = new WaitedSource(options.pathOf)
  let turnDue = turnBytes
  try {
    for (const [index, extent] of layout.extents.entries()) {
      if (isFile && extent.kind === 'zeros') continue
      const start = layout.starts[index] ?? 0
      for (let done = 0; done < extentLength(extent); ) {
        const piece = pieceNow(extent, done, source)
        writeFully(target.fd, piece, start + done)
        done += piece.length
        if (start + done < turnDue) continue
        turnDue = start + done + turnBytes
        options.onProgress?.(start + done, layout.length)
        await nextTurn()
        options.signal?.throwIfAborted()
      }
    }
    if (isFile) await target.truncate(layout.length)
    options.onProgress?.(layout.length, layout.length)
  } finally {
    source.close()
  }
}

/** What stays in the processor's cache; written in pieces of a megabyte, files were measured to be five times slower (Linux 6.18, ext4). */
const writtenAtOnce = 128 * 1024
/** A few milliseconds. */
const turnBytes = 8 * 1024 * 1024

function pieceNow(extent: Extent, from: number, source: WaitedSource): Uint8Array {
  switch (extent.kind) {
    case 'bytes':
      return extent.bytes.subarray(from, from + writtenAtOnce)
    case 'zeros':
      return zeros.subarray(0, Math.min(zeros.length, extent.length - from))
    case 'source':
      return source.read(extent.source, extent.offset + from, extent.length - from)
    default:
      return extent satisfies never
  }
}

/** The file that is being read, by whoever may wait for it: to ask another thread takes as long as 30 pieces. */
class WaitedSource {
  readonly #pathOf: (source: string) => string
  readonly #room = Buffer.allocUnsafeSlow(writtenAtOnce)
  #open: { readonly source: string; readonly path: string; readonly descriptor: number } | undefined

  constructor(pathOf: (source: string) => string) {
    this.#pathOf = pathOf
  }

  /** Good until the next one. */
  read(source: string, position: number, lengthMax: number): Uint8Array {
    const { descriptor, path } = this.#opened(source)
    const length = Math.min(lengthMax, this.#room.length)
    const count = readSync(descriptor, this.#room, 0, length, position)
    if (count === 0) throw new SourceTooShortError(source, path, position + length)
    return this.#room.subarray(0, count)
  }

  close(): void {
    if (this.#open !== undefined) closeSync(this.#open.descriptor)
    this.#open = undefined
  }

  #opened(source: string) {
    if (this.#open?.source === source) return this.#open
    this.close()
    const path = this.#pathOf(source)
    this.#open = { source, path, descriptor: openSync(path, 'r') }
    return this.#open
  }
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
