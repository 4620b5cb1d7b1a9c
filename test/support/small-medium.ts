/** A medium as the site makes it, only small: every kind of file, a manifest, and the site's signature. */

import { createHash } from 'node:crypto'
import { parsePackageId, type PackageId } from '../../server/address/identifiers.ts'
import {
  mediumContentPath,
  type MediumFile,
  mediumFiles,
  type MediumId,
  type MediumManifest,
  parseMediumId,
  printMediumManifest,
  printMediumSettings,
  type SealedContents,
  signedManifestPrefix,
} from '../../server/contract/medium.ts'
import { parseSha256, type Sha256 } from '../../server/site/content.ts'
import type { MediaEntry } from '../../media/layout/file-tree.ts'
import { layOutBytes } from '../../media/layout/layout.ts'
import { sealVariables } from '../../media/signed/sealed-variables.ts'
import { rawPublicKey, readSigningKey, signText } from '../../media/signed/site-key.ts'
import type { MediumReader } from '../../media/signed/verify-medium.ts'

export interface SmallMedium {
  /** By path. */
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly manifest: MediumManifest
  readonly siteKey: string
}

export interface SmallMediumOptions {
  /** The site's, PKCS 8, base64. */
  readonly signingKey: string
  readonly label?: string
  readonly mediumId?: string
  readonly password?: string
  readonly dates?: Pick<MediumManifest, 'startsAtMs' | 'expiresAtMs'>
}

export const smallMediumMadeMs = Date.UTC(2026, 10, 23)

export async function makeSmallMedium(options: SmallMediumOptions): Promise<SmallMedium> {
  const { label = 'Stick of the school', mediumId = '00112233445566778899aabbccddeeff', password } = options
  const files = contentOf(label)
  const id = branded(parseMediumId(mediumId))
  const sealed = { mediumId: id, files: describe(files), ...(password === undefined ? {} : { password }) }
  const contents: SealedContents = { variables: [{ name: 'SMSTSPreferredAdvertID', value: 'RVL20005', secret: false }] }
  files.set(mediumFiles.variables, await sealVariables(contents, sealed))
  const manifest = manifestOf(id, label, describe(files), options)
  const text = Buffer.from(printMediumManifest(manifest))
  const key = readSigningKey(options.signingKey)
  files.set(mediumFiles.manifest, text)
  const signature = signText(Buffer.concat([Buffer.from(signedManifestPrefix), text]), key)
  files.set(mediumFiles.signature, Buffer.from(`${signature}\n`))
  return { files, manifest, siteKey: rawPublicKey(key) }
}

export function readerOfFiles(files: ReadonlyMap<string, Uint8Array>): MediumReader {
  return {
    list: async () => [...files.keys()],
    read: async (path) => {
      const octets = files.get(path)
      return octets === undefined ? undefined : piecesOf(octets)
    },
  }
}

export function entriesOfMedium({ files }: SmallMedium): MediaEntry[] {
  return Array.from(files, ([path, octets]) => ({ kind: 'file', path, content: layOutBytes(octets) }))
}

async function* piecesOf(octets: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < octets.length; at += 1_000) yield octets.subarray(at, at + 1_000)
}

function contentOf(label: string): Map<string, Uint8Array> {
  const pattern = (length: number, seed: number) =>
    Uint8Array.from({ length }, (_, index) => (index * seed + (index >> 5) + label.length) & 0xff)
  const content = pattern(2_000, 11)
  return new Map<string, Uint8Array>([
    ['EFI/BOOT/BOOTX64.EFI', pattern(900, 3)],
    [mediumFiles.kernel, pattern(1_500, 5)],
    [mediumFiles.initramfs, pattern(3_000, 7)],
    [mediumFiles.label, Buffer.from(label)],
    [
      mediumFiles.settings,
      Buffer.from(printMediumSettings({ kind: 'bootable', passwordRequired: false, unattended: true })),
    ],
    [mediumContentPath(sha256Of(content)), content],
  ])
}

function manifestOf(
  mediumId: MediumId,
  label: string,
  files: readonly MediumFile[],
  { dates, password }: SmallMediumOptions,
): MediumManifest {
  const bootImageId: PackageId = branded(parsePackageId('RVL00001'))
  return {
    format: 1,
    mediumId,
    siteCode: 'RVL',
    kind: 'bootable',
    label,
    createdAtMs: smallMediumMadeMs,
    ...dates,
    unattended: true,
    passwordRequired: password !== undefined,
    serverSelection: 'site-based',
    servers: ['http://10.0.0.1:8080'],
    bootImage: { id: bootImageId, version: 1, architecture: 'x64' },
    volume: { number: 1, count: 1 },
    contents: [],
    files,
  }
}

function describe(files: ReadonlyMap<string, Uint8Array>): MediumFile[] {
  return Array.from(files, ([path, octets]) => ({ path, bytes: octets.length, sha256: sha256Of(octets) }))
}

function sha256Of(octets: Uint8Array): Sha256 {
  return branded(parseSha256(createHash('sha256').update(octets).digest('hex')))
}

function branded<Brand>(value: Brand | undefined): Brand {
  if (value === undefined) throw new Error('what a test gives is well formed')
  return value
}
