/**
 * Captured user state as octets (S2-050): accounts and the archives of their folders, one part after another, packed into
 * chunks that are sealed one by one (AES-256-GCM). A chunk says which one it is and whether it is the last, so that none
 * can be left out, exchanged or added. Each capture seals with a key of its own, made of the store's key and a fresh salt,
 * because a capture that is tried again must never seal two texts with one nonce.
 */

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { LocalAccount } from './local-accounts.ts'

export const chunkBytesMax = 4 * 1024 * 1024
const saltBytes = 16
const tagBytes = 16
/** Of a sealed chunk. */
export const sealedChunkBytesMax = chunkBytesMax + saltBytes + tagBytes

export class StateFault extends Error {
  override readonly name = 'StateFault'
}

export type StatePart =
  | { readonly kind: 'account'; readonly account: LocalAccount }
  /** Of the archive of the account that was named last. */
  | { readonly kind: 'data'; readonly octets: Uint8Array }
  | { readonly kind: 'end' }

const marks = { account: 1, data: 2, end: 3 } as const
const headBytes = 5

/** Chunks of the full size, and a last one that may be smaller or empty. */
export async function* sealParts(parts: AsyncIterable<StatePart>, key: Uint8Array): AsyncGenerator<Buffer> {
  const seal = sealer(key)
  let waiting: Buffer[] = []
  let bytes = 0
  for await (const part of parts) {
    for (const octets of encodePart(part)) {
      waiting.push(octets)
      bytes += octets.length
    }
    while (bytes > chunkBytesMax) {
      const all = Buffer.concat(waiting)
      yield seal(all.subarray(0, chunkBytesMax), false)
      waiting = [all.subarray(chunkBytesMax)]
      bytes -= chunkBytesMax
    }
  }
  yield seal(Buffer.concat(waiting), true)
}

/** Rejects with a `StateFault` when a chunk is not what was sealed, or the last one is missing. */
export async function* openParts(chunks: AsyncIterable<Buffer>, key: Uint8Array): AsyncGenerator<StatePart> {
  const open = opener(key)
  let waiting: Buffer = Buffer.alloc(0)
  let isLast = false
  for await (const chunk of chunks) {
    if (isLast) throw new StateFault('the captured state goes on behind its end')
    const opened = open(chunk)
    isLast = opened.isLast
    waiting = Buffer.concat([waiting, opened.plain])
    for (let part = decodePart(waiting); part !== undefined; part = decodePart(waiting)) {
      waiting = waiting.subarray(part.bytes)
      yield part.part
    }
  }
  if (!isLast || waiting.length > 0) throw new StateFault('the captured state breaks off before its end')
}

function encodePart(part: StatePart): readonly Buffer[] {
  const body =
    part.kind === 'account' ? Buffer.from(JSON.stringify(part.account)) : part.kind === 'data' ? part.octets : undefined
  const head = Buffer.alloc(headBytes)
  head.writeUInt8(marks[part.kind], 0)
  head.writeUInt32BE(body?.length ?? 0, 1)
  return body === undefined ? [head] : [head, Buffer.from(body)]
}

function decodePart(octets: Buffer): { readonly part: StatePart; readonly bytes: number } | undefined {
  if (octets.length < headBytes) return undefined
  const bytes = headBytes + octets.readUInt32BE(1)
  if (octets.length < bytes) return undefined
  const body = octets.subarray(headBytes, bytes)
  switch (octets.readUInt8(0)) {
    case marks.account:
      // Sealed by this very program.
      return { bytes, part: { kind: 'account', account: JSON.parse(body.toString('utf8')) as LocalAccount } }
    case marks.data:
      return { bytes, part: { kind: 'data', octets: body } }
    case marks.end:
      return { bytes, part: { kind: 'end' } }
    default:
      throw new StateFault('the captured state was made by a newer agent')
  }
}

function sealer(key: Uint8Array): (plain: Uint8Array, isLast: boolean) => Buffer {
  const salt = randomBytes(saltBytes)
  const ofCapture = captureKey(key, salt)
  let index = 0
  return (plain, isLast) => {
    const cipher = createCipheriv('aes-256-gcm', ofCapture, nonceOf(index, isLast))
    index += 1
    return Buffer.concat([salt, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  }
}

function opener(key: Uint8Array): (sealed: Buffer) => { readonly plain: Buffer; readonly isLast: boolean } {
  let salt: Buffer | undefined
  let index = 0
  return (sealed) => {
    if (sealed.length < saltBytes + tagBytes) throw new StateFault(`chunk ${index} of the captured state is too short`)
    const itsSalt = sealed.subarray(0, saltBytes)
    salt ??= itsSalt
    const ofCapture = captureKey(key, salt)
    for (const isLast of [false, true]) {
      const plain = itsSalt.equals(salt) ? tryToOpen(sealed, ofCapture, nonceOf(index, isLast)) : undefined
      if (plain === undefined) continue
      index += 1
      return { plain, isLast }
    }
    throw new StateFault(`chunk ${index} of the captured state was damaged or changed`)
  }
}

function tryToOpen(sealed: Buffer, key: Buffer, nonce: Buffer): Buffer | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce)
  decipher.setAuthTag(sealed.subarray(-tagBytes))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(saltBytes, -tagBytes)), decipher.final()])
  } catch {
    return undefined
  }
}

function captureKey(key: Uint8Array, salt: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, 'reveille-user-state-1', 32))
}

function nonceOf(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUInt8(isLast ? 1 : 0, 0)
  nonce.writeUInt32BE(index, 8)
  return nonce
}
