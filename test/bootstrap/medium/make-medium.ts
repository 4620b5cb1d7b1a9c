/** A medium of a site of the test's own: signed, sealed, in a folder, and on a loop device where a test mounts it. Needs root for that. */

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ExecutionContext } from 'ava'
import type { BlockDevice } from '../../../bootstrap/medium/block-devices.ts'
import { parsePackageId } from '../../../server/address/identifiers.ts'
import type { PolicyContent } from '../../../server/contract/agent.ts'
import {
  mediumContentPath,
  type MediumFile,
  mediumFiles,
  type MediumManifest,
  parseMediumId,
  printMediumManifest,
  type SealedContents,
  signedManifestPrefix,
} from '../../../server/contract/medium.ts'
import { parseSha256, type Sha256 } from '../../../server/site/content.ts'
import { sealVariables } from '../../../media/signed/sealed-variables.ts'
import { makeSigningKey, rawPublicKey, readSigningKey, signText } from '../../../media/signed/site-key.ts'
import { makeFolder } from '../loop-disk.ts'

const siteSigningKey = readSigningKey(makeSigningKey())
export const siteKey = Buffer.from(rawPublicKey(siteSigningKey), 'base64').toString('base64url')
export const mediumSigningKey = makeSigningKey()

export const mediumId = requireId('0123456789abcdef0123456789abcdef')
export const otherMediumId = requireId('fedcba9876543210fedcba9876543210')

function requireId(text: string) {
  const id = parseMediumId(text)
  if (id === undefined) throw new Error('a wrong fixture')
  return id
}

/** The file system of the tests' kernel; those of media are in kernels of boot images. */
export const testFileSystems = [{ name: 'ext4', magic: '\u0053\u00ef', offset: 1_080 }] as const

export interface MediumChanges {
  readonly manifest?: Partial<MediumManifest>
  readonly sealed?: Partial<SealedContents>
  readonly password?: string
  /** Content by the name of its one file. */
  readonly files?: Readonly<Record<string, string>>
}

export const contentId = (() => {
  const id = parsePackageId('RVL00009')
  if (id === undefined) throw new Error('a wrong fixture')
  return id
})()

export async function makeMedium(
  t: ExecutionContext,
  { manifest: changes = {}, sealed = {}, password, files = {} }: MediumChanges = {},
): Promise<{ readonly folder: string; readonly manifest: MediumManifest }> {
  const folder = makeFolder(t)
  const bootImageId = parsePackageId('RVL00001')
  if (bootImageId === undefined) throw new Error('a wrong fixture')
  const content: PolicyContent = {
    id: contentId,
    name: 'Prestart files',
    version: 1,
    kind: 'package',
    files: Object.entries(files).map(([name, text]) => ({
      name,
      bytes: Buffer.byteLength(text),
      sha256: hashOf(text),
    })),
  }
  const plain: MediumFile[] = [put(folder, mediumFiles.label, 'label=Berlin')]
  for (const text of Object.values(files)) plain.push(put(folder, mediumContentPath(hashOf(text)), text))
  const id = changes.mediumId ?? mediumId
  const bound = { mediumId: id, files: plain, ...(password === undefined ? {} : { password }) }
  const variables = await sealVariables({ variables: [], mediumKey: mediumSigningKey, ...sealed }, bound)
  const manifest: MediumManifest = {
    format: 1,
    mediumId: id,
    siteCode: 'RVL',
    kind: 'bootable',
    label: 'Berlin',
    createdAtMs: 0,
    unattended: false,
    passwordRequired: password !== undefined,
    serverSelection: 'dynamic',
    servers: ['http://10.0.0.1'],
    bootImage: { id: bootImageId, version: 1, architecture: 'x64' },
    volume: { number: 1, count: 1 },
    contents: content.files.length === 0 ? [] : [content],
    files: [...plain, put(folder, mediumFiles.variables, variables)],
    ...changes,
  }
  const text = printMediumManifest(manifest)
  put(folder, mediumFiles.manifest, text)
  put(folder, mediumFiles.signature, `${signText(signedManifestPrefix + text, siteSigningKey)}\n`)
  return { folder, manifest }
}

function put(folder: string, path: string, content: string | Uint8Array): MediumFile {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), content)
  return { path, bytes: Buffer.from(content).length, sha256: hashOf(content) }
}

function hashOf(content: string | Uint8Array): Sha256 {
  const sha256 = parseSha256(createHash('sha256').update(content).digest('hex'))
  if (sha256 === undefined) throw new Error('a hash is one')
  return sha256
}

/** The folder as a device that can be mounted. */
export function asDevice(t: ExecutionContext, folder: string, place: BlockDevice['place'] = 'removable'): BlockDevice {
  const image = join(makeFolder(t), 'medium.img')
  execFileSync('mkfs.ext4', ['-q', '-d', folder, image, '8M'], { stdio: 'ignore' })
  const device = execFileSync('losetup', ['--find', '--show', '--read-only', image], { encoding: 'utf8' }).trim()
  t.teardown(() => execFileSync('losetup', ['--detach', device]))
  return { device, place }
}
