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
  readonly #partial: string
  readonly #bytesMax: number
  /** Blobs and uploads under way. */
  #bytesUsed = 0

  private constructor({ directory, bytesMax }: LibraryOptions) {
    this.#blobs = join(directory, 'blobs')
    this.#incoming = join(directory, 'incoming')
    this.#partial = join(directory, 'partial')
    this.#bytesMax = bytesMax ?? Number.POSITIVE_INFINITY
  }

  static async open(options: LibraryOptions): Promise<ContentLibrary> {
    const library = new ContentLibrary(options)
    // What a killed server was receiving is worth nothing without its rest.
    await rm(library.#incoming, { recursive: true, force: true })
    await mkdir(library.#incoming, { recursive: true })
    await mkdir(library.#blobs, { recursive: true })
    for (const blob of await library.list()) library.#bytesUsed += blob.bytes
    for (const part of await library.#partials()) library.#bytesUsed += part.bytes
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

  /**
   * Fetches a blob, and goes on where an earlier try ended, also that of a process that was killed. When the source fails, what
   * it sent stays for the next try; when all of it has another hash, nothing does.
   */
  async resume(blob: StoredBlob, octetsFrom: (position: number) => AsyncIterable<Uint8Array>): Promise<void> {
    await mkdir(this.#partial, { recursive: true })
    const path = join(this.#partial, blob.sha256)
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW
    const handle = await open(path, flags, 0o600)
    const hash = createHash('sha256')
    const counted = { bytes: 0 }
    try {
      for await (const chunk of handle.createReadStream({ start: 0, autoClose: false })) {
        hash.update(chunk)
        counted.bytes += chunk.length
      }
      if (counted.bytes < blob.bytes) {
        for await (const chunk of octetsFrom(counted.bytes)) {
          await this.#write(handle, chunk, counted)
          hash.update(chunk)
        }
      }
      await handle.sync()
    } catch (error) {
      this.#bytesUsed += (await handle.stat()).size - counted.bytes
      if (!isDiskFull(error)) throw error
      const message = 'The disk of the content library is full; what arrived is kept for the next try'
      throw new ContentError('full', message, { cause: error })
    } finally {
      await handle.close()
    }
    const found = hash.digest('hex')
    if (counted.bytes < blob.bytes) throw new Error(`${blob.bytes - counted.bytes} octets are missing`)
    const isRight = found === blob.sha256
    if (!isRight || !(await this.#place(path, blob))) this.#bytesUsed -= counted.bytes
    if (isRight) return
    await rm(path, { force: true })
    throw new ContentError('hash-mismatch', `SHA-256 ${blob.sha256} was announced, and ${found} arrived`)
  }

  /** Removes what is left of tries for blobs that nobody wants any more. */
  async dropPartials(wanted: ReadonlySet<Sha256>): Promise<void> {
    for (const { sha256, bytes } of await this.#partials()) {
      if (wanted.has(sha256)) continue
      await rm(join(this.#partial, sha256), { force: true })
      this.#bytesUsed -= bytes
    }
  }

  /** Removes a blob that is not what it was. Readers that have it open keep reading it. */
  async drop(sha256: Sha256): Promise<void> {
    const path = this.pathOf(sha256)
    const bytes = (await lstat(path).catch(() => undefined))?.size ?? 0
    await rm(path, { force: true })
    this.#bytesUsed -= bytes
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
        found.push({ sha256, bytes: (await lstat(this.pathOf(sha256))).size })
      }
    }
    return found.toSorted((a, b) => (a.sha256 < b.sha256 ? -1 : 1))
  }

  /** Removes blobs that nobody keeps, unless they arrived within the last day. Readers that have one open keep reading it. */
  async collectGarbage(keep: ReadonlySet<Sha256>, nowMs: number): Promise<Collected> {
    const removed: StoredBlob[] = []
    for (const blob of await this.list()) {
      if (keep.has(blob.sha256)) continue
      const path = this.pathOf(blob.sha256)
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
        await this.#write(handle, chunk, counted)
        hash.update(chunk)
      }
      await handle.sync()
    } finally {
      await handle.close()
    }
    const sha256 = parseSha256(hash.digest('hex'))
    assert(sha256 !== undefined, 'a SHA-256 is 64 hexadecimal digits')
    return { sha256, bytes: counted.bytes }
  }

  /** Behind what is there; both counts grow. */
  async #write(handle: FileHandle, chunk: Uint8Array, counted: { bytes: number }): Promise<void> {
    const position = counted.bytes
    counted.bytes += chunk.length
    this.#bytesUsed += chunk.length
    if (this.#bytesUsed > this.#bytesMax) {
      const message = `The content library may hold ${this.#bytesMax} bytes, and this would exceed it`
      throw new ContentError('full', message)
    }
    for (let written = 0; written < chunk.length; ) {
      written += (await handle.write(chunk, written, chunk.length - written, position + written)).bytesWritten
    }
  }

  async #partials(): Promise<readonly StoredBlob[]> {
    const names = await readdir(this.#partial).catch(() => [])
    const parts = names.map(parseSha256).filter((sha256) => sha256 !== undefined)
    return Promise.all(
      parts.map(async (sha256) => ({ sha256, bytes: (await lstat(join(this.#partial, sha256))).size })),
    )
  }

  /** False: an equal blob is there already; it is kept, and counts as young again. */
  async #place(temporary: string, blob: StoredBlob): Promise<boolean> {
    const path = this.pathOf(blob.sha256)
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
    const path = this.pathOf(sha256)
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
      await lstat(this.pathOf(sha256))
      return true
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return false
      throw error
    }
  }

  /** Where the blob lies, or would: for images that are read from many of them. */
  pathOf(sha256: Sha256): string {
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

/** The name of a new file is on the disk only when its directory is. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
