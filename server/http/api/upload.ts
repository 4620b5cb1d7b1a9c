/**
 * The octets of an upload, as they come, within a quota. An upload has no time limit, for a large image over a slow
 * line takes long; but it must not stand still (security D05).
 */

import type { IncomingMessage } from 'node:http'
import { Problem } from '../problem.ts'

export const uploadStandstillMs = 30_000

export async function* uploadedOctets(request: IncomingMessage, bytesMax: number): AsyncGenerator<Uint8Array> {
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw tooLarge(bytesMax)
  let bytes = 0
  request.setTimeout(uploadStandstillMs, () => request.destroy(new Problem(408)))
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(chunk)) continue
    bytes += chunk.length
    if (bytes > bytesMax) throw tooLarge(bytesMax)
    yield chunk
  }
  // What is done with the octets may take longer than they took to come.
  request.setTimeout(0)
  if (!request.complete) throw new Problem(400, { detail: 'The upload was cut off.' })
}

function tooLarge(bytesMax: number): Problem {
  return new Problem(413, { detail: `An upload may have ${bytesMax} octets.`, headers: { connection: 'close' } })
}

/** A form of another site can send text without asking; these it cannot (security D03). */
export function requireMedia(request: IncomingMessage, types: readonly string[]): void {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (!types.includes(type)) throw new Problem(415, { detail: `Send ${types.join(' or ')}.` })
}
