/**
 * The content library: octets known by their SHA-256, each once, in `blobs/ab/ab…`. A blob appears complete or not at all
 * (written beside, synced, renamed), never changes, and is opened by its hash only, so no text from the network ever becomes
 * a path (C06), and a link that somebody planted is not followed (C07). Names and versions are the store's.
 */

import { createHash, randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { chmod, lstat, mkdir, open, readdir, rename, rm, unlink, utimes } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { assert } from '../assert.ts'
import { parseSha256 } from '../site/content.ts'
import type { Sha256 } from '../site/content.ts'
import { systemErrorCode } from '../caught-error.ts'
import { ContentError, isDiskFull } from './content-error.ts'
import { openBlob } from './open-blob.ts'
import type { OpenBlob } from './open-blob.ts'

/** An upload is given its version soon after its last octet; until then nothing refers to it and it must not be collected. */
export const youngBlobMs = 24 * 3_600_000

export interface LibraryOptions {
  /** `<data>/content`; made when it does not exist. */
  readonly directory: string
  /** The library refuses to grow beyond this. Absent: as far as the disk goes. */
  readonly bytesMax?: number
}

export interface StoredBlob {
  readonly sha256: Sha256
  readonly bytes: number
}

export interface Collected {
  readonly removed: readonly Sha256[]
  readonly bytes: number
}

export class ContentLibrary {
  readonly #blobs: string
  readonly #incoming: string
  readonly #bytesMax: number
  /** Blobs and uploads under way. */
  #bytesUsed = 0

  private constructor({ directory, bytesMax }: LibraryOptions) {
    this.#blobs = join(directory, 'blobs')
    this.#incoming = join(directory, 'incoming')
    this.#bytesMax = bytesMax ?? Number.POSITIVE_INFINITY
  }

  static async open(options: LibraryOptions): Promise<ContentLibrary> {
    const library = new ContentLibrary(options)
    // What a killed server was receiving is worth nothing without its rest.
    await rm(library.#incoming, { recursive: true, force: true })
    await mkdir(library.#incoming, { recursive: true })
    await mkdir(library.#blobs, { recursive: true })
    for (const blob of await library.list()) library.#bytesUsed += blob.bytes
    return library
  }

  /** Keeps what the source yields. When it fails, or is not what was expected, nothing of it stays. */
  async add(source: AsyncIterable<Uint8Array>, expected?: Sha256): Promise<StoredBlob> {
    const temporary = join(this.#incoming, randomUUID())
    const counted = { bytes: 0 }
    try {
      const blob = await this.#receive(source, temporary, counted)
      if (expected !== undefined && blob.sha256 !== expected) {
        throw new ContentError('hash-mismatch', `SHA-256 ${expected} was announced, and ${blob.sha256} arrived`)
      }
      if (!(await this.#place(temporary, blob))) this.#bytesUsed -= counted.bytes
      return blob
    } catch (error) {
      this.#bytesUsed -= counted.bytes
      await rm(temporary, { force: true })
      throw asFull(error, counted.bytes)
    }
  }

  /** Octets to look into before any of them is kept: on the disk and counted until they are closed, and nobody else's. */
  async spool(source: AsyncIterable<Uint8Array>): Promise<OpenBlob> {
    const temporary = join(this.#incoming, randomUUID())
    const counted = { bytes: 0 }
    const drop = async (): Promise<void> => {
      this.#bytesUsed -= counted.bytes
      await rm(temporary, { force: true })
    }
    try {
      await this.#receive(source, temporary, counted)
      const blob = await openBlob(await open(temporary, constants.O_RDONLY | constants.O_NOFOLLOW))
      const close = async (): Promise<void> => {
        await blob.close()
        await drop()
      }
      return { ...blob, close }
    } catch (error) {
      await drop()
      throw asFull(error, counted.bytes)
    }
  }

  /** Undefined: the library has no such blob, or what is in its place is not a file. */
  async open(sha256: Sha256): Promise<OpenBlob | undefined> {
    const handle = await this.#openFile(sha256)
    return handle && openBlob(handle)
  }

  /** Spares the blob from garbage collection for a day, as if it had just arrived; false: there is none. */
  async renew(sha256: Sha256): Promise<boolean> {
    const handle = await this.#openFile(sha256)
    if (handle === undefined) return false
    try {
      const now = new Date()
      await handle.utimes(now, now)
      return true
    } finally {
      await handle.close()
    }
  }

  async verify(sha256: Sha256): Promise<'good' | 'missing' | 'damaged'> {
    const handle = await this.#openFile(sha256)
    if (handle === undefined) return (await this.#exists(sha256)) ? 'damaged' : 'missing'
    try {
      const hash = createHash('sha256')
      for await (const chunk of handle.createReadStream({ autoClose: false })) hash.update(chunk)
      return hash.digest('hex') === sha256 ? 'good' : 'damaged'
    } finally {
      await handle.close()
    }
  }

  /** In the order of the hashes. */
  async list(): Promise<readonly StoredBlob[]> {
    const found: StoredBlob[] = []
    for (const shard of (await readdir(this.#blobs, { withFileTypes: true })).filter((entry) => entry.isDirectory())) {
      const entries = await readdir(join(this.#blobs, shard.name), { withFileTypes: true })
      for (const entry of entries.filter((one) => one.isFile())) {
        const sha256 = parseSha256(entry.name)
        if (sha256 === undefined || !sha256.startsWith(shard.name)) continue
        found.push({ sha256, bytes: (await lstat(this.#pathOf(sha256))).size })
      }
    }
    return found.toSorted((a, b) => (a.sha256 < b.sha256 ? -1 : 1))
  }

  /** Removes blobs that nobody keeps, unless they arrived within the last day. Readers that have one open keep reading it. */
  async collectGarbage(keep: ReadonlySet<Sha256>, nowMs: number): Promise<Collected> {
    const removed: StoredBlob[] = []
    for (const blob of await this.list()) {
      if (keep.has(blob.sha256)) continue
      const path = this.#pathOf(blob.sha256)
      if (nowMs - (await lstat(path)).mtimeMs < youngBlobMs) continue
      await unlink(path)
      this.#bytesUsed -= blob.bytes
      removed.push(blob)
    }
    return { removed: removed.map((blob) => blob.sha256), bytes: removed.reduce((sum, blob) => sum + blob.bytes, 0) }
  }

  async #receive(source: AsyncIterable<Uint8Array>, path: string, counted: { bytes: number }): Promise<StoredBlob> {
    const hash = createHash('sha256')
    const handle = await open(path, 'wx', 0o600)
    try {
      for await (const chunk of source) {
        counted.bytes += chunk.length
        this.#bytesUsed += chunk.length
        if (this.#bytesUsed > this.#bytesMax) {
          const message = `The content library may hold ${this.#bytesMax} bytes, and this would exceed it`
          throw new ContentError('full', message)
        }
        hash.update(chunk)
        await writeAll(handle, chunk)
      }
      await handle.sync()
    } finally {
      await handle.close()
    }
    const sha256 = parseSha256(hash.digest('hex'))
    assert(sha256 !== undefined, 'a SHA-256 is 64 hexadecimal digits')
    return { sha256, bytes: counted.bytes }
  }

  /** False: an equal blob is there already; it is kept, and counts as young again. */
  async #place(temporary: string, blob: StoredBlob): Promise<boolean> {
    const path = this.#pathOf(blob.sha256)
    const there = await this.#openFile(blob.sha256)
    const size = (await there?.stat())?.size
    await there?.close()
    if (size === blob.bytes) {
      const now = new Date()
      await utimes(path, now, now)
      await rm(temporary)
      return false
    }
    // A shortened file left by a broken disk is replaced; its octets were counted when the library was opened.
    if (size !== undefined) this.#bytesUsed -= size
    const shard = join(path, '..')
    await mkdir(shard, { recursive: true })
    await chmod(temporary, 0o444)
    await rename(temporary, path)
    await syncDirectory(shard)
    return true
  }

  async #openFile(sha256: Sha256): Promise<FileHandle | undefined> {
    const path = this.#pathOf(sha256)
    try {
      if (!(await lstat(join(path, '..'))).isDirectory()) return undefined
      const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
      if ((await handle.stat()).isFile()) return handle
      await handle.close()
      return undefined
    } catch (error) {
      // ELOOP is the link that O_NOFOLLOW did not follow.
      if (['ENOENT', 'ELOOP', 'EISDIR', 'ENXIO'].includes(systemErrorCode(error) ?? '')) return undefined
      throw error
    }
  }

  async #exists(sha256: Sha256): Promise<boolean> {
    try {
      await lstat(this.#pathOf(sha256))
      return true
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return false
      throw error
    }
  }

  #pathOf(sha256: Sha256): string {
    assert(parseSha256(sha256) !== undefined, 'a blob is named by its SHA-256')
    return join(this.#blobs, sha256.slice(0, 2), sha256)
  }
}

/** The error itself, unless the disk is full. */
function asFull(error: unknown, bytes: number): unknown {
  if (!isDiskFull(error)) return error
  const message = `The disk of the content library is full: nothing was kept of the ${bytes} bytes received`
  return new ContentError('full', message, { cause: error })
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let written = 0; written < chunk.length; ) {
    written += (await handle.write(chunk, written)).bytesWritten
  }
}

/** The name of a new file is on the disk only when its directory is. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
