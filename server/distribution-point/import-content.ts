/**
 * Puts a prestaged content file into the library of a distribution point (S8-008), whether the point runs or not. What a point is to
 * have is said by its site alone: blobs that were imported are found, hashed once more, and served, when the site wants them there.
 * The rest goes after a day, as everything that the site does not want.
 */

import { constants, existsSync } from 'node:fs'
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../caught-error.ts'
import { ContentLibrary } from '../content/content-library.ts'
import { type ImportedPrestaged, importPrestagedContent } from '../content/import-prestaged-content.ts'
import { openBlob } from '../content/open-blob.ts'
import { blobsOf, type PrestagedContent } from '../content/prestaged-content.ts'
import { claimSoleUse } from '../store/sole-use.ts'
import { DistributionPointError } from './distribution-point-error.ts'
import { KeptContents } from './kept-contents.ts'
import { pointPathsIn } from './point-folder.ts'

export interface ImportOptions {
  readonly file: string
  readonly dataDirectory: string
  /** S8-008 `/S`: contents of which the point has this version or a newer one are left. */
  readonly newerOnly: boolean
  readonly progress?: (bytes: number, of: number) => void
}

export async function importContent(options: ImportOptions): Promise<ImportedPrestaged> {
  const { file, dataDirectory, newerOnly, progress } = options
  requirePoint(dataDirectory)
  const { content, contents, waiting } = pointPathsIn(dataDirectory)
  const handle = await openFile(file)
  try {
    const release = claimImport(waiting)
    try {
      const isWanted = newerOnly ? newerThan(await KeptContents.open(contents)) : () => true
      await rm(waiting, { recursive: true, force: true })
      await mkdir(waiting, { recursive: true })
      const libraries = {
        waiting: await ContentLibrary.open({ directory: waiting }),
        library: await ContentLibrary.open({ directory: content }),
      }
      const blob = await openBlob(handle)
      const result = await importPrestagedContent(blob, { ...libraries, isWanted, ...(progress && { progress }) })
      if (result.kind === 'imported') await spare(libraries.library, result.taken, await KeptContents.open(contents))
      return result
    } finally {
      await rm(waiting, { recursive: true, force: true })
      release()
    }
  } finally {
    await handle.close()
  }
}

/** What an import that was killed left; one that is under way is not touched. */
export async function clearKilledImport(dataDirectory: string): Promise<void> {
  const { waiting } = pointPathsIn(dataDirectory)
  if (!existsSync(waiting)) return
  let release: () => void
  try {
    release = claimSoleUse(waiting)
  } catch {
    return
  }
  await rm(waiting, { recursive: true, force: true })
  release()
}

function claimImport(waiting: string): () => void {
  try {
    return claimSoleUse(waiting)
  } catch (error) {
    throw new DistributionPointError(`${waiting} is used by another import, or cannot be used: wait for its end`, {
      cause: error,
    })
  }
}

/**
 * What was here already may be old, and nobody may want it yet: it stays for a day, as what came now. What the point has for its site
 * stays anyhow, and is not touched: a point serves no file that was touched since it hashed it.
 */
async function spare(
  library: ContentLibrary,
  taken: readonly PrestagedContent[],
  { hashes }: KeptContents,
): Promise<void> {
  for (const sha256 of blobsOf(taken).keys()) if (!hashes.has(sha256)) await library.renew(sha256)
}

/** S8-008: not for a site server, and only where a library is. */
function requirePoint(dataDirectory: string): void {
  if (existsSync(join(dataDirectory, 'reveille.sqlite'))) {
    throw new DistributionPointError(
      `${dataDirectory} is the data directory of a site. A prestaged content file is for a distribution point: the site has its content already`,
    )
  }
  if (existsSync(pointPathsIn(dataDirectory).content)) return
  throw new DistributionPointError(
    `${dataDirectory} has no library of a distribution point. Name the directory that the point is started with (--data), and start it there once before: it need not reach its site`,
  )
}

async function openFile(path: string): Promise<FileHandle> {
  let handle: FileHandle | undefined
  try {
    // Without waiting for whoever might write into a pipe.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    if ((await handle.stat()).isFile()) return handle
  } catch (error) {
    throw new DistributionPointError(`${path} cannot be read: ${messageOf(error)}`, { cause: error })
  }
  await handle.close()
  throw new DistributionPointError(`${path} is no file`)
}

/** What it is to have is not enough: all of it must be here. */
function newerThan(kept: KeptContents): (content: PrestagedContent) => boolean {
  const complete = kept.served.filter(({ files }) => files.every(({ sha256 }) => kept.verifiedAt(sha256) !== undefined))
  const newest = new Map<string, number>()
  for (const { id, version } of complete) newest.set(id, Math.max(version, newest.get(id) ?? 0))
  return ({ id, version }) => version > (newest.get(id) ?? 0)
}
