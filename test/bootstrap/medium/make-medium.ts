/** A medium of a site of the test's own: signed, sealed, in a folder, and on a loop device where a test mounts it. Needs root for that. */

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import type { BlockDevice } from '../../../bootstrap/medium/block-devices.ts'
import type { PolicyContent } from '../../../server/contract/agent.ts'
import {
  mediumContentPath,
  mediumFiles,
  type MediumManifest,
  type SealedContents,
} from '../../../server/contract/medium.ts'
import { makeSigningKey, rawPublicKey, readSigningKey } from '../../../media/signed/site-key.ts'
import { hashOf, listedContent, mediumIdOf, packageIdOf, signMedium, writeFiles } from '../../support/signed-medium.ts'
import { makeFolder } from '../loop-disk.ts'

const siteSigningKey = readSigningKey(makeSigningKey())
export const siteKey = Buffer.from(rawPublicKey(siteSigningKey), 'base64').toString('base64url')
export const mediumSigningKey = makeSigningKey()

export const mediumId = mediumIdOf('0123456789abcdef0123456789abcdef')
export const otherMediumId = mediumIdOf('fedcba9876543210fedcba9876543210')

/** The file system of the tests' kernel; those of media are in kernels of boot images. */
export const testFileSystems = [{ name: 'ext4', magic: '\u0053\u00ef', offset: 1_080 }] as const

export interface MediumChanges {
  readonly manifest?: Partial<MediumManifest>
  readonly sealed?: Partial<SealedContents>
  readonly password?: string
  /** Content by the name of its one file. */
  readonly files?: Readonly<Record<string, string>>
}

export const contentId = packageIdOf('RVL00009')

export async function makeMedium(
  t: ExecutionContext,
  { manifest: changes = {}, sealed = {}, password, files = {} }: MediumChanges = {},
): Promise<{ readonly folder: string; readonly manifest: MediumManifest }> {
  const folder = makeFolder(t)
  const content: PolicyContent = {
    id: contentId,
    name: 'Prestart files',
    version: 1,
    kind: 'package',
    files: listedContent(files),
  }
  const ofContent = Object.values(files).map((text) => [mediumContentPath(hashOf(text)), text] as const)
  const signed = await signMedium({
    signingKey: siteSigningKey,
    files: new Map([[mediumFiles.label, 'label=Berlin'], ...ofContent]),
    manifest: {
      mediumId,
      label: 'Berlin',
      serverSelection: 'dynamic',
      servers: ['http://10.0.0.1'],
      contents: content.files.length === 0 ? [] : [content],
      ...changes,
    },
    sealed: { variables: [], mediumKey: mediumSigningKey, ...sealed },
    ...(password === undefined ? {} : { password }),
  })
  writeFiles(folder, signed.files)
  return { folder, manifest: signed.manifest }
}

/** The folder as a device that can be mounted. */
export function asDevice(t: ExecutionContext, folder: string, place: BlockDevice['place'] = 'removable'): BlockDevice {
  const image = join(makeFolder(t), 'medium.img')
  execFileSync('mkfs.ext4', ['-q', '-d', folder, image, '8M'], { stdio: 'ignore' })
  const device = execFileSync('losetup', ['--find', '--show', '--read-only', image], { encoding: 'utf8' }).trim()
  t.teardown(() => execFileSync('losetup', ['--detach', device]))
  return { device, place }
}
