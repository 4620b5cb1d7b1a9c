/**
 * Captured user state as files: `<data>/content/user-state/<store>/<chunk>`, sealed by the agent with a key that is in the
 * database and never here. A chunk appears complete or not at all. Names are made of numbers and of ids that are looked at,
 * so no text from the network becomes a path (C06).
 */

import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, open, readdir, rename, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { assert } from '../assert.ts'
import { systemErrorCode } from '../caught-error.ts'
import { ContentError, isDiskFull } from './content-error.ts'

/** Left for everything else on the disk: the database and its journal above all. */
const freeBytesMin = 1024 ** 3

export class UserStateFolder {
  readonly #directory: string
  readonly #freeBytesMin: number

  constructor(directory: string, options: { readonly freeBytesMin?: number } = {}) {
    this.#directory = directory
    this.#freeBytesMin = options.freeBytesMin ?? freeBytesMin
  }

  /** Replaces the chunk of an earlier try. */
  async write(storeId: string, index: number, octets: Uint8Array): Promise<void> {
    const folder = this.#folderOf(storeId)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const { bavail, bsize } = await statfs(folder)
    if (bavail * bsize < this.#freeBytesMin + octets.length) {
      throw new ContentError('full', 'the disk has no room left for user state')
    }
    const beside = join(folder, `.${randomUUID()}`)
    try {
      const file = await open(beside, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
      try {
        await file.writeFile(octets)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(beside, join(folder, nameOf(index)))
    } catch (error) {
      await rm(beside, { force: true })
      throw isDiskFull(error) ? new ContentError('full', 'the disk is full') : error
    }
  }

  /** Undefined: there is none. */
  async read(storeId: string, index: number): Promise<Buffer | undefined> {
    const path = join(this.#folderOf(storeId), nameOf(index))
    try {
      const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
      try {
        return await file.readFile()
      } finally {
        await file.close()
      }
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return undefined
      throw error
    }
  }

  async has(storeId: string, chunks: number): Promise<boolean> {
    const names = new Set(await readdir(this.#folderOf(storeId)).catch(() => []))
    return Array.from({ length: chunks }, (_, index) => nameOf(index)).every((name) => names.has(name))
  }

  async remove(storeId: string): Promise<void> {
    await rm(this.#folderOf(storeId), { recursive: true, force: true })
  }

  async storeIds(): Promise<readonly string[]> {
    const names = await readdir(this.#directory).catch(() => [])
    return names.filter((name) => storeIdForm.test(name))
  }

  #folderOf(storeId: string): string {
    assert(storeIdForm.test(storeId), 'ids of state stores are looked at where they come in')
    return join(this.#directory, storeId)
  }
}

const storeIdForm = /^[0-9a-f]{32}$/

function nameOf(index: number): string {
  return String(index).padStart(8, '0')
}
