/**
 * A file of content as one stream of octets, whatever happens on the way: it asks again from the octet where the
 * connection broke, at the next base; when all of them failed it waits, longer each time (HTTP Range, RFC 9110 section 14).
 * Bases are the distribution points that the policy names for the content, in its order, and then the server itself.
 * `If-Range` makes sure that no octets of another version are mixed in. The hash is judged at the end; a wrong one
 * names the content, its version, the file and both hashes.
 */

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import type { PolicyContent } from '../server/contract/agent.ts'
import { contentPath } from '../server/contract/routes.ts'
import { type ContentFile, isContentName } from '../server/site/content.ts'
import { type BackOff, backOffMs, pause, serverBackOff } from './back-off.ts'
import { open } from './exchange.ts'
import { connectionFaultKind, Fault } from './fault.ts'
import type { ServerLocation } from './server-location.ts'

export interface DownloadSettings {
  /** The server itself; none where there is only the medium. */
  readonly bases: ServerLocation
  /** Asked before any server. */
  readonly medium?: ContentOnMedium
  /** Asked for at each try, because it changes when the run is resumed. */
  readonly token: () => string
  readonly onFault: (fault: Fault, againInMs: number) => void
  /** Told which base the octets come from, each time that some begin to come. */
  readonly onServed?: (base: string) => void
  readonly backOff?: BackOff
  /** Silence after which a connection counts as broken. */
  readonly silenceMs?: number
  /** A folder of what was fetched before (package-content.ts): what is there with the right hash is not asked for again. */
  readonly kept?: string
  /** Tries of each base without a single new octet, after which the download fails. */
  readonly triesOfBaseMax?: number
}

/** Content of the medium that the machine was started from. */
export interface ContentOnMedium {
  /** The octets as they are there, not judged; undefined: there are none. */
  readonly open: (file: ContentFile) => Promise<AsyncIterable<Uint8Array> | undefined>
}

export interface Wanted {
  readonly content: PolicyContent
  readonly file: ContentFile
  readonly onBytes?: (bytes: number) => void
  readonly signal: AbortSignal
}

const silenceMsDefault = 30_000
/** With the usual back-off about half an hour without an octet (reliability scenario 39 asks for ten minutes). */
const triesOfBaseMaxDefault = 64

export class ContentFault extends Error {
  override readonly name = 'ContentFault'
}

/** Yields the file's octets in order; ends normally only when the hash is right. */
export async function* downloadFile(settings: DownloadSettings, wanted: Wanted): AsyncGenerator<Buffer> {
  const { file, signal } = wanted
  const bases =
    settings.medium !== undefined && settings.bases.length === 0 ? [] : basesOf(wanted.content, settings.bases)
  const hash = createHash('sha256')
  let position = 0
  let current = 0
  /** Since the last octet. */
  let failures = 0
  for await (const octets of readNearby(settings, wanted)) {
    hash.update(octets)
    position += octets.length
    wanted.onBytes?.(position)
    yield octets
  }
  if (position < file.bytes && bases.length === 0) throw new ContentFault(`${nameOf(wanted)} is not on the medium`)
  while (position < file.bytes) {
    const base = bases[current % bases.length] ?? ''
    const before = position
    try {
      for await (const octets of readFrom(settings, { ...wanted, base, position })) {
        if (position === before) settings.onServed?.(base)
        hash.update(octets)
        position += octets.length
        wanted.onBytes?.(position)
        yield octets
      }
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      failures = position > before ? 1 : failures + 1
      current += 1
      await waitOrGiveUp(settings, { error, failures, bases: bases.length, signal, what: nameOf(wanted) })
    }
  }
  const found = hash.digest('hex')
  if (found !== file.sha256) {
    throw new ContentFault(`${nameOf(wanted)} has the wrong hash: expected ${file.sha256}, received ${found}`)
  }
}

/** Below the folder that content is put into: a name of its own for each version. */
export function contentFolder({ id, version }: Pick<PolicyContent, 'id' | 'version'>): string {
  return `${id}.${version}`
}

/** On the disk or the medium; nothing, when it is on neither. */
async function* readNearby(settings: DownloadSettings, wanted: Wanted): AsyncGenerator<Buffer> {
  let isKept = false
  for await (const octets of readKept(settings, wanted)) {
    isKept = true
    yield octets
  }
  if (!isKept && settings.medium !== undefined) yield* readMedium(settings.medium, wanted)
}

/** Read once, because a disc is slow: what is not right is known at the end, as it is of what comes over the network. */
async function* readMedium(medium: ContentOnMedium, wanted: Wanted): AsyncGenerator<Buffer> {
  const { file, signal } = wanted
  let left = file.bytes
  try {
    for await (const octets of (await medium.open(file)) ?? []) {
      signal.throwIfAborted()
      left -= octets.length
      if (left < 0) throw new ContentFault(`${nameOf(wanted)} is longer than ${file.bytes} octets on the medium`)
      yield Buffer.from(octets.buffer, octets.byteOffset, octets.length)
    }
  } catch (error) {
    if (error instanceof ContentFault) throw error
    const why = error instanceof Error ? error.message : ''
    throw new ContentFault(`${nameOf(wanted)} cannot be read from the medium: ${why}`, { cause: error })
  }
  if (left > 0 && left < file.bytes)
    throw new ContentFault(`${nameOf(wanted)}: ${left} octets are missing on the medium`)
}

/** Read twice: no octet of another file goes to a step. */
async function* readKept({ kept }: DownloadSettings, { content, file }: Wanted): AsyncGenerator<Buffer> {
  if (kept === undefined) return
  const path = join(kept, contentFolder(content), file.name)
  if (!isContentName(file.name) || !(await isThere(path, file))) return
  for await (const octets of createReadStream(path)) yield Buffer.from(octets)
}

export async function isThere(path: string, { bytes, sha256 }: ContentFile): Promise<boolean> {
  const status = await lstat(path).catch(() => undefined)
  if (status?.isFile() !== true || status.size !== bytes) return false
  const hash = createHash('sha256')
  for await (const octets of createReadStream(path)) hash.update(octets)
  return hash.digest('hex') === sha256
}

interface Failed {
  readonly error: Fault
  readonly failures: number
  readonly bases: number
  readonly signal: AbortSignal
  readonly what: string
}

async function waitOrGiveUp(settings: DownloadSettings, failed: Failed): Promise<void> {
  const { error, failures, bases, signal, what } = failed
  if (signal.aborted || failures >= (settings.triesOfBaseMax ?? triesOfBaseMaxDefault) * bases) {
    throw new ContentFault(`${what} could not be downloaded: ${error.message}`, { cause: error })
  }
  // Another base may be well; only when none is, waiting helps.
  const rounds = Math.floor(failures / bases)
  const isRoundOver = failures % bases === 0
  const waitMs = isRoundOver ? backOffMs(settings.backOff ?? serverBackOff, rounds, Math.random()) : 0
  settings.onFault(error, waitMs)
  if (waitMs > 0) await pause(waitMs, signal)
}

/** The site may have told its own address another way than this machine knows it. */
export function basesOf({ bases = [] }: Pick<PolicyContent, 'bases'>, server: ServerLocation): readonly string[] {
  const all = [...new Set([...bases, ...server])]
  return all.length === 0 ? [''] : all
}

interface Place extends Wanted {
  readonly base: string
  readonly position: number
}

async function* readFrom(settings: DownloadSettings, place: Place): AsyncGenerator<Buffer> {
  const { content, file, position, signal } = place
  const encodedName = file.name.split('/').map(encodeURIComponent).join('/')
  const url = place.base + contentPath(content.id, content.version, encodedName)
  const message = await open({
    method: 'GET',
    url,
    headers: {
      authorization: `Bearer ${settings.token()}`,
      'accept-encoding': 'identity',
      ...(position === 0 ? {} : { range: `bytes=${position}-`, 'if-range': `"${file.sha256}"` }),
    },
    timeoutMs: settings.silenceMs ?? silenceMsDefault,
    signal,
  })
  let left = file.bytes - position
  try {
    const skip = skipOf(message, { url, position, content: nameOf(place) })
    for await (const octets of without(message, skip)) {
      left -= octets.length
      if (left < 0) throw new ContentFault(`${nameOf(place)} is longer than ${file.bytes} octets at ${url}`)
      yield octets
    }
  } catch (error) {
    if (error instanceof Fault || error instanceof ContentFault) throw error
    throw new Fault(connectionFaultKind(error), url, error instanceof Error ? error.message : '')
  } finally {
    message.destroy()
  }
  if (left > 0) throw new Fault('broken', url, `${left} octets are missing`)
}

/** How many octets of the answer we have already: a server that does not know Range starts at the first again. */
function skipOf(message: IncomingMessage, asked: { url: string; position: number; content: string }): number {
  const { statusCode = 0 } = message
  if (statusCode === 206) {
    const start = /^bytes (\d+)-/.exec(message.headers['content-range'] ?? '')?.[1]
    if (Number(start) !== asked.position) throw new Fault('not-ours', asked.url, 'another range than the one asked for')
    return 0
  }
  if (statusCode === 200) return asked.position
  const detail = `${asked.content}: HTTP ${statusCode}`
  if (statusCode === 404) throw new Fault('not-found', asked.url, detail)
  if (statusCode === 401 || statusCode === 403) throw new Fault('unknown-token', asked.url, detail)
  throw new Fault('server-error', asked.url, detail)
}

async function* without(message: IncomingMessage, skip: number): AsyncGenerator<Buffer> {
  let toSkip = skip
  for await (const chunk of message) {
    const octets = Buffer.from(chunk)
    const rest = octets.subarray(Math.min(toSkip, octets.length))
    toSkip -= octets.length - rest.length
    if (rest.length > 0) yield rest
  }
}

function nameOf({ content, file }: Wanted): string {
  return `content ${content.id} version ${content.version}, file ${file.name}`
}
