/**
 * The site's key for media: what says that a medium is of this site. A file beside the database and not in it, so that a copy of
 * the database signs nothing. Made once; media that were made with another key start as before, and no image of them can be made.
 */

import type { KeyObject } from 'node:crypto'
import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { makeSigningKey, readSigningKey } from '../../media/signed/site-key.ts'
import { messageOf, systemErrorCode } from '../caught-error.ts'
import { ContentError } from './content-error.ts'

export const mediaKeyFile = 'media-key'

/** Rejects, with what to do, when there is a file that is no key: another one must not take its place unnoticed. */
export async function openMediaKey(dataDirectory: string): Promise<KeyObject> {
  const path = join(dataDirectory, mediaKeyFile)
  const kept = await readKept(path)
  const der = kept ?? (await makeKept(path))
  try {
    return readSigningKey(der.trim())
  } catch (error) {
    const advice = `Put the file back from a backup, or delete it: then media that exist cannot be made again`
    throw new ContentError('damaged', `${path} holds no key for media (${messageOf(error)}). ${advice}.`, {
      cause: error,
    })
  }
}

async function readKept(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

async function makeKept(path: string): Promise<string> {
  const der = makeSigningKey()
  const handle = await open(`${path}.new`, 'w', 0o600)
  try {
    await handle.writeFile(`${der}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(`${path}.new`, path)
  return der
}
