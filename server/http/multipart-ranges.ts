/**
 * The frame of an answer with several ranges, `multipart/byteranges` (RFC 9110 section 14.6). Its length is known
 * before the first octet is read, so such an answer has a Content-Length like every other.
 */

import type { ByteRange } from './byte-range.ts'

export interface Multipart {
  readonly type: string
  readonly bytes: number
  readonly pieces: readonly (ByteRange | Uint8Array)[]
}

/** The boundary is made of the hash: it stays the same for a file, and no file holds its own hash by chance. */
export function encodeMultipart(
  ranges: readonly ByteRange[],
  content: { readonly bytes: number; readonly type: string; readonly tag: string },
): Multipart {
  const boundary = `reveille-${content.tag.slice(0, 32)}`
  const pieces: (ByteRange | Uint8Array)[] = []
  for (const range of ranges) {
    const start = pieces.length === 0 ? '' : '\r\n'
    const head = `${start}--${boundary}\r\nContent-Type: ${content.type}\r\n`
    pieces.push(encodeText(`${head}Content-Range: bytes ${range.first}-${range.last}/${content.bytes}\r\n\r\n`), range)
  }
  pieces.push(encodeText(`\r\n--${boundary}--\r\n`))
  const bytes = pieces.reduce((sum, piece) => sum + lengthOf(piece), 0)
  return { type: `multipart/byteranges; boundary=${boundary}`, bytes, pieces }
}

function lengthOf(piece: ByteRange | Uint8Array): number {
  return piece instanceof Uint8Array ? piece.length : piece.last - piece.first + 1
}

function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
