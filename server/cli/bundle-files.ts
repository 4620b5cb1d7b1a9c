/** The folder beside an export: `NAME_files/ID/<file names>`. Names are judged before they become paths (security E01). */

import { join } from 'node:path'
import { z } from 'zod'
import { parsePackageId } from '../address/identifiers.ts'
import { isContentName, parseSha256 } from '../site/content.ts'
import { CliError } from './cli-error.ts'

export const bundledFile = z.object({
  name: z.string().refine(isContentName, 'is not the name of a file'),
  sha256: z.string().refine((text) => parseSha256(text) !== undefined, 'is not a SHA-256'),
  bytes: z.number().int().nonnegative(),
  executable: z.literal(true).optional(),
})

export const objectId = z.string().refine((text) => parsePackageId(text) !== undefined, 'is not the id of an object')

/** `NAME.zip` has `NAME_files`. */
export function filesFolder(archive: string): string {
  if (!archive.toLowerCase().endsWith('.zip')) throw new CliError(`${archive}: the name of an export ends with .zip`)
  return `${archive.slice(0, -'.zip'.length)}_files`
}

export function pathOfFile(folder: string, id: string, name: string): string {
  return join(folder, id, ...name.split('/'))
}
