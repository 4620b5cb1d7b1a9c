/**
 * Images of media into files. What arrives is kept beside the file under the tag of the image, so that a download goes on where
 * it ended, also that of another process, and is then verified; the file has its name when it is whole, and another one is never
 * replaced unasked.
 */

import { constants } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import { z } from 'zod'
import { messageOf, systemErrorCode } from '../caught-error.ts'
import type { ApiClient, Fields } from './api-client.ts'
import { type MediumFormat } from '../../media/medium/medium-spec.ts'
import { CliError } from './cli-error.ts'
import { chooseDevice, type DeviceTarget } from './device-target.ts'
import { printDisk } from './disk-rules.ts'
import { ChangedImageError, findImage, readImage, type ServerImage } from './image-octets.ts'
import { askSiteKey, verifyPath } from './media-verify-command.ts'
import { Progress, showProgress } from './show-progress.ts'
import { writeToDevice } from './write-device.ts'
import { writeAll } from './write-in-pieces.ts'

/** A file that may be written. */
export interface ImageTarget {
  readonly kind: 'file'
  readonly file: string
  readonly format: MediumFormat
  readonly mayReplace: boolean
}

export interface WantedTarget {
  readonly out?: string
  readonly format?: MediumFormat
  readonly replace?: true
  readonly yesErase?: string
}

/** Looked at before anything is made. Undefined: nothing is to be written. */
export async function chooseTarget(wanted: WantedTarget): Promise<ImageTarget | DeviceTarget | undefined> {
  const { out, format, replace, yesErase } = wanted
  if (out === undefined) return undefined
  const kind = await kindOf(out)
  if (kind === 'device') return chooseDevice(out, { format, yesErase })
  if (yesErase !== undefined) throw new CliError(`--yes-erase is for a disk, and ${out} is none`)
  const target = { kind: 'file', file: out, format: format ?? formatOf(out), mayReplace: replace === true } as const
  refuseToReplace(target, out, kind)
  return target
}

interface Download {
  /** Of the medium, in the API. */
  readonly path: string
  readonly fields: Fields
  readonly target: ImageTarget | DeviceTarget
}

const volumesSchema = z.looseObject({
  volumes: z.array(z.looseObject({ number: z.number() })),
  faults: z.array(z.string()),
})

/** S7-014: several volumes are numbered files. */
export async function downloadImages(client: ApiClient, { path, fields, target }: Download): Promise<void> {
  const { volumes, faults } = volumesSchema.parse(fields)
  if (volumes.length === 0) throw new CliError(faults.join('\n'))
  if (target.kind === 'device') return writeImage(client, { path, volumes: volumes.length, target })
  const files = volumes.map(({ number }) => ({ number, file: numbered(target.file, number) }))
  for (const { file } of files) refuseToReplace(target, file, await kindOf(file))
  for (const { number, file } of files) {
    await downloadImage(client, `${path}/image?format=${target.format}&volume=${number}`, { ...target, file })
  }
}

/** Somebody may have made the site's medium anew while it was read, and what was begun before may be spoilt: more often than that it is a fault. */
const beginningsMax = 3

async function downloadImage(client: ApiClient, path: string, target: ImageTarget): Promise<void> {
  for (let beginning = 1; beginning <= beginningsMax; beginning += 1) {
    const image = await findImage(client, path)
    const partial = `${target.file}.${image.etag.slice(1, 17)}.partial`
    const before = await sizeOf(partial)
    const fault = await fill(client, image, { partial, before })
    if (fault === undefined) {
      refuseToReplace(target, target.file, await kindOf(target.file))
      return rename(partial, target.file)
    }
    process.stderr.write(`${partial} is written anew: ${fault}\n`)
    await rm(partial)
  }
  throw new CliError(`${target.file}: what arrives is no image of this medium`)
}

interface Filling {
  readonly partial: string
  /** Octets that are there already. */
  readonly before: number
}

/** Why it is of no use; undefined: it is whole. What another process wrote nobody can vouch for, so the whole is verified then. */
async function fill(client: ApiClient, image: ServerImage, { partial, before }: Filling): Promise<string | undefined> {
  const progress = new Progress('written', image.bytes)
  progress.add(before)
  const handle = await opened(partial)
  try {
    let position = before
    for await (const octets of readImage(client, image, before)) {
      writeAll(handle, octets, position)
      position += octets.length
      progress.add(octets.length)
    }
    await handle.sync()
  } catch (error) {
    if (error instanceof ChangedImageError) return error.message
    throw error instanceof CliError ? error : new CliError(`${partial}: ${messageOf(error)}`, { cause: error })
  } finally {
    progress.end()
    await handle.close()
  }
  return before === 0 ? undefined : whyNotWhole(client, partial)
}

async function whyNotWhole(client: ApiClient, partial: string): Promise<string | undefined> {
  const siteKey = await askSiteKey(client)
  const { faults } = await verifyPath(partial, { siteKey, onProgress: showProgress('verified') })
  return faults.length === 0 ? undefined : faults.join('; ')
}

interface Write {
  readonly path: string
  readonly volumes: number
  readonly target: DeviceTarget
}

/** S7-013: to the stick itself, and read again from there. */
async function writeImage(client: ApiClient, { path, volumes, target }: Write): Promise<void> {
  const { device, format, yesErase } = target
  if (volumes > 1) throw new CliError('it is a set of discs: for a stick, make it again without a limit of size')
  const image = await findImage(client, `${path}/image?format=${format}&volume=1`)
  const shown = { written: showProgress('written'), verified: showProgress('verified') }
  const { disk, sha256 } = await writeToDevice({
    path: device,
    length: image.bytes,
    ...(yesErase === undefined ? {} : { yesErase }),
    read: (from) => readImage(client, image, from),
    onProgress: (phase, octets, total) => shown[phase](octets, total),
  })
  const line = `${printDisk(disk)} has the medium: ${image.bytes} octets were written, and read again (SHA-256 ${sha256})`
  process.stderr.write(`${line}\n`)
}

/** Whoever has it may, without a password, start machines with it. */
async function opened(file: string) {
  try {
    return await open(file, constants.O_WRONLY | constants.O_CREAT, 0o600)
  } catch (error) {
    throw new CliError(`${file}: ${messageOf(error)}`, { cause: error })
  }
}

function formatOf(file: string): MediumFormat {
  if (/\.iso$/i.test(file)) return 'iso'
  if (/\.img$/i.test(file)) return 'usb'
  if (/\.raw$/i.test(file)) return 'disk'
  throw new CliError(`${file}: name it .iso for a disc, .img for a stick or .raw for a disk, or give --format`)
}

/** `boot.iso` and 2 are `boot-2.iso`. */
function numbered(file: string, number: number): string {
  return number === 1 ? file : file.replace(/(\.[^./]*)?$/, (ending) => `-${number}${ending}`)
}

async function kindOf(file: string): Promise<'nothing' | 'file' | 'device' | 'folder'> {
  try {
    const found = await stat(file)
    if (found.isBlockDevice() || found.isCharacterDevice()) return 'device'
    return found.isDirectory() ? 'folder' : 'file'
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return 'nothing'
    throw new CliError(`${file}: ${messageOf(error)}`, { cause: error })
  }
}

function refuseToReplace(
  { mayReplace }: Pick<ImageTarget, 'mayReplace'>,
  file: string,
  kind: Awaited<ReturnType<typeof kindOf>>,
): void {
  if (kind === 'nothing' || (kind === 'file' && mayReplace)) return
  throw new CliError(
    kind === 'file' ? `${file} is there already: give --replace, or another name` : `${file} is no file`,
  )
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return 0
    throw error
  }
}
