/**
 * The administrator's extra boot files, `--boot-files DIR`. The directory is listed at start and when it changes, and a
 * request finds a name in that list or nothing; links are left out, so nothing outside is ever reached (C06, C07). A file is
 * hashed when it is first asked for, and again when its time or size changed.
 */

import { createHash } from 'node:crypto'
import { constants, type FSWatcher, watch } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { isContentName, parseSha256, type Sha256 } from '../site/content.ts'
import type { ExtraBootFile, ExtraBootFiles } from './dependencies.ts'

const filesMax = 50_000

interface Hashed {
  readonly sha256: Sha256
  readonly bytes: number
  readonly modifiedAtMs: number
}

export class BootFileDirectory implements ExtraBootFiles {
  #paths: ReadonlyMap<string, string> = new Map()
  #scan: Promise<void> | undefined
  readonly #hashes = new Map<string, Hashed>()
  readonly #directory: string
  #watcher: FSWatcher | undefined

  private constructor(directory: string) {
    this.#directory = directory
  }

  static async open(directory: string): Promise<BootFileDirectory> {
    const files = new BootFileDirectory(directory)
    await files.#list()
    files.#watcher = watch(directory, { recursive: true, persistent: false }, () => {
      files.#scan = undefined
    })
    // A directory that goes away stays as it was last seen.
    files.#watcher.on('error', () => files.close())
    files.#scan = Promise.resolve()
    return files
  }

  close(): void {
    this.#watcher?.close()
  }

  /** Names as they are to be asked for. */
  async names(): Promise<readonly string[]> {
    await this.#upToDate()
    return [...this.#paths.keys()]
  }

  async find(name: string): Promise<ExtraBootFile | undefined> {
    await this.#upToDate()
    const path = this.#paths.get(name)
    if (path === undefined) return undefined
    const hashed = await this.#hash(path)
    return hashed && { ...hashed, open: async () => openFile(path, hashed) }
  }

  async #upToDate(): Promise<void> {
    this.#scan ??= this.#list()
    await this.#scan
  }

  async #list(): Promise<void> {
    const entries = await readdir(this.#directory, { recursive: true, withFileTypes: true })
    const paths = new Map<string, string>()
    for (const entry of entries.filter((one) => one.isFile()).slice(0, filesMax)) {
      const path = join(entry.parentPath, entry.name)
      const name = relative(this.#directory, path).split(sep).join('/')
      if (isContentName(name)) paths.set(name, path)
    }
    this.#paths = paths
  }

  async #hash(path: string): Promise<Hashed | undefined> {
    const handle = await openPlainFile(path)
    if (handle === undefined) return undefined
    try {
      const { size, mtimeMs } = await handle.stat()
      const known = this.#hashes.get(path)
      if (known?.bytes === size && known.modifiedAtMs === mtimeMs) return known
      const hash = createHash('sha256')
      for await (const chunk of handle.createReadStream({ autoClose: false })) hash.update(chunk)
      const sha256 = parseSha256(hash.digest('hex'))
      if (sha256 === undefined) return undefined
      const hashed = { sha256, bytes: size, modifiedAtMs: mtimeMs }
      this.#hashes.set(path, hashed)
      return hashed
    } finally {
      await handle.close()
    }
  }
}

async function openPlainFile(path: string) {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch {
    // It went away, or is a link now: there is no such file.
    return undefined
  }
}

async function openFile(path: string, { bytes }: Hashed) {
  const handle = await openPlainFile(path)
  if (handle === undefined) throw new Error('a boot file went away while it was asked for')
  return {
    fileDescriptor: handle.fd,
    read: async (position: number, length: number) => {
      const wanted = Math.min(length, bytes - position)
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, position)
      if (bytesRead !== wanted) throw new Error('a boot file was shortened while it was sent')
      return buffer
    },
    close: async () => handle.close(),
  }
}
