/** The files of a medium as the site signs them, of whatever a test puts onto it: `Variables.dat`, the manifest and its signature are added. */

import { createHash, type KeyObject } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { sealVariables } from '../../media/signed/sealed-variables.ts'
import { signText } from '../../media/signed/site-key.ts'
import { parsePackageId, type PackageId } from '../../server/address/identifiers.ts'
import { assert } from '../../server/assert.ts'
import type { PolicyContent } from '../../server/contract/agent.ts'
import {
  type MediumFile,
  mediumFiles,
  type MediumId,
  type MediumManifest,
  parseMediumId,
  printMediumManifest,
  type SealedContents,
  signedManifestPrefix,
} from '../../server/contract/medium.ts'
import { parseSha256, type Sha256 } from '../../server/site/content.ts'

export interface MediumToSign {
  /** The site's. */
  readonly signingKey: KeyObject
  /** By path. */
  readonly files: ReadonlyMap<string, string | Uint8Array>
  readonly manifest: Partial<MediumManifest> & Pick<MediumManifest, 'mediumId'>
  /** Absent: a volume that is not the first, which has no `Variables.dat`. */
  readonly sealed?: SealedContents
  readonly password?: string
}

export interface SignedMedium {
  /** By path, with those that were added. */
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly manifest: MediumManifest
}

export async function signMedium(medium: MediumToSign): Promise<SignedMedium> {
  const { signingKey, sealed, password } = medium
  const files = new Map(Array.from(medium.files, ([path, octets]) => [path, Buffer.from(octets)]))
  if (sealed !== undefined) {
    const bound = { mediumId: medium.manifest.mediumId, files: listed(files) }
    const octets = await sealVariables(sealed, { ...bound, ...(password === undefined ? {} : { password }) })
    files.set(mediumFiles.variables, Buffer.from(octets))
  }
  const manifest: MediumManifest = {
    format: 1,
    siteCode: 'RVL',
    kind: 'bootable',
    label: 'Medium of a test',
    createdAtMs: 0,
    unattended: false,
    passwordRequired: password !== undefined,
    serverSelection: 'site-based',
    servers: ['http://10.0.0.1:8080'],
    bootImage: { id: packageIdOf('RVL00001'), version: 1, architecture: 'x64' },
    volume: { number: 1, count: 1 },
    contents: [],
    files: listed(files),
    ...medium.manifest,
  }
  const text = Buffer.from(printMediumManifest(manifest))
  files.set(mediumFiles.manifest, text)
  const signature = signText(Buffer.concat([Buffer.from(signedManifestPrefix), text]), signingKey)
  files.set(mediumFiles.signature, Buffer.from(`${signature}\n`))
  return { files, manifest }
}

export function writeFiles(folder: string, files: ReadonlyMap<string, Uint8Array>): void {
  for (const [path, octets] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), octets)
  }
}

/** Files of content by their names, as a policy and a manifest list them. */
export function listedContent(files: Readonly<Record<string, string | Uint8Array>>): PolicyContent['files'] {
  return Object.entries(files).map(([name, octets]) => ({
    name,
    bytes: Buffer.from(octets).length,
    sha256: hashOf(octets),
    ...(name.endsWith('.sh') ? { executable: true as const } : {}),
  }))
}

export function hashOf(octets: string | Uint8Array): Sha256 {
  return certain(parseSha256(createHash('sha256').update(octets).digest('hex')))
}

export function mediumIdOf(digits: string): MediumId {
  return certain(parseMediumId(digits))
}

export function packageIdOf(text: string): PackageId {
  return certain(parsePackageId(text))
}

function listed(files: ReadonlyMap<string, Uint8Array>): MediumFile[] {
  return Array.from(files, ([path, octets]) => ({ path, bytes: octets.length, sha256: hashOf(octets) }))
}

function certain<T>(value: T | undefined): T {
  assert(value !== undefined, 'what a test gives is well formed')
  return value
}
