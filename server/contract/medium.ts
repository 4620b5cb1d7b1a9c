/**
 * What is on a medium, as server, builder and agent name it (S7-036 to S7-041, security 6.5). Every file of a medium but the
 * manifest and its signature is in the manifest, with length and hash; the site signs that. `Variables.dat` is sealed by the
 * password, where there is one, and bound to the medium and to the other files. A medium holds a key pair of its own: what it
 * may is what the site's record of it says on the day it is used, so it can be dated and revoked, and nobody's account is on it.
 *
 *     EFI/BOOT/…  boot/…                loaders, kernel, boot image
 *     MediaLabel.txt  .disk/info
 *     SMS/data/TSMBootstrap.ini         what a person, or another program, wants to know first
 *     SMS/data/Variables.dat            `SealedContents`
 *     SMS/data/manifest.json            `MediumManifest`
 *     SMS/data/manifest.sig             Ed25519 of `signedManifestPrefix` and the manifest, base64, and a line feed
 *     SMS/content/ab/ab…                files of packages by SHA-256, not encrypted (S7-005)
 */

import type { PackageId } from '../address/identifiers.ts'
import type { BootArchitecture } from '../site/boot-image.ts'
import { parseSha256, type Sha256 } from '../site/content.ts'
import type { Policy, PolicyContent, PolicyVariable } from './agent.ts'

/** 128 random bits, hexadecimal: the "media GUID". */
export type MediumId = string & { readonly __brand: 'MediumId' }

export function parseMediumId(text: string): MediumId | undefined {
  return /^[0-9a-f]{32}$/.test(text) ? (text as MediumId) : undefined
}

export const mediumKinds = ['bootable', 'stand-alone', 'prestaged', 'capture'] as const
export type MediumKind = (typeof mediumKinds)[number]

/** `_SMSTSMediaType` of what starts from it (S7 7.1); none of capture media. */
export const publishedMediaTypes = {
  bootable: 'BootMedia',
  'stand-alone': 'FullMedia',
  prestaged: 'OEMMedia',
  capture: '',
} as const satisfies Record<MediumKind, string>

export const mediumFiles = {
  settings: 'SMS/data/TSMBootstrap.ini',
  variables: 'SMS/data/Variables.dat',
  manifest: 'SMS/data/manifest.json',
  signature: 'SMS/data/manifest.sig',
  label: 'MediaLabel.txt',
  kernel: 'boot/vmlinuz',
  initramfs: 'boot/initrd.img',
} as const

/** Arguments of the kernel with which a medium's loader starts the boot image. */
export const mediumKernelArguments = {
  /** The medium's id: which volume is looked for. */
  medium: 'reveille.media',
  /** The site's key for media: 32 raw octets, base64url. */
  siteKey: 'reveille.media-key',
  /** `reveille.network=agent`: init leaves the network to the agent, who may ask a person first. */
  network: 'reveille.network',
} as const

export function mediumContentPath(sha256: Sha256): string {
  return `SMS/content/${sha256.slice(0, 2)}/${sha256}`
}

export interface MediumFile {
  /** As on the medium, with forward slashes. */
  readonly path: string
  readonly bytes: number
  readonly sha256: Sha256
}

export interface MediumManifest {
  readonly format: 1
  readonly mediumId: MediumId
  readonly siteCode: string
  readonly kind: MediumKind
  readonly label: string
  readonly createdAtMs: number
  /** It starts nothing before, nor from `expiresAtMs` on (S7-019, S7-020). */
  readonly startsAtMs?: number
  readonly expiresAtMs?: number
  /** No network page and no list of optional task sequences; a password is still asked for (S7-010). */
  readonly unattended: boolean
  readonly passwordRequired: boolean
  /** Base addresses of the site (S7-011, S7-012): one with `site-based`, several in order with `dynamic`. None: it is never asked. */
  readonly serverSelection: 'dynamic' | 'site-based'
  readonly servers: readonly string[]
  readonly bootImage: { readonly id: PackageId; readonly version: number; readonly architecture: BootArchitecture }
  /** Of the medium, raw 32 octets, base64; absent: it never asks the site. */
  readonly mediumKey?: string
  /** Which one of a set this is (S7-014). */
  readonly volume: { readonly number: number; readonly count: number }
  /** On which volume the files of `contents` are, where there are several; by SHA-256. Absent: on this one. */
  readonly volumeOf?: Readonly<Record<string, number>>
  /** What the medium has the content of: all that a stand-alone one needs, a cache on a prestaged one, files for the prestart command. */
  readonly contents: readonly PolicyContent[]
  /** Every file of this volume but the manifest and its signature, by path. */
  readonly files: readonly MediumFile[]
  /** The image that this manifest was laid out in; absent: it was made by a version of Reveille that did not sign that. */
  readonly image?: SignedImage
}

/** What an image has besides its files: tables, folders, names for other systems, boot code, and where each file lies. */
export interface SignedImage {
  /** Of the whole image, in 16 decimal digits: to fill it in moves nothing. */
  readonly bytes: string
  /** As `media/signed/outside-files.ts` makes it. */
  readonly outsideFiles: Sha256
}

/** What `Variables.dat` holds. */
export interface SealedContents {
  readonly variables: readonly PolicyVariable[]
  /** Private Ed25519 key of the medium, PKCS 8 DER, base64; absent: it never asks the site. */
  readonly mediumKey?: string
  /** Runs before the site is asked for policy (S6-042, S6-047). */
  readonly prestart?: { readonly commandLine: string; readonly contentId?: PackageId }
  /** Of stand-alone and capture media: all there is to do (S7-038). */
  readonly policy?: MediumPolicy
}

/** There is no deployment: `_SMSTSAdvertID` is not defined (S7-027). */
export type MediumPolicy = Omit<Policy, 'deploymentId'>

/** With hello: that whoever has this identity key was started from this medium. Which deployment it prefers selects and never authorises. */
export interface MediumClaim {
  readonly mediumId: MediumId
  /** Ed25519 of `mediumClaimText` with the medium's key, base64. */
  readonly signature: string
}

export function mediumClaimText(mediumId: MediumId, identityKey: string, nonce: string): string {
  return `reveille-medium-claim-1\n${mediumId}\n${identityKey}\n${nonce}\n`
}

/** What the site signs: this line, then the octets of the manifest as they are on the medium. */
export const signedManifestPrefix = 'reveille-medium-manifest-1\n'

/** One form for one manifest: what was signed can be made again. */
export function printMediumManifest(manifest: MediumManifest): string {
  return `${JSON.stringify(manifest, undefined, 1)}\n`
}

/** What `Variables.dat` is bound to: all files of its volume but itself. */
export function otherFilesText(files: readonly MediumFile[]): string {
  const others = files.filter(({ path }) => path !== mediumFiles.variables)
  return others.map(({ path, bytes, sha256 }) => `${sha256} ${bytes} ${path}\n`).join('')
}

/** Of octets whose signature was found right, so only another version of this program can have written something else. */
export function parseMediumManifest(text: string): MediumManifest | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined
  const manifest = parsed as Partial<MediumManifest>
  const isOurs =
    manifest.format === 1 &&
    parseMediumId(String(manifest.mediumId)) !== undefined &&
    mediumKinds.some((kind) => kind === manifest.kind) &&
    Array.isArray(manifest.files) &&
    manifest.files.every(isMediumFile) &&
    Array.isArray(manifest.contents) &&
    Array.isArray(manifest.servers)
  return isOurs ? (manifest as MediumManifest) : undefined
}

function isMediumFile(file: unknown): boolean {
  if (typeof file !== 'object' || file === null) return false
  const { path, bytes, sha256 } = file as Partial<Record<keyof MediumFile, unknown>>
  return typeof path === 'string' && Number.isSafeInteger(bytes) && parseSha256(String(sha256)) !== undefined
}

export interface MediumSettings {
  readonly kind: MediumKind
  readonly passwordRequired: boolean
  readonly unattended: boolean
}

/** `TSMBootstrap.ini` (S7-037). It tells; nothing is believed of it. */
export function printMediumSettings({ kind, passwordRequired, unattended }: MediumSettings): string {
  const lines = [
    '[MediaInfo]',
    `MediaType=${publishedMediaTypes[kind] || 'CaptureMedia'}`,
    `PasswordRequired=${String(passwordRequired)}`,
    `Unattended=${String(unattended)}`,
  ]
  return `${lines.join('\r\n')}\r\n`
}

/** The media variable that says where the site is (S7-012). */
export function serverVariable({
  serverSelection,
  servers,
}: Pick<MediumManifest, 'serverSelection' | 'servers'>): PolicyVariable {
  const name = serverSelection === 'dynamic' ? 'SMSTSLocationMPs' : 'SMSTSMP'
  return { name, value: servers.join('*'), secret: false }
}
