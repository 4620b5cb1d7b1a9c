/**
 * Images of media into files. What arrives is kept beside the file under the tag of the image, so that a download goes on where
 * it ended, also that of another process; the file has its name when it is whole, and another one is never replaced unasked.
 */

import { open, rename, stat } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { z } from 'zod'
import { messageOf, systemErrorCode } from '../caught-error.ts'
import type { ApiClient, Fields } from './api-client.ts'

import { type MediumFormat } from '../../media/medium/medium-spec.ts'
import { CliError } from './cli-error.ts'
import { chooseDevice, type DeviceTarget } from './device-target.ts'
import { printDisk } from './disk-rules.ts'
import { Progress, showProgress } from './show-progress.ts'
import { writeToDevice } from './write-device.ts'

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

/** Tries without a single octet in between. */
const triesMax = 6

async function downloadImage(client: ApiClient, path: string, { file, mayReplace }: ImageTarget): Promise<void> {
  const head = await client.open('HEAD', path)
  const bytes = Number(head.headers['content-length'])
  const { etag = '' } = head.headers
  head.resume()
  const partial = `${file}.${etag.replaceAll(/[^0-9a-f]/g, '').slice(0, 16)}.partial`
  const progress = new Progress('written', bytes)
  let arrived = await sizeOf(partial)
  progress.add(arrived)
  for (let tries = 0; arrived < bytes; ) {
    const before = arrived
    const failure = await append(client, path, { partial, from: arrived, etag, progress })
    arrived = await sizeOf(partial)
    tries = arrived > before ? 0 : tries + 1
    if (arrived < bytes && tries >= triesMax) throw new CliError(`${file}: ${failure ?? 'the server sends nothing'}`)
    if (arrived < bytes && tries > 0) await setTimeout(500 * tries)
  }
  progress.end()
  refuseToReplace({ mayReplace }, file, await kindOf(file))
  await rename(partial, file)
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
  const image = `${path}/image?format=${format}&volume=1`
  const head = await client.open('HEAD', image)
  const length = Number(head.headers['content-length'])
  const { etag = '' } = head.headers
  head.resume()
  const shown = { written: showProgress('written'), verified: showProgress('verified') }
  const { disk, sha256 } = await writeToDevice({
    path: device,
    length,
    ...(yesErase === undefined ? {} : { yesErase }),
    read: (from, to) => readRange(client, image, { from, to, etag }),
    onProgress: (phase, octets, total) => shown[phase](octets, total),
  })
  const line = `${printDisk(disk)} has the medium: ${length} octets were written, and read again (SHA-256 ${sha256})`
  process.stderr.write(`${line}\n`)
}

interface Range {
  readonly from: number
  readonly to: number
  readonly etag: string
}

/** Goes on where it was broken off. */
async function* readRange(
  client: ApiClient,
  path: string,
  { from, to, etag }: Range,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let [position, tries] = [from, 0]; position < to; tries += 1) {
    const before = position
    const answer = await ranged(client, path, { from: position, etag })
    let failure = typeof answer === 'string' ? answer : undefined
    if (typeof answer !== 'string') {
      if (answer.statusCode !== 206) throw new CliError('the medium is another one now: begin again')
      try {
        for await (const chunk of answer) {
          if (!Buffer.isBuffer(chunk)) continue
          position += chunk.length
          yield chunk
        }
      } catch (error) {
        failure = messageOf(error)
      }
    }
    if (position > before) tries = 0
    if (position < to && tries >= triesMax) throw new CliError(failure ?? 'the server sends nothing')
    if (position < to) await setTimeout(500 * tries)
  }
}

interface Appending {
  readonly partial: string
  readonly from: number
  readonly etag: string
  readonly progress: Progress
}

/** What ended it early; undefined: nothing did. A refusal of the server, or of the disk, is thrown. */
async function append(
  client: ApiClient,
  path: string,
  { partial, from, etag, progress }: Appending,
): Promise<string | undefined> {
  const handle = await opened(partial)
  try {
    const answer = await ranged(client, path, { from, etag })
    if (typeof answer === 'string') return answer
    if (answer.statusCode !== 206)
      throw new CliError('the medium is another one now; delete what was begun, and try again')
    try {
      for await (const chunk of answer) {
        if (!Buffer.isBuffer(chunk)) continue
        await handle.appendFile(chunk)
        progress.add(chunk.length)
      }
    } catch (error) {
      if (isOfDisk(error)) throw new CliError(`${partial}: ${messageOf(error)}`, { cause: error })
      return messageOf(error)
    }
    return undefined
  } finally {
    await handle.sync()
    await handle.close()
  }
}

async function ranged(
  client: ApiClient,
  path: string,
  { from, etag }: { readonly from: number; readonly etag: string },
): Promise<IncomingMessage | string> {
  try {
    return await client.open('GET', path, { range: `bytes=${from}-`, 'if-range': etag })
  } catch (error) {
    if (error instanceof CliError && error.cause !== undefined) return error.message
    throw error
  }
}

function isOfDisk(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EROFS'].includes(systemErrorCode(error) ?? '')
}

/** Whoever has it may, without a password, start machines with it. */
async function opened(file: string) {
  try {
    return await open(file, 'a', 0o600)
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
