/**
 * What GET or HEAD for a file is answered with: status, headers and the pieces of the body, after conditions and ranges
 * (RFC 9110 sections 13 and 14). Pure: nothing is opened and nothing sent.
 */

import type { IncomingHttpHeaders } from 'node:http'
import type { Sha256 } from '../site/content.ts'
import { type ByteRange, parseRange } from './byte-range.ts'
import { judgeConditions } from './conditional-request.ts'
import type { ContentToSend } from './content-to-send.ts'
import { encodeMultipart } from './multipart-ranges.ts'
import { Problem } from './problem.ts'

/** Octets of the file, or of the frame around several ranges. */
export type Piece = ByteRange | Uint8Array

export interface Answer {
  readonly status: 200 | 206 | 304
  readonly headers: Readonly<Record<string, string | number>>
  readonly pieces: readonly Piece[]
  /** Of the body that GET gets. */
  readonly bytes: number
}

export interface Asked {
  readonly method?: string | undefined
  readonly headers: IncomingHttpHeaders
}

export function planAnswer(asked: Asked, content: ContentToSend): Answer {
  const etag = `"${content.sha256}"`
  const { lastModifiedMs, cacheControl } = content
  const verdict = judgeConditions(asked.headers, { etag, ...(lastModifiedMs === undefined ? {} : { lastModifiedMs }) })
  if (verdict === 'precondition-failed') throw new Problem(412, { headers: { etag } })
  if (verdict === 'not-modified') {
    return { status: 304, headers: { etag, 'cache-control': cacheControl }, pieces: [], bytes: 0 }
  }
  // Ranges are defined for GET alone (RFC 9110 section 14.2).
  const wanted = asked.method === 'GET' && verdict === 'send' ? asked.headers.range : undefined
  const range = parseRange(wanted, content.bytes)
  if (range.kind === 'unsatisfiable') {
    throw new Problem(416, { headers: { 'content-range': `bytes */${content.bytes}`, etag } })
  }
  const body = planBody(content, range.kind === 'whole' ? [] : range.ranges)
  return { ...body, headers: { ...contentHeaders(content, etag), ...body.headers } }
}

function contentHeaders(content: ContentToSend, etag: string): Record<string, string> {
  return {
    'content-type': content.type,
    'accept-ranges': 'bytes',
    etag,
    // RFC 9530: of the whole representation, also when a part is sent (HT-22).
    'repr-digest': digestOf(content.sha256),
    'cache-control': content.cacheControl,
    ...(content.lastModifiedMs === undefined ? {} : { 'last-modified': dateOf(content.lastModifiedMs) }),
  }
}

/** A hall of machines asks for few files. */
const remembered = new Map<string | number, string>()
const rememberedMax = 1_024

function digestOf(sha256: Sha256): string {
  return remembered.get(sha256) ?? remember(sha256, `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`)
}

function dateOf(ms: number): string {
  return remembered.get(ms) ?? remember(ms, new Date(ms).toUTCString())
}

function remember(key: string | number, text: string): string {
  if (remembered.size >= rememberedMax) remembered.clear()
  remembered.set(key, text)
  return text
}

/** No ranges: the whole file. */
function planBody(content: ContentToSend, ranges: readonly ByteRange[]): Answer {
  const [only] = ranges
  if (only === undefined) {
    const pieces = content.bytes === 0 ? [] : [{ first: 0, last: content.bytes - 1 }]
    return { status: 200, headers: { 'content-length': content.bytes }, pieces, bytes: content.bytes }
  }
  if (ranges.length === 1) {
    const bytes = only.last - only.first + 1
    const contentRange = `bytes ${only.first}-${only.last}/${content.bytes}`
    return { status: 206, headers: { 'content-length': bytes, 'content-range': contentRange }, pieces: [only], bytes }
  }
  const { pieces, bytes, type } = encodeMultipart(ranges, content)
  return { status: 206, headers: { 'content-length': bytes, 'content-type': type }, pieces, bytes }
}
