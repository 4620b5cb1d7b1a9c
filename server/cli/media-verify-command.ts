/**
 * `media verify PATH`: is this the medium that the site made, as it made it? Of an image file, a disk or a folder: signature, dates,
 * every file, no strangers, neither among its files nor in the volume that firmware starts from, and what is outside of files
 * (security A07, 6.5); and that the site has not revoked it, where the site is asked. What could not be looked at is said. Nothing
 * on it is run, and nothing is written.
 */

import type { Command } from 'commander'
import { z } from 'zod'
import { type MediumManifest, mediumFiles } from '../contract/medium.ts'
import { messageOf, systemErrorCode } from '../caught-error.ts'
import type { FoundVolume } from '../../media/read/found-files.ts'
import { UnreadableImageError } from '../../media/read/octet-source.ts'
import { type OpenedImage, openImage, readerOf } from '../../media/read/open-image.ts'
import { verifyOutsideFiles } from '../../media/read/verify-outside-files.ts'
import { openVariables } from '../../media/signed/sealed-variables.ts'
import { readVerified, verifyFiles, verifyManifest } from '../../media/signed/verify-medium.ts'
import { ApiClient } from './api-client.ts'
import { CliError } from './cli-error.ts'
import { plainText, printJson } from './print.ts'
import { showProgress } from './show-progress.ts'
import { askSecrets, readSecretFile } from './secret-input.ts'
import { readSiteKey } from './site-key-option.ts'

export interface VerifiedMedium {
  readonly faults: readonly string[]
  /** What nobody has judged: whoever alters only that is not found out. */
  readonly notLookedAt: readonly string[]
  /** Of a medium whose manifest the site signed. */
  readonly manifest?: MediumManifest
}

export interface VerifyOptions {
  readonly siteKey: string
  /** Absent: whether it may be used today is not asked. */
  readonly nowMs?: number
  /** Absent: what is sealed is not opened. */
  readonly password?: string
  readonly onProgress?: (octets: number, total: number) => void
}

interface CommandOptions {
  readonly key?: string
  readonly password?: true
  readonly passwordFile?: string
}

export function addVerifyCommand(noun: Command): void {
  noun
    .command('verify')
    .description('say whether a medium is what the site made: an image file, a disk, or a folder')
    .argument('<path>')
    .option('--key <key>', "the site's key for media, base64, or a file with it; else the server is asked")
    .option('--password', 'ask for the password, and try whether the medium opens with it')
    .option('--password-file <file>', 'the same, with the password in a file')
    .action(async (path: string, options: CommandOptions, self: Command) => {
      const { key } = options
      const site = key === undefined ? new ApiClient(self) : undefined
      const verified = await askSite(
        site,
        await verifyPath(path, {
          siteKey: site === undefined ? readSiteKey(key ?? '') : await askSiteKey(site),
          nowMs: Date.now(),
          ...(await passwordOf(options)),
          onProgress: showProgress('read'),
        }),
      )
      printVerified(path, verified, self.optsWithGlobals()['json'] === true)
      if (verified.faults.length > 0) process.exitCode = 1
    })
}

export async function askSiteKey(client: ApiClient): Promise<string> {
  const { fields } = await client.get('/media/site-key')
  return readSiteKey(String(fields['key']))
}

/** S7-019: that it was revoked stands on no medium. */
async function askSite(site: ApiClient | undefined, verified: VerifiedMedium): Promise<VerifiedMedium> {
  if (verified.manifest === undefined) return verified
  if (site === undefined)
    return { ...verified, notLookedAt: [...verified.notLookedAt, 'whether it was revoked: no server was asked'] }
  const { mediumId } = verified.manifest
  const known = listedMedia.parse((await site.get('/media')).fields).items.find(({ id }) => id === mediumId)
  const fault = known === undefined ? 'the site has deleted it: nothing starts from it any more' : faultOf(known.state)
  return fault === undefined ? verified : { ...verified, faults: [...verified.faults, fault] }
}

const listedMedia = z.object({ items: z.array(z.object({ id: z.string(), state: z.string() })) })

function faultOf(state: string): string | undefined {
  return state === 'revoked' ? 'it was revoked: nothing starts from it any more' : undefined
}

export async function verifyPath(path: string, options: VerifyOptions): Promise<VerifiedMedium> {
  let image: OpenedImage | undefined
  try {
    image = await openImage(path)
    return await verifyMedium(image, options)
  } catch (error) {
    if (error instanceof UnreadableImageError) return refused(`it cannot be read as a medium: ${error.message}`)
    if (systemErrorCode(error) === undefined) throw error
    throw new CliError(`${path}: ${messageOf(error)}`, { cause: error })
  } finally {
    await image?.close()
  }
}

async function verifyMedium(
  { reader, otherVolumes, image }: OpenedImage,
  options: VerifyOptions,
): Promise<VerifiedMedium> {
  const { siteKey, nowMs, password, onProgress } = options
  const verified = await verifyManifest(reader, { siteKey, nowMs })
  if (verified.kind === 'refused') return refused(verified.reason)
  const { manifest } = verified
  const faults = await verifyFiles(reader, manifest, onProgress === undefined ? {} : { onProgress })
  for (const volume of otherVolumes) faults.push(...(await faultsOfVolume(volume, manifest)))
  const outside = await verifyOutsideFiles(image, manifest)
  faults.push(...outside.faults)
  if (password !== undefined) faults.push(...(await whyNotOpened(reader, manifest, password)))
  return { faults, notLookedAt: outside.notLookedAt, manifest }
}

function refused(fault: string): VerifiedMedium {
  return { faults: [fault], notLookedAt: [] }
}

/** What firmware starts from has some of the files of the medium once more, and no others. */
async function faultsOfVolume(volume: FoundVolume, manifest: MediumManifest): Promise<string[]> {
  const files = manifest.files.filter(({ path }) => volume.files.has(path))
  const known = new Set(files.map(({ path }) => path))
  const strangers = [...volume.files.keys()].filter((path) => !known.has(path))
  const altered = await verifyFiles(readerOf(volume), manifest, { only: ({ path }) => known.has(path) })
  return [...altered, ...strangers.map((path) => `${path} does not belong to it`)].map(
    (fault) => `in its ${volume.kind} volume ${volume.label}: ${fault}`,
  )
}

async function whyNotOpened(
  reader: OpenedImage['reader'],
  manifest: MediumManifest,
  password: string,
): Promise<string[]> {
  const octets = await readVerified(reader, manifest, mediumFiles.variables)
  if (octets === undefined) return []
  const { mediumId, files } = manifest
  const opened = await openVariables(octets, { mediumId, files, password })
  if (opened.kind === 'opened') return []
  return [
    opened.kind === 'wrong-password' ? 'the password does not open it' : `${mediumFiles.variables} is not readable`,
  ]
}

async function passwordOf(options: CommandOptions): Promise<{ readonly password?: string }> {
  if (options.passwordFile !== undefined) return { password: readSecretFile(options.passwordFile) }
  if (options.password !== true) return {}
  const answers = await askSecrets(['password'])
  return { password: answers.get('password') ?? '' }
}

function printVerified(path: string, { faults, notLookedAt, manifest }: VerifiedMedium, json: boolean): void {
  if (json) {
    const { mediumId, label, kind, volume } = manifest ?? {}
    printJson({ path, isWhatTheSiteMade: faults.length === 0, faults, notLookedAt, mediumId, label, kind, volume })
    return
  }
  if (faults.length === 0 && manifest !== undefined) {
    const { mediumId, label, kind, siteCode, files } = manifest
    process.stdout.write(
      `${path} is what the site ${siteCode} made: ${kind} medium “${plainText(label)}” (${mediumId}), ${files.length} files\n`,
    )
    for (const what of notLookedAt) process.stdout.write(`  not looked at: ${what}\n`)
    return
  }
  process.stdout.write(`${path} is not what the site made:\n`)
  for (const fault of faults) process.stdout.write(`  ${plainText(fault)}\n`)
}
