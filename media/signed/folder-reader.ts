/** A medium that is mounted, or was copied into a folder. */

import { createReadStream } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { MediumReader } from './verify-medium.ts'

/** Links and devices are no files of a medium, and are not followed. */
export function folderReader(folder: string): MediumReader {
  return {
    list: async () => {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true })
      const files = entries.filter((entry) => !entry.isDirectory())
      return files.map(({ parentPath, name }) => relative(folder, join(parentPath, name)).split(sep).join('/'))
    },
    read: async (path) => {
      if (!isPathInside(path)) return undefined
      const file = join(folder, path)
      const status = await lstat(file).catch(() => undefined)
      return status?.isFile() === true ? createReadStream(file) : undefined
    },
  }
}

function isPathInside(path: string): boolean {
  return path.split('/').every((name) => name !== '' && name !== '.' && name !== '..')
}
