/**
 * Answers GET and HEAD for a file of known hash: whole, one range, or several (RFC 9110 section 14). Firmware is the
 * strictest reader: it asks HEAD first, needs Content-Length, never follows a redirect, and resumes with If-Match
 * (peers.md H04 to H10). HEAD gives exactly the headers of GET. It does not decide who may read.
 */

import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Sha256 } from '../site/content.ts'
import { type ByteRange, parseRange } from './byte-range.ts'
import { judgeConditions } from './conditional-request.ts'
import { copyInKernel } from './kernel-copy.ts'
import { encodeMultipart, type Multipart } from './multipart-ranges.ts'
import { Problem } from './problem.ts'

export interface ContentToSend {
  readonly bytes: number
  readonly sha256: Sha256
  readonly type: string
  readonly lastModifiedMs?: number
  readonly cacheControl: string
  open(): Promise<OpenContent>
}

export interface OpenContent {
  /** Of a plain file that holds the content from its first octet on. */
  readonly fileDescriptor?: number
  /** Exactly these octets; fewer is a fault of the disk and rejects. */
  read(position: number, length: number): Promise<Uint8Array>
  close(): Promise<void>
}

/** Told after each slice; the whole answer counts as one transfer. */
export interface TransferWatcher {
  sent(bytes: number): void
  ended(complete: boolean): void
}

/** Large enough that the disk and the kernel are asked seldom: 1.7 GB/s against 0.5 (dependencies.md section 5). */
export const sliceBytes = 1024 * 1024

/** Below it one slice does. */
const kernelCopyBytesMin = 64 * 1024

/** A reader that takes nothing for this long is gone; slow ones take something. */
export const standstillMs = 60_000

export async function sendContent(
  request: IncomingMessage,
  response: ServerResponse,
  content: ContentToSend,
  watch?: (bytes: number) => TransferWatcher,
): Promise<void> {
  const etag = `"${content.sha256}"`
  const headers = contentHeaders(content, etag)
  const verdict = judgeConditions(request.headers, { etag, ...lastModified(content) })
  if (verdict === 'precondition-failed') throw new Problem(412, { headers: { etag } })
  if (verdict === 'not-modified') {
    response.writeHead(304, { etag, 'cache-control': content.cacheControl }).end()
    return
  }
  // Ranges are defined for GET alone (RFC 9110 section 14.2).
  const wanted = request.method === 'GET' && verdict === 'send' ? request.headers.range : undefined
  const answer = parseRange(wanted, content.bytes)
  if (answer.kind === 'unsatisfiable') {
    throw new Problem(416, { headers: { 'content-range': `bytes */${content.bytes}`, etag } })
  }
  const parts = answer.kind === 'whole' ? undefined : answer.ranges
  const plan = planBody(content, parts)
  response.writeHead(plan.status, { ...headers, ...plan.headers })
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  await sendPieces({ response, content, pieces: plan.pieces, ...watcherOf(watch, plan.bytes) })
}

function contentHeaders(content: ContentToSend, etag: string): Record<string, string> {
  return {
    'content-type': content.type,
    'accept-ranges': 'bytes',
    etag,
    // RFC 9530: of the whole representation, also when a part is sent (HT-22).
    'repr-digest': `sha-256=:${Buffer.from(content.sha256, 'hex').toString('base64')}:`,
    'cache-control': content.cacheControl,
    ...(content.lastModifiedMs === undefined
      ? {}
      : { 'last-modified': new Date(content.lastModifiedMs).toUTCString() }),
  }
}

function lastModified(content: ContentToSend): { lastModifiedMs?: number } {
  return content.lastModifiedMs === undefined ? {} : { lastModifiedMs: content.lastModifiedMs }
}

function watcherOf(
  watch: ((bytes: number) => TransferWatcher) | undefined,
  bytes: number,
): { watcher?: TransferWatcher } {
  return watch === undefined ? {} : { watcher: watch(bytes) }
}

type Piece = ByteRange | Uint8Array

interface BodyPlan {
  readonly status: 200 | 206
  readonly headers: Readonly<Record<string, string | number>>
  readonly pieces: readonly Piece[]
  readonly bytes: number
}

function planBody(content: ContentToSend, ranges: readonly ByteRange[] | undefined): BodyPlan {
  const [only] = ranges ?? []
  if (ranges === undefined || only === undefined) {
    const pieces = content.bytes === 0 ? [] : [{ first: 0, last: content.bytes - 1 }]
    return { status: 200, headers: { 'content-length': content.bytes }, pieces, bytes: content.bytes }
  }
  if (ranges.length === 1) {
    const bytes = only.last - only.first + 1
    const contentRange = `bytes ${only.first}-${only.last}/${content.bytes}`
    return { status: 206, headers: { 'content-length': bytes, 'content-range': contentRange }, pieces: [only], bytes }
  }
  const multipart: Multipart = encodeMultipart(ranges, content)
  const headers = { 'content-length': multipart.bytes, 'content-type': multipart.type }
  return { status: 206, headers, pieces: multipart.pieces, bytes: multipart.bytes }
}

interface Sending {
  readonly response: ServerResponse
  readonly content: ContentToSend
  readonly pieces: readonly Piece[]
  readonly watcher?: TransferWatcher
}

async function sendPieces({ response, content, pieces, watcher }: Sending): Promise<void> {
  // The client's going away ends the read at the next slice and frees the file (HT-21).
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  response.setTimeout(standstillMs, () => response.destroy())
  let complete = false
  const open = await content.open()
  try {
    for (const piece of pieces) await sendPiece({ response, open, piece, signal: gone.signal, watcher })
    complete = !gone.signal.aborted
  } finally {
    await open.close()
    watcher?.ended(complete)
    if (complete) response.end()
    else response.destroy()
  }
}

interface PieceSending {
  readonly response: ServerResponse
  readonly open: OpenContent
  readonly piece: Piece
  readonly signal: AbortSignal
  readonly watcher: TransferWatcher | undefined
}

async function sendPiece({ response, open, piece, signal, watcher }: PieceSending): Promise<void> {
  if (piece instanceof Uint8Array) {
    response.write(piece)
    return
  }
  const from = await copyLargePart({ response, open, piece, signal, watcher })
  if (signal.aborted) return
  // The disk reads the next slice while the network takes this one.
  let next = readSlice(open, piece, from)
  for (let position = from; position <= piece.last; position += sliceBytes) {
    const slice = await next
    if (signal.aborted) return
    const isTaken = response.write(slice)
    next = readSlice(open, piece, position + sliceBytes)
    // A disk that fails while the network is waited for is noticed at the next turn, not as a stray rejection.
    next.catch(() => {})
    try {
      if (!isTaken) await drained(response, signal)
    } finally {
      // Nobody closes the file under a read.
      if (signal.aborted) await Promise.allSettled([next])
    }
    watcher?.sent(slice.length)
  }
}

/** Where slices go on: at the beginning when there is no faster way, or nothing to gain by it. */
async function copyLargePart({ response, open, piece, signal, watcher }: PieceSending): Promise<number> {
  if (piece instanceof Uint8Array) return 0
  const { fileDescriptor } = open
  if (fileDescriptor === undefined || piece.last - piece.first + 1 < kernelCopyBytesMin) return piece.first
  const read = (position: number, length: number): Promise<Uint8Array> => open.read(position, length)
  const sent = (bytes: number): void => watcher?.sent(bytes)
  return copyInKernel({ response, fileDescriptor, range: piece, read, signal, sent })
}

async function readSlice(open: OpenContent, piece: ByteRange, position: number): Promise<Uint8Array> {
  const length = Math.min(sliceBytes, piece.last - position + 1)
  return length <= 0 ? new Uint8Array() : open.read(position, length)
}

async function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  try {
    await once(response, 'drain', { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
