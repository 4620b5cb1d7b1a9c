/** A medium as the site makes it, only small: every kind of file, a manifest, and the site's signature. */

import {
  mediumContentPath,
  mediumFiles,
  type MediumManifest,
  printMediumSettings,
  type SealedContents,
} from '../../server/contract/medium.ts'
import type { MediaEntry } from '../../media/layout/file-tree.ts'
import { layOutBytes } from '../../media/layout/layout.ts'
import { rawPublicKey, readSigningKey } from '../../media/signed/site-key.ts'
import type { MediumReader } from '../../media/signed/verify-medium.ts'
import { hashOf, mediumIdOf, type SignedMedium, signMedium } from './signed-medium.ts'

export interface SmallMedium extends SignedMedium {
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
  const { label = 'Stick of the school', mediumId = '00112233445566778899aabbccddeeff', password, dates } = options
  const signingKey = readSigningKey(options.signingKey)
  const sealed: SealedContents = { variables: [{ name: 'SMSTSPreferredAdvertID', value: 'RVL20005', secret: false }] }
  const fields = { mediumId: mediumIdOf(mediumId), label, createdAtMs: smallMediumMadeMs, unattended: true, ...dates }
  const signed = await signMedium({
    signingKey,
    files: contentOf(label),
    manifest: fields,
    sealed,
    ...(password === undefined ? {} : { password }),
  })
  return { ...signed, siteKey: rawPublicKey(signingKey) }
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
    [mediumContentPath(hashOf(content)), content],
  ])
}
