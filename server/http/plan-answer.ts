/**
 * What GET or HEAD for a file is answered with: status, headers and the pieces of the body, after conditions and ranges
 * (RFC 9110 sections 13 and 14). Pure: nothing is opened and nothing sent.
 */

import type { IncomingHttpHeaders } from 'node:http'
import { type ByteRange, parseRange } from './byte-range.ts'
import type { Sha256 } from '../site/content.ts'
import { judgeConditions, type Validators } from './conditional-request.ts'
import { type ContentToSend, tagOf } from './content-to-send.ts'
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
  const { validators, whole } = saidOf(content)
  const { etag } = validators
  const verdict = judgeConditions(asked.headers, validators)
  if (verdict === 'precondition-failed') throw new Problem(412, { headers: { etag } })
  if (verdict === 'not-modified') {
    return { status: 304, headers: { etag, 'cache-control': content.cacheControl }, pieces: [], bytes: 0 }
  }
  // Ranges are defined for GET alone (RFC 9110 section 14.2).
  const wanted = asked.method === 'GET' && verdict === 'send' ? asked.headers.range : undefined
  const range = parseRange(wanted, content.bytes)
  if (range.kind === 'unsatisfiable') {
    throw new Problem(416, { headers: { 'content-range': `bytes */${content.bytes}`, etag } })
  }
  if (range.kind === 'whole') return whole
  const parts = planParts(content, range.ranges)
  return { ...parts, headers: { ...whole.headers, ...parts.headers } }
}

interface Said {
  readonly validators: Validators
  readonly whole: Answer
}

/** A hall of machines asks for few files, and what is said of one is the same each time. */
const said = new WeakMap<ContentToSend, Said>()

function saidOf(content: ContentToSend): Said {
  const before = said.get(content)
  if (before !== undefined) return before
  const { bytes, lastModifiedMs } = content
  const etag = `"${tagOf(content)}"`
  const made: Said = {
    validators: { etag, ...(lastModifiedMs === undefined ? {} : { lastModifiedMs }) },
    whole: {
      status: 200,
      headers: contentHeaders(content, etag),
      pieces: bytes === 0 ? [] : [{ first: 0, last: bytes - 1 }],
      bytes,
    },
  }
  said.set(content, made)
  return made
}

function contentHeaders(content: ContentToSend, etag: string): Readonly<Record<string, string | number>> {
  return {
    'content-length': content.bytes,
    'content-type': content.type,
    'accept-ranges': 'bytes',
    etag,
    ...(content.sha256 === undefined ? {} : { 'repr-digest': digestOf(content.sha256) }),
    'cache-control': content.cacheControl,
    ...(content.lastModifiedMs === undefined
      ? {}
      : { 'last-modified': new Date(content.lastModifiedMs).toUTCString() }),
  }
}

/** RFC 9530: of the whole representation, also when a part is sent (HT-22). */
function digestOf(sha256: Sha256): string {
  return `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`
}

function planParts(content: ContentToSend, ranges: readonly ByteRange[]): Answer {
  const [only] = ranges
  if (only !== undefined && ranges.length === 1) {
    const bytes = only.last - only.first + 1
    const contentRange = `bytes ${only.first}-${only.last}/${content.bytes}`
    return { status: 206, headers: { 'content-length': bytes, 'content-range': contentRange }, pieces: [only], bytes }
  }
  const { pieces, bytes, type } = encodeMultipart(ranges, {
    bytes: content.bytes,
    type: content.type,
    tag: tagOf(content),
  })
  return { status: 206, headers: { 'content-length': bytes, 'content-type': type }, pieces, bytes }
}
