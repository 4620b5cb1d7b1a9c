/**
 * A boot image that was built on this machine becomes one of the site's, and a rebuilt one its next version. Whoever
 * builds (media/boot-image) leaves `boot-image.json` beside the files; an image that is there already is left alone.
 */

import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PackageId } from '../address/identifiers.ts'
import { systemErrorCode } from '../caught-error.ts'
import { type BootArchitecture, type BootImage, bootArchitectures } from '../site/boot-image.ts'
import { type ContentFile, isContentName, parseSha256, type Sha256 } from '../site/content.ts'

export interface BootImageRecords {
  list(): Promise<readonly BootImage[]>
  create(draft: Omit<BootImage, 'id' | 'revision' | 'content'>): Promise<PackageId>
  addContent(id: PackageId, files: readonly ContentFile[]): Promise<void>
}

export interface BlobKeeper {
  add(source: AsyncIterable<Uint8Array>, expected: Sha256): Promise<unknown>
}

export type Adopted =
  | { readonly kind: 'added' | 'updated' | 'up-to-date'; readonly name: string }
  /** Nothing was built there. */
  | { readonly kind: 'nothing' }

export async function adoptBootImage(
  directory: string,
  records: BootImageRecords,
  library: BlobKeeper,
): Promise<Adopted> {
  const built = await readManifest(join(directory, 'boot-image.json'))
  if (built === undefined) return { kind: 'nothing' }
  const name = `Reveille boot image (${built.architecture})`
  const known = (await records.list()).find((image) => image.name === name)
  if (known?.content !== undefined && isSameContent(known.content.files, built.files))
    return { kind: 'up-to-date', name }
  for (const file of built.files) await library.add(createReadStream(join(directory, file.name)), file.sha256)
  const id = known?.id ?? (await records.create(draftFor(name, built.architecture)))
  await records.addContent(id, built.files)
  return { kind: known === undefined ? 'added' : 'updated', name }
}

interface BuiltBootImage {
  readonly architecture: BootArchitecture
  readonly files: readonly ContentFile[]
}

function draftFor(name: string, architecture: BootArchitecture): Omit<BootImage, 'id' | 'revision' | 'content'> {
  return {
    name,
    description: 'Built on this server from Debian packages',
    architecture,
    kind: 'linux',
    enabledForPxe: true,
    kernelArguments: ['console=ttyS0', 'console=tty0'],
  }
}

async function readManifest(path: string): Promise<BuiltBootImage | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined
    throw error
  }
  const { architecture: named, files: listed } = JSON.parse(text) as { architecture?: unknown; files?: unknown }
  const architecture = bootArchitectures.find((one) => one === named)
  const files = Array.isArray(listed) ? listed.map(readFileEntry) : []
  if (architecture === undefined || files.length === 0)
    throw new Error(`${path} is not the description of a boot image`)
  return { architecture, files }
}

function readFileEntry(entry: unknown): ContentFile {
  const { name, sha256, bytes } = entry as Record<string, unknown>
  const hash = typeof sha256 === 'string' ? parseSha256(sha256) : undefined
  if (typeof name !== 'string' || !isContentName(name) || hash === undefined || typeof bytes !== 'number') {
    throw new Error('the description of a boot image names a file that cannot be one')
  }
  return { name, sha256: hash, bytes }
}

function isSameContent(a: readonly ContentFile[], b: readonly ContentFile[]): boolean {
  const print = (files: readonly ContentFile[]): string =>
    files
      .map(({ name, sha256 }) => `${name} ${sha256}`)
      .sort()
      .join('\n')
  return print(a) === print(b)
}
