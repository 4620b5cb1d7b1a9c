/** The manifest beside a built image: written last, so that one that is there names files that are there. */

import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { parseSha256, type ContentFile, type Sha256 } from '../../server/site/content.ts'
import type { BootImageManifest } from './boot-image-options.ts'

const manifestFile = 'boot-image.json'

const manifestSchema = z.object({
  fingerprint: z.string(),
  architecture: z.enum(['x64', 'arm64']),
  variant: z.enum(['full', 'virtual']),
  kernelRelease: z.string(),
  nodeVersion: z.string(),
  nodeStripped: z.literal(true),
  agentSha256: z.string(),
  packages: z.array(z.object({ name: z.string(), version: z.string() })),
  absentFirmwarePackages: z.array(z.string()),
  uncompressedBytes: z.number(),
  files: z.array(
    z.object({
      name: z.string(),
      sha256: z.custom<Sha256>((value) => typeof value === 'string' && parseSha256(value) !== undefined),
      bytes: z.number(),
    }),
  ),
})

/** Absent when there is none, when it is of another build of this builder, or when a file is not as it says. */
export async function readManifest(directory: string): Promise<BootImageManifest | undefined> {
  const text = await readFile(join(directory, manifestFile), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const parsed = manifestSchema.safeParse(JSON.parse(text))
  if (!parsed.success) return undefined
  const sizes = await Promise.all(
    parsed.data.files.map(async ({ name }) => (await stat(join(directory, name)).catch(() => undefined))?.size),
  )
  return parsed.data.files.every((file, index) => sizes[index] === file.bytes) ? parsed.data : undefined
}

export async function writeManifest(directory: string, manifest: BootImageManifest): Promise<void> {
  const text = `${JSON.stringify(manifest, undefined, 2)}\n`
  await replaceFile(join(directory, manifestFile), new TextEncoder().encode(text))
}

export async function writeContent(directory: string, name: string, data: Uint8Array): Promise<ContentFile> {
  await replaceFile(join(directory, name), data)
  return { name, sha256: sha256(data), bytes: data.length }
}

export function sha256(data: Uint8Array): Sha256 {
  const parsed = parseSha256(createHash('sha256').update(data).digest('hex'))
  if (parsed === undefined) throw new Error('a SHA-256 has 64 digits')
  return parsed
}

/** A reader sees the old file or the new one, never a part. */
async function replaceFile(path: string, data: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const partial = `${path}.partial-${process.pid}`
  await writeFile(partial, data)
  await rename(partial, path)
}
