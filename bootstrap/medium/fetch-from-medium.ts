/** Content of the medium as a folder of files, each judged by its hash while it is copied (S7-022: files of a prestart command). */

import { createHash } from 'node:crypto'
import { mkdir, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { PolicyContent } from '../../server/contract/agent.ts'
import { type ContentFile, isContentName } from '../../server/site/content.ts'
import type { MountedMedium } from './mounted-medium.ts'

/** Files on the medium that are missing or were altered. */
export class MediumFault extends Error {
  override readonly name = 'MediumFault'
}

/** `folder` is made anew. Rejects with a `MediumFault`. */
export async function fetchFromMedium(medium: MountedMedium, content: PolicyContent, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  for (const file of content.files) {
    if (!isContentName(file.name)) throw new MediumFault(`content ${content.id} has a file of an unusable name`)
    await copyFile(medium, { file, path: join(folder, file.name), what: `${file.name} of ${content.name}` })
  }
}

interface Copied {
  readonly file: ContentFile
  readonly path: string
  readonly what: string
}

async function copyFile(medium: MountedMedium, { file, path, what }: Copied): Promise<void> {
  const octets = await medium.readContent(file)
  if (octets === undefined) throw new MediumFault(`${what} is not on this medium`)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const hash = createHash('sha256')
  const output = await open(path, 'wx', file.executable === true ? 0o700 : 0o600)
  let bytes = 0
  try {
    for await (const piece of octets) {
      bytes += piece.length
      if (bytes > file.bytes) break
      hash.update(piece)
      await output.writeFile(piece)
    }
  } finally {
    await output.close()
  }
  if (bytes !== file.bytes || hash.digest('hex') !== file.sha256)
    throw new MediumFault(`${what} was altered on this medium`)
}
