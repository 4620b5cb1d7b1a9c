/**
 * Takes a file, or a directory with everything in it, from the server's own disk into the library. Only plain files and
 * directories come in (C07, E01): a link would name something else tomorrow. Every fault is reported, not just the first.
 */

import { constants } from 'node:fs'
import { lstat, open, readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { isContentName } from '../site/content.ts'
import type { ContentFile } from '../site/content.ts'
import { ContentError, systemErrorCode } from './content-error.ts'
import type { ContentLibrary } from './content-library.ts'

/** E03: more is not a package but a mistake, such as the root of a disk. */
const importedFilesMax = 100_000
const faultsShownMax = 20

interface Found {
  readonly files: { readonly path: string; readonly name: string }[]
  readonly faults: string[]
}

/** Names are relative to the directory; a single file keeps its own name. */
export async function importContent(library: ContentLibrary, path: string): Promise<readonly ContentFile[]> {
  const found: Found = { files: [], faults: [] }
  await lookAt(path, '', found)
  findCollisions(found)
  if (found.files.length === 0 && found.faults.length === 0) found.faults.push(`${path}: holds no files`)
  if (found.faults.length > 0) throw notImportable(found.faults)
  const files: ContentFile[] = []
  for (const file of found.files.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    files.push({ name: file.name, ...(await addFile(library, file.path)) })
  }
  return files
}

async function lookAt(path: string, name: string, found: Found): Promise<void> {
  if (found.files.length > importedFilesMax) return
  const status = await lstat(path).catch((error: unknown) => {
    throw notImportable([`${path}: ${systemErrorCode(error) ?? 'cannot be read'}`])
  })
  if (status.isFile()) {
    const contentName = name === '' ? basename(path) : name
    if (!isContentName(contentName)) found.faults.push(`${path}: the name is not allowed`)
    found.files.push({ path, name: contentName })
    if (found.files.length > importedFilesMax) found.faults.push(`more than ${importedFilesMax} files`)
  } else if (status.isDirectory()) {
    for (const entry of await readdir(path)) {
      await lookAt(join(path, entry), name === '' ? entry : `${name}/${entry}`, found)
    }
  } else {
    found.faults.push(`${path}: ${status.isSymbolicLink() ? 'is a link' : 'is neither a file nor a directory'}`)
  }
}

/** E08: on systems that fold case the second of two such names would overwrite the first. */
function findCollisions({ files, faults }: Found): void {
  const seen = new Map<string, string>()
  for (const { name } of files) {
    const folded = name.toLowerCase()
    const other = seen.get(folded)
    if (other !== undefined) faults.push(`${name}: differs from ${other} by case only`)
    seen.set(folded, name)
  }
}

async function addFile(library: ContentLibrary, path: string): Promise<Omit<ContentFile, 'name'>> {
  // It was no link a moment ago; O_NOFOLLOW makes sure that it still is none.
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
    throw systemErrorCode(error) === 'ELOOP' ? notImportable([`${path}: is a link`]) : error
  })
  try {
    return await library.add(handle.createReadStream({ autoClose: false }))
  } finally {
    await handle.close()
  }
}

function notImportable(faults: readonly string[]): ContentError {
  const shown = faults.slice(0, faultsShownMax)
  const rest = faults.length - shown.length
  const more = rest > 0 ? [`and ${rest} more`] : []
  return new ContentError('not-importable', ['Nothing was imported:', ...shown, ...more].join('\n'))
}
