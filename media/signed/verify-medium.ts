/**
 * Is this medium the one that the site made, as it made it, and may it be used now? Signature, dates, and every file by length
 * and hash, in the order in which a doubt costs least (security 6.5). The agent asks it before it uses anything, and
 * `./reveille media verify` asks it of the whole.
 */

import { createHash } from 'node:crypto'
import {
  type MediumFile,
  mediumFiles,
  type MediumId,
  type MediumManifest,
  parseMediumManifest,
  signedManifestPrefix,
} from '../../server/contract/medium.ts'
import { isSignedBy } from './site-key.ts'

/** A folder, a mounted volume or an image: paths as in the manifest. */
export interface MediumReader {
  /** Paths of all files. */
  readonly list: () => Promise<readonly string[]>
  /** Undefined: there is none. */
  readonly read: (path: string) => Promise<AsyncIterable<Uint8Array> | undefined>
}

export interface VerifyManifest {
  /** Of the site: 32 raw octets, base64 or base64url. */
  readonly siteKey: string
  /** Which medium it has to be; absent: any one of the site. */
  readonly mediumId?: MediumId
  /** Undefined: its dates are not asked about. */
  readonly nowMs: number | undefined
}

export type VerifiedManifest =
  | { readonly kind: 'verified'; readonly manifest: MediumManifest }
  | { readonly kind: 'refused'; readonly reason: string }

/** Larger than any manifest of ours: a file that grew must not fill the memory. */
const manifestBytesMax = 64 * 1024 * 1024

export async function verifyManifest(reader: MediumReader, wanted: VerifyManifest): Promise<VerifiedManifest> {
  const octets = await readWhole(reader, mediumFiles.manifest, manifestBytesMax)
  const signature = await readWhole(reader, mediumFiles.signature, 1_024)
  if (octets === undefined || signature === undefined) return refused('it has no signed list of its files')
  const text = Buffer.concat([Buffer.from(signedManifestPrefix), octets])
  const line = signature.toString('latin1')
  if (!line.endsWith('\n') || !isSignedBy(wanted.siteKey, text, line.slice(0, -1))) {
    return refused('the list of its files is not signed by the site: it was altered, or another site made it')
  }
  const manifest = parseMediumManifest(octets.toString('utf8'))
  if (manifest === undefined) return refused('a version of Reveille made it that this one does not know')
  if (wanted.mediumId !== undefined && manifest.mediumId !== wanted.mediumId) {
    return refused(`it is medium ${manifest.mediumId}, and ${wanted.mediumId} was started`)
  }
  const date = wanted.nowMs === undefined ? undefined : whyNotNow(manifest, wanted.nowMs)
  return date === undefined ? { kind: 'verified', manifest } : refused(date)
}

/** S7-019, S7-020: by the clock of whoever asks. */
export function whyNotNow(
  { startsAtMs, expiresAtMs }: Pick<MediumManifest, 'startsAtMs' | 'expiresAtMs'>,
  nowMs: number,
): string | undefined {
  const clock = `it is ${dateText(nowMs)} now, if the clock is right`
  if (startsAtMs !== undefined && nowMs < startsAtMs)
    return `it may not be used before ${dateText(startsAtMs)}; ${clock}`
  if (expiresAtMs !== undefined && nowMs >= expiresAtMs) return `it expired at ${dateText(expiresAtMs)}; ${clock}`
  return undefined
}

export interface VerifyFiles {
  /** Which files are looked at; absent: all of them, and that there are no others. */
  readonly only?: (file: MediumFile) => boolean
  readonly onProgress?: (octets: number, total: number) => void
}

/** What is wrong with the files that the manifest names; empty: nothing. */
export async function verifyFiles(
  reader: MediumReader,
  manifest: MediumManifest,
  { only, onProgress }: VerifyFiles = {},
): Promise<string[]> {
  const files = only === undefined ? manifest.files : manifest.files.filter(only)
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const faults: string[] = []
  let done = 0
  for (const file of files) {
    const fault = await faultOf(reader, file)
    if (fault !== undefined) faults.push(fault)
    done += file.bytes
    onProgress?.(done, total)
  }
  return only === undefined ? [...faults, ...(await strangers(reader, manifest))] : faults
}

/** One file of the manifest, whole and as it was signed; undefined where it is not. For small ones. */
export async function readVerified(
  reader: MediumReader,
  manifest: MediumManifest,
  path: string,
): Promise<Buffer | undefined> {
  const file = manifest.files.find((each) => each.path === path)
  if (file === undefined) return undefined
  const octets = await readWhole(reader, path, file.bytes)
  if (octets === undefined || octets.length !== file.bytes) return undefined
  return createHash('sha256').update(octets).digest('hex') === file.sha256 ? octets : undefined
}

async function faultOf(reader: MediumReader, { path, bytes, sha256 }: MediumFile): Promise<string | undefined> {
  const content = await reader.read(path)
  if (content === undefined) return `${path} is missing`
  const hash = createHash('sha256')
  let length = 0
  for await (const piece of content) {
    length += piece.length
    if (length > bytes) return `${path} is longer than ${bytes} octets`
    hash.update(piece)
  }
  if (length !== bytes) return `${path} has ${length} octets instead of ${bytes}`
  return hash.digest('hex') === sha256 ? undefined : `${path} was altered`
}

async function strangers(reader: MediumReader, { files }: MediumManifest): Promise<string[]> {
  const known = new Set([...files.map(({ path }) => path), mediumFiles.manifest, mediumFiles.signature])
  return (await reader.list()).filter((path) => !known.has(path)).map((path) => `${path} does not belong to it`)
}

async function readWhole(reader: MediumReader, path: string, bytesMax: number): Promise<Buffer | undefined> {
  const content = await reader.read(path)
  if (content === undefined) return undefined
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of content) {
    length += piece.length
    if (length > bytesMax) return undefined
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

function refused(reason: string): VerifiedManifest {
  return { kind: 'refused', reason }
}

function dateText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}
