/**
 * The prestaged content file of S8-008, `NAME.pkgx`: a tar archive, plain or compressed with zstd, whose first entry says which
 * contents it holds, and whose others are their files, each once and named by its hash. It is made as it is read, and has no date:
 * the same contents give the same octets.
 */

import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress } from 'node:zlib'
import { type Header, type Pack, pack } from 'tar-stream'
import { z } from 'zod'
import { type PackageId, parsePackageId } from '../address/identifiers.ts'
import { type ContentFile, contentFilesMax, isContentName, parseSha256, type Sha256 } from '../site/content.ts'
import { ContentError } from './content-error.ts'
import type { ContentLibrary } from './content-library.ts'

export const prestagedCompressions = ['zstd', 'none'] as const
export type PrestagedCompression = (typeof prestagedCompressions)[number]

export const manifestName = 'manifest.json'
/** Ours: a task sequence with all drivers of all makers has a tenth of it. */
export const manifestBytesMax = 64 * 1024 ** 2
export const prestagedContentsMax = 10_000
const format = 'reveille-prestaged-content/1'
const blobPrefix = 'blobs/'
/** Of what is in a content, most is compressed already: more effort would take time and save nothing. */
const compressionLevel = 1
const tarBlock = 512
const tarEndBytes = 2 * tarBlock

export interface PrestagedContent {
  readonly id: PackageId
  /** Of object, and its name: for people. */
  readonly kind: string
  readonly name: string
  readonly version: number
  readonly files: readonly ContentFile[]
}

export interface PrestagedManifest {
  readonly siteCode: string
  readonly contents: readonly PrestagedContent[]
}

function readBy<T>(parse: (text: string) => T | undefined) {
  return z.string().transform((text, context): T => {
    const value = parse(text)
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: 'is not known here' })
    return z.NEVER
  })
}

const shown = z.string().max(1_000)

const manifestSchema = z.object({
  format: z.literal(format),
  siteCode: z.string().max(3),
  contents: z
    .array(
      z.object({
        id: readBy(parsePackageId),
        kind: shown,
        name: shown,
        version: z.number().int().positive(),
        files: z
          .array(
            z.object({
              name: readBy((text) => (isContentName(text) ? text : undefined)),
              bytes: z.number().int().nonnegative(),
              sha256: readBy(parseSha256),
              executable: z.literal(true).exactOptional(),
            }),
          )
          .max(contentFilesMax),
      }),
    )
    .min(1)
    .max(prestagedContentsMax),
})

/** Undefined: it is none, or one that a later version of this program made. */
export function parseManifest(octets: Buffer): PrestagedManifest | undefined {
  try {
    return manifestSchema.safeParse(JSON.parse(octets.toString())).data
  } catch {
    return undefined
  }
}

export function printManifest(manifest: PrestagedManifest): Buffer {
  const contents = manifest.contents.map(({ id, kind, name, version, files }) => ({
    id,
    kind,
    name,
    version,
    files: files.map((file) => ({
      name: file.name,
      bytes: file.bytes,
      sha256: file.sha256,
      ...(file.executable === true ? { executable: true } : {}),
    })),
  }))
  return Buffer.from(`${JSON.stringify({ format, siteCode: manifest.siteCode, contents }, null, 1)}\n`)
}

/** Each once, in the order in which they are named first. */
export function blobsOf(contents: readonly PrestagedContent[]): ReadonlyMap<Sha256, ContentFile> {
  const blobs = new Map<Sha256, ContentFile>()
  for (const { files } of contents) for (const file of files) if (!blobs.has(file.sha256)) blobs.set(file.sha256, file)
  return blobs
}

export function entryNameOf(sha256: Sha256): string {
  return blobPrefix + sha256
}

export function hashOfEntry(name: string): Sha256 | undefined {
  return name.startsWith(blobPrefix) ? parseSha256(name.slice(blobPrefix.length)) : undefined
}

/** Of the archive before it is compressed. */
export function prestagedBytes(manifest: PrestagedManifest): number {
  const sizes = [printManifest(manifest).length, ...[...blobsOf(manifest.contents).values()].map(({ bytes }) => bytes)]
  return sizes.reduce((sum, bytes) => sum + tarBlock + Math.ceil(bytes / tarBlock) * tarBlock, tarEndBytes)
}

/** Opens one blob at a time, when its turn comes. A blob that is missing then, or shortened, breaks it off. */
export function writePrestagedContent(
  manifest: PrestagedManifest,
  library: Pick<ContentLibrary, 'open'>,
  compression: PrestagedCompression,
): AsyncIterable<Uint8Array> {
  const archive = archiveOctets(manifest, library)
  return compression === 'none' ? archive : compressed(archive)
}

async function* compressed(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const compress = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: compressionLevel } })
  // Its error destroys the compressor, and so comes out below.
  pipeline(source, compress).catch(() => undefined)
  for await (const chunk of compress) if (chunk instanceof Uint8Array) yield chunk
}

async function* archiveOctets(
  manifest: PrestagedManifest,
  library: Pick<ContentLibrary, 'open'>,
): AsyncGenerator<Uint8Array> {
  const archive = pack()
  const filling = fill(archive, manifest, library).catch((error: unknown) => {
    archive.destroy(error instanceof Error ? error : new Error('the archive cannot be made'))
  })
  try {
    for await (const chunk of archive) if (chunk instanceof Uint8Array) yield chunk
  } finally {
    archive.destroy()
    await filling
  }
}

async function fill(archive: Pack, manifest: PrestagedManifest, library: Pick<ContentLibrary, 'open'>): Promise<void> {
  const octets = printManifest(manifest)
  archive.entry(headerOf(manifestName, octets.length), octets)
  for (const { sha256, bytes, name } of blobsOf(manifest.contents).values()) {
    const blob = await library.open(sha256)
    try {
      if (blob?.bytes !== bytes) throw new ContentError('damaged', `${name} is not in the content library as it was`)
      await pipeline(blob.stream(), archive.entry(headerOf(entryNameOf(sha256), bytes)))
    } finally {
      await blob?.close()
    }
  }
  archive.finalize()
}

function headerOf(name: string, size: number): Partial<Header> & Pick<Header, 'name'> {
  return { name, size, mode: 0o444, mtime: new Date(0), type: 'file' }
}
