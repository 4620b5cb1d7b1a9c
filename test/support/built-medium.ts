/** A small medium of a test: loaders and content of a few octets, in a folder that stands for the content library. */

import { readFileSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import type { Layout } from '../../media/layout/layout.ts'
import { type LaidOutMedium, layOutMedium, type MadeOnce } from '../../media/medium/lay-out-medium.ts'
import type { MediumFormat, MediumSpec, PlannedMedium, RefusedMedium } from '../../media/medium/medium-spec.ts'
import { planMedium } from '../../media/medium/plan-medium.ts'
import { writeLayout } from '../../media/read-layout.ts'
import { sealVariables } from '../../media/signed/sealed-variables.ts'
import { makeSigningKey, rawPublicKey, readSigningKey } from '../../media/signed/site-key.ts'
import type { PolicyContent } from '../../server/contract/agent.ts'
import type { MediumManifest, SealedContents } from '../../server/contract/medium.ts'
import { bootImageFiles, mediaLoaderFiles } from '../../server/site/boot-image.ts'
import type { ContentFile } from '../../server/site/content.ts'
import { makeFolder } from '../bootstrap/loop-disk.ts'
import { hashOf, mediumIdOf, packageIdOf } from './signed-medium.ts'

export const signingKey = readSigningKey(makeSigningKey())
export const siteKey = rawPublicKey(signingKey)
export const testMediumId = mediumIdOf(hashOf('a medium of a test').slice(0, 32))

export interface Library {
  readonly folder: string
  /** Keeps octets, and gives the file that content has of them. */
  readonly add: (name: string, octets: Uint8Array) => ContentFile
}

export function openLibrary(t: ExecutionContext): Library {
  const folder = makeFolder(t)
  return {
    folder,
    add: (name, octets) => {
      const sha256 = hashOf(octets)
      writeFileSync(join(folder, sha256), octets)
      return { name, sha256, bytes: octets.length }
    },
  }
}

const bootSectors = new Map<string, number>([
  [mediaLoaderFiles.biosStick, 512],
  [mediaLoaderFiles.biosHybrid, 512],
  [mediaLoaderFiles.biosDisc, 2_048],
])

/** Octets that tell which file they are of, as long as that one is in truth; no loader runs in these tests. */
export const fakeMediaLoaders: Readonly<Record<string, Uint8Array>> = Object.fromEntries(
  Object.values(mediaLoaderFiles).map((name) => [name, Buffer.alloc(bootSectors.get(name) ?? 5_000, `${name}\n`)]),
)

export function fakeBootFiles({ add }: Library): ContentFile[] {
  const started = [bootImageFiles.kernel, bootImageFiles.initramfs]
  const files = Object.entries(fakeMediaLoaders).map(([name, octets]) => add(name, octets))
  return [...started.map((name) => add(name, Buffer.alloc(5_000, `${name}\n`))), ...files]
}

export function contentOf(id: string, name: string, files: readonly ContentFile[]): PolicyContent {
  return { id: packageIdOf(id), name, version: 1, kind: 'package', files }
}

export interface MediumOfTest {
  readonly library: Library
  readonly manifest?: Partial<MediumManifest>
  readonly contents?: readonly PolicyContent[]
  readonly volumeBytesMax?: number
}

export function specOf({ library, manifest = {}, contents = [], volumeBytesMax }: MediumOfTest): MediumSpec {
  return {
    manifest: {
      format: 1,
      mediumId: testMediumId,
      siteCode: 'RVL',
      kind: 'bootable',
      label: 'Medium of a test',
      createdAtMs: Date.UTC(2026, 10, 23, 12, 30, 15),
      unattended: false,
      passwordRequired: false,
      serverSelection: 'site-based',
      servers: ['http://192.0.2.1:8080'],
      bootImage: { id: packageIdOf('RVL00001'), version: 3, architecture: 'x64' },
      contents,
      ...manifest,
    },
    bootFiles: fakeBootFiles(library),
    kernelArguments: ['console=tty0'],
    siteKey,
    ...(volumeBytesMax === undefined ? {} : { volumeBytesMax }),
  }
}

export function plannedOf(medium: MediumOfTest): PlannedMedium {
  const planned = planMedium(specOf(medium))
  if (planned.kind === 'refused') throw new Error(planned.faults.join('\n'))
  return planned
}

export async function madeOf(
  planned: PlannedMedium,
  library: Library,
  contents: SealedContents = { variables: [] },
  password?: string,
): Promise<MadeOnce> {
  const { mediumId } = planned.spec.manifest
  const files = planned.volumes[0]?.files ?? []
  const bound = { mediumId, files, ...(password === undefined ? {} : { password }) }
  const variables = await sealVariables(contents, bound)
  return { variables, signingKey, readBootFile: async ({ sha256 }) => readFileSync(join(library.folder, sha256)) }
}

export async function laidOutOf(
  planned: PlannedMedium,
  library: Library,
  { number = 1, format = 'iso' }: { readonly number?: number; readonly format?: MediumFormat } = {},
): Promise<LaidOutMedium> {
  const laidOut = await tryToLayOut(planned, library, { number, format })
  if (laidOut.kind === 'refused') throw new Error(laidOut.faults.join('\n'))
  return laidOut
}

export async function tryToLayOut(
  planned: PlannedMedium,
  library: Library,
  which: { readonly number: number; readonly format: MediumFormat },
): Promise<LaidOutMedium | RefusedMedium> {
  return layOutMedium(planned, which, await madeOf(planned, library))
}

export async function writeImageOf(layout: Layout, library: Library, file: string): Promise<string> {
  const target = await open(file, 'w')
  await writeLayout(layout, target, { pathOf: (sha256) => join(library.folder, sha256) })
  await target.close()
  return file
}
