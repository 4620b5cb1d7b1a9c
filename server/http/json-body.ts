/**
 * Reads a JSON body within bounds (security D06, D10): octets, time, depth and number of keys. Objects come out
 * without a prototype, so that a key such as `__proto__` is a key and nothing else; the schema then refuses it.
 */

import type { IncomingMessage } from 'node:http'
import { Problem } from './problem.ts'

export const jsonBytesMax = 1024 * 1024
export const jsonDepthMax = 32
export const jsonKeysMax = 10_000
/** A client that needs longer for one mebibyte is holding a connection, not sending. */
export const bodyTimeoutMs = 30_000

export interface JsonLimits {
  readonly bytesMax: number
  readonly depthMax: number
  readonly keysMax: number
}

export const jsonLimits: JsonLimits = { bytesMax: jsonBytesMax, depthMax: jsonDepthMax, keysMax: jsonKeysMax }

export async function readBody(request: IncomingMessage, bytesMax: number = jsonBytesMax): Promise<Buffer> {
  const tooLarge = new Problem(413, {
    detail: `The body may have ${bytesMax} octets.`,
    headers: { connection: 'close' },
  })
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw tooLarge
  const chunks: Buffer[] = []
  let bytes = 0
  const timer = setTimeout(() => request.destroy(new Problem(408)), bodyTimeoutMs)
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      if (!Buffer.isBuffer(chunk)) continue
      bytes += chunk.length
      if (bytes > bytesMax) throw tooLarge
      chunks.push(chunk)
    }
  } finally {
    clearTimeout(timer)
  }
  return Buffer.concat(chunks, bytes)
}

export function requireJson(request: IncomingMessage): void {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase()
  // A form of another site can send text/plain without asking; JSON it cannot (security D03).
  if (type !== 'application/json') throw new Problem(415, { detail: 'Send application/json.' })
}

export function parseJson(body: Buffer, { depthMax, keysMax }: JsonLimits = jsonLimits): unknown {
  const text = body.toString('utf8')
  checkDepth(text, depthMax)
  return withoutPrototypes(parse(text), { left: keysMax, max: keysMax })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Problem(400, { detail: 'The body is not valid JSON.' })
  }
}

/** Counts brackets outside strings before anything recursive sees the text. */
function checkDepth(text: string, depthMax: number): void {
  let depth = 0
  let inString = false
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (inString) {
      if (code === backslash) index += 1
      else if (code === quote) inString = false
    } else if (code === quote) inString = true
    else if (code === openBrace || code === openBracket) {
      depth += 1
      if (depth > depthMax) throw new Problem(400, { detail: `The body may be ${depthMax} levels deep.` })
    } else if (code === closeBrace || code === closeBracket) depth -= 1
  }
}

const [backslash, quote, openBrace, closeBrace, openBracket, closeBracket] = [92, 34, 123, 125, 91, 93]

function withoutPrototypes(value: unknown, keys: { left: number; readonly max: number }): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutPrototypes(item, keys))
  if (typeof value !== 'object' || value === null) return value
  const plain: Record<string, unknown> = Object.create(null)
  for (const [key, item] of Object.entries(value)) {
    keys.left -= 1
    if (keys.left < 0) throw new Problem(400, { detail: `The body may have ${keys.max} keys.` })
    plain[key] = withoutPrototypes(item, keys)
  }
  return plain
}
