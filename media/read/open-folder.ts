/** A folder as a medium: a volume that the system has mounted. Links are not followed; they are files that do not belong there. */

import { constants } from 'node:fs'
import { lstat, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { MediumReader } from '../signed/verify-medium.ts'
import { pieceBytesMax, UnreadableImageError } from './octet-source.ts'

const filesMax = 500_000

export function openFolder(folder: string): MediumReader {
  return { list: () => listFiles(folder), read: (path) => readFile(join(folder, path)) }
}

async function listFiles(folder: string): Promise<string[]> {
  const files: string[] = []
  const folders = ['']
  for (const path of folders) {
    for (const entry of await readdir(join(folder, path), { withFileTypes: true })) {
      const below = path === '' ? entry.name : `${path}/${entry.name}`
      if (entry.isDirectory()) folders.push(below)
      else files.push(below)
      if (files.length + folders.length > filesMax)
        throw new UnreadableImageError(`there are more than ${filesMax} files`)
    }
  }
  return files
}

async function readFile(path: string): Promise<AsyncIterable<Uint8Array> | undefined> {
  const stats = await lstat(path).catch(() => undefined)
  if (stats?.isFile() !== true) return undefined
  return piecesOf(path)
}

async function* piecesOf(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  await using handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  for (let position = 0; ; ) {
    const octets = new Uint8Array(pieceBytesMax)
    const { bytesRead } = await handle.read(octets, 0, octets.length, position)
    if (bytesRead === 0) return
    position += bytesRead
    yield octets.subarray(0, bytesRead)
  }
}
