/**
 * The files of a mounted medium. A medium is anybody's until its manifest was verified, so only plain files below the folder
 * are read: a link could lead into the running system, or to a device that never answers.
 */

import { constants } from 'node:fs'
import { open, readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { systemErrorCode } from '../../server/caught-error.ts'
import type { MediumReader } from './verify-medium.ts'

export function folderReader(folder: string): MediumReader {
  return {
    list: async () => listFiles(folder),
    read: async (path) => {
      const file = await openBelow(folder, path)
      await file?.close()
      return file === undefined ? undefined : octetsOf(folder, path)
    },
  }
}

/** Opened by whoever reads: a file that was only looked for would keep the medium from being taken away. */
async function* octetsOf(folder: string, path: string): AsyncGenerator<Uint8Array> {
  const file = await openBelow(folder, path)
  if (file === undefined) throw new Error(`${path} is gone`)
  yield* file.createReadStream()
}

async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
}

/** Undefined: there is no such plain file. A disc that cannot be read is an error. */
async function openBelow(folder: string, path: string) {
  try {
    const place = join(folder, path)
    // No part of the way is a link.
    if ((await realpath(place)) !== join(await realpath(folder), path)) return undefined
    const file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    if ((await file.stat()).isFile()) return file
    await file.close()
    return undefined
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(systemErrorCode(error) ?? '')) return undefined
    throw error
  }
}
