/**
 * Small contents in memory, by hash: loaders and scripts are asked for by every machine of a hall within seconds, and
 * opening a file costs more than sending it. Only octets that have the hash are kept, so nothing here grows old or is
 * ever another's (TF-48); the contents that were not asked for the longest go first.
 */

import { createHash } from 'node:crypto'
import type { Sha256 } from '../site/content.ts'
import type { HashedContent } from './content-to-send.ts'
import { Problem } from './problem.ts'

export const smallBytesMax = 64 * 1024
/** With the largest of them, 16 MB. */
const bodiesMax = 256

const bodies = new Map<Sha256, Uint8Array>()

/** Undefined: it must be read first. */
export function keptSmallBody({ sha256 }: HashedContent): Uint8Array | undefined {
  const kept = bodies.get(sha256)
  if (kept === undefined) return undefined
  // Not asked for the longest is what was put in the longest ago.
  bodies.delete(sha256)
  bodies.set(sha256, kept)
  return kept
}

/** All of it. A file that is written to while it is read is refused, and the next request meets what it became. */
export async function readSmallBody(content: HashedContent): Promise<Uint8Array> {
  const open = await content.open()
  try {
    const body = await open.read(0, content.bytes)
    if (createHash('sha256').update(body).digest('hex') !== content.sha256) {
      throw new Problem(503, { detail: 'The file is not what it was a moment ago.', headers: { 'retry-after': '1' } })
    }
    keep(content.sha256, body)
    return body
  } finally {
    await open.close()
  }
}

function keep(sha256: Sha256, body: Uint8Array): void {
  bodies.set(sha256, body)
  const oldest = bodies.keys().next()
  if (bodies.size > bodiesMax && !oldest.done) bodies.delete(oldest.value)
}
