/**
 * Reads and writes what a layout describes: opens the files that its extents name, and nothing else. Where the files
 * are is for the caller to say; that they did not change since is for whoever named them by their hash.
 */

import { type FileHandle, open } from 'node:fs/promises'
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
 * Writes the whole image from the first octet on; while one piece is written, the next one is read. In a file zeros become
 * holes, and what was there before is gone; on a device they are written, since it has other octets there. The caller closes
 * the handle, and syncs it when that matters.
 */
export async function writeLayout(layout: Layout, target: FileHandle, options: WriteOptions): Promise<void> {
  const isFile = (await target.stat()).isFile()
  if (isFile) await target.truncate(0)
  const sources = new OpenSource(options, pieceBuffers())
  const isHole = ({ kind }: Extent): boolean => isFile && kind === 'zeros'
  try {
    for await (const { position, octets } of readAhead(placedPieces(layout, sources, { isHole, ...options }))) {
      await writeAll(target, octets, position)
      options.onProgress?.(position + octets.length, layout.length)
    }
    if (isFile) await target.truncate(layout.length)
    options.onProgress?.(layout.length, layout.length)
  } finally {
    await sources.close()
  }
}

/** One is written while the other is filled. */
function pieceBuffers(): readonly Uint8Array[] {
  return [Buffer.allocUnsafeSlow(pieceBytesMax), Buffer.allocUnsafeSlow(pieceBytesMax)]
}

interface PlacedPiece {
  readonly position: number
  readonly octets: Uint8Array
}

async function* placedPieces(
  layout: Layout,
  sources: OpenSource,
  { isHole, signal }: { readonly isHole: (extent: Extent) => boolean; readonly signal?: AbortSignal },
): AsyncGenerator<PlacedPiece, void, undefined> {
  for (const [index, extent] of layout.extents.entries()) {
    if (isHole(extent)) continue
    let position = layout.starts[index] ?? 0
    for await (const octets of readExtent(extent, sources, signal)) {
      yield { position, octets }
      position += octets.length
    }
  }
}

/** The next piece is fetched while the caller is busy with the one before. */
async function* readAhead<Piece>(pieces: AsyncGenerator<Piece, void>): AsyncGenerator<Piece, void, undefined> {
  let next = pieces.next()
  try {
    for (;;) {
      const { value, done } = await next
      if (done === true) return
      next = pieces.next()
      // Whoever ends early asks for it no more.
      next.catch(() => {})
      yield value
    }
  } finally {
    await next.catch(() => {})
    await pieces.return()
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

/** `write` may write less than it was given. */
async function writeAll(target: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await target.write(bytes, written, bytes.length - written, position + written)
    written += bytesWritten
  }
}

/** The file that is being read: extents of one source follow each other, so more than one need not be open. */
class OpenSource {
  readonly #pathOf: (source: string) => string
  readonly #kept: readonly Uint8Array[]
  #turn = 0
  #open: { readonly source: string; readonly path: string; readonly handle: FileHandle } | undefined

  /** `kept`: what pieces are read into in turn, for whoever holds one fewer at a time; without, each has memory of its own. */
  constructor({ pathOf }: ReadOptions, kept: readonly Uint8Array[] = []) {
    this.#pathOf = pathOf
    this.#kept = kept
  }

  async read(source: string, position: number, length: number): Promise<Uint8Array> {
    const { handle, path } = await this.#opened(source)
    // Not cleared: of what was there before nothing is returned.
    const bytes = this.#kept[this.#turn++ % this.#kept.length] ?? Buffer.allocUnsafeSlow(length)
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
