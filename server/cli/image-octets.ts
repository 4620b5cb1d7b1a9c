/**
 * The image of a medium from the server, by ranges: it goes on where a connection was broken off, and only while it is the same
 * image, which its entity tag says (RFC 9110 section 13.1.5: `If-Range` wants a strong one).
 */

import type { IncomingMessage } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { messageOf } from '../caught-error.ts'
import type { ApiClient } from './api-client.ts'
import { CliError } from './cli-error.ts'

export interface ServerImage {
  /** In the API. */
  readonly path: string
  readonly bytes: number
  readonly etag: string
}

/** The server has made another image since the first octets were asked for. */
export class ChangedImageError extends Error {
  override readonly name = 'ChangedImageError'

  constructor() {
    super('the medium is another one now: begin again')
  }
}

/** Tries without a single octet in between. */
const triesMax = 6

export async function findImage(client: ApiClient, path: string): Promise<ServerImage> {
  const head = await client.open('HEAD', path)
  head.resume()
  const { etag = '', 'content-length': bytes } = head.headers
  if (!/^"[0-9a-f]{16,}"$/.test(etag) || bytes === undefined)
    throw new CliError('the server does not say which image this is: is it an older version of Reveille?')
  return { path, bytes: Number(bytes), etag }
}

/** From this octet on. A piece is the reader's for good. */
export async function* readImage(
  client: ApiClient,
  image: ServerImage,
  from = 0,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let [position, tries] = [from, 0]; position < image.bytes; tries += 1) {
    const before = position
    const answer = await answerFrom(client, image, position)
    let failure = typeof answer === 'string' ? answer : undefined
    if (typeof answer !== 'string') {
      if (answer.statusCode !== 206) {
        answer.destroy()
        throw new ChangedImageError()
      }
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
    if (position < image.bytes && tries >= triesMax) throw new CliError(failure ?? 'the server sends nothing')
    if (position < image.bytes) await setTimeout(500 * tries)
  }
}

/** What went wrong on the way is said; what the server refuses is thrown. */
async function answerFrom(
  client: ApiClient,
  { path, etag }: ServerImage,
  from: number,
): Promise<IncomingMessage | string> {
  try {
    return await client.open('GET', path, { range: `bytes=${from}-`, 'if-range': etag })
  } catch (error) {
    if (error instanceof CliError && error.cause !== undefined) return error.message
    throw error
  }
}
