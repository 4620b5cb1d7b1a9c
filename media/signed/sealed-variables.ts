/**
 * `Variables.dat` (S7-039, S7-040, security A02): the variables, keys and policy of a medium, sealed by its password with scrypt
 * and AES-256-GCM, and bound to the medium and to every other file of it. Without a password it is open: whoever has the medium
 * may read it, and the manifest's signature says whether it was changed.
 *
 *     octets 0-7    "RVLMEDIA"
 *     octets 8-11   length of the header, big endian
 *     header        JSON, `Header`
 *     the rest      JSON of `SealedContents`; sealed: then 16 octets of tag
 */

import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt } from 'node:crypto'
import { type MediumFile, type MediumId, otherFilesText, type SealedContents } from '../../server/contract/medium.ts'

interface ScryptHeader {
  readonly kdf: 'scrypt'
  readonly n: number
  readonly r: number
  readonly p: number
  /** 32 octets, base64. */
  readonly salt: string
  /** 12 octets, base64. */
  readonly nonce: string
}
type Header = { readonly kdf: 'none' } | ScryptHeader

export interface BoundTo {
  readonly mediumId: MediumId
  /** Of the medium's first volume; `Variables.dat` itself, if it is among them, does not count. */
  readonly files: readonly MediumFile[]
}

export type OpenedVariables =
  | { readonly kind: 'opened'; readonly contents: SealedContents }
  | { readonly kind: 'password-needed' }
  /** Or what was sealed is not what is there: a wrong password and an altered medium cannot be told apart. */
  | { readonly kind: 'wrong-password' }
  | { readonly kind: 'not-readable' }

const magic = Buffer.from('RVLMEDIA')
/** 128 MiB and a good quarter of a second for each guess. */
const cost = { n: 2 ** 17, r: 8, p: 1 } as const
/** A medium of somebody else shall neither be cheap to guess nor fill the memory. */
const costMax = { n: 2 ** 18, p: 4 } as const
const tagBytes = 16

export async function sealVariables(
  contents: SealedContents,
  { mediumId, files, password }: BoundTo & { readonly password?: string },
): Promise<Uint8Array> {
  const plain = Buffer.from(JSON.stringify(contents))
  if (password === undefined) return Buffer.concat([encodeHead({ kdf: 'none' }), plain])
  const salt = randomBytes(32)
  const nonce = randomBytes(12)
  const header: Header = { kdf: 'scrypt', ...cost, salt: salt.toString('base64'), nonce: nonce.toString('base64') }
  const head = encodeHead(header)
  const cipher = createCipheriv('aes-256-gcm', await keyOf(password, header), nonce, { authTagLength: tagBytes })
  cipher.setAAD(boundText(head, { mediumId, files }))
  return Buffer.concat([head, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

export async function openVariables(
  octets: Uint8Array,
  { mediumId, files, password }: BoundTo & { readonly password?: string },
): Promise<OpenedVariables> {
  const decoded = decodeHead(Buffer.from(octets.buffer, octets.byteOffset, octets.length))
  if (decoded === undefined) return { kind: 'not-readable' }
  const { header, head, rest } = decoded
  if (header.kdf === 'none') return readContents(rest)
  if (password === undefined) return { kind: 'password-needed' }
  if (rest.length < tagBytes) return { kind: 'not-readable' }
  const nonce = Buffer.from(header.nonce, 'base64')
  const decipher = createDecipheriv('aes-256-gcm', await keyOf(password, header), nonce, { authTagLength: tagBytes })
  decipher.setAAD(boundText(head, { mediumId, files }))
  decipher.setAuthTag(rest.subarray(-tagBytes))
  try {
    return readContents(Buffer.concat([decipher.update(rest.subarray(0, -tagBytes)), decipher.final()]))
  } catch {
    return { kind: 'wrong-password' }
  }
}

function encodeHead(header: Header): Buffer {
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(text.length)
  return Buffer.concat([magic, length, text])
}

function decodeHead(
  octets: Buffer,
): { readonly header: Header; readonly head: Buffer; readonly rest: Buffer } | undefined {
  if (octets.length < 12 || !octets.subarray(0, 8).equals(magic)) return undefined
  const end = 12 + octets.readUInt32BE(8)
  if (end > octets.length || end > 1_024) return undefined
  const header = parseHeader(octets.toString('utf8', 12, end))
  return header === undefined ? undefined : { header, head: octets.subarray(0, end), rest: octets.subarray(end) }
}

function parseHeader(text: string): Header | undefined {
  const parsed = parseJson(text) as Partial<Record<keyof ScryptHeader, unknown>> | null | undefined
  if (typeof parsed !== 'object' || parsed === null) return undefined
  const { kdf, n, r, p, salt, nonce } = parsed
  if (kdf === 'none') return { kdf }
  const isWithin =
    kdf === 'scrypt' &&
    typeof n === 'number' &&
    n >= cost.n &&
    n <= costMax.n &&
    Number.isInteger(Math.log2(n)) &&
    r === cost.r &&
    typeof p === 'number' &&
    Number.isInteger(p) &&
    p >= cost.p &&
    p <= costMax.p
  if (!isWithin || typeof salt !== 'string' || typeof nonce !== 'string') return undefined
  const isLongEnough = Buffer.from(salt, 'base64').length === 32 && Buffer.from(nonce, 'base64').length === 12
  return isLongEnough ? { kdf, n, r, p, salt, nonce } : undefined
}

function readContents(plain: Buffer): OpenedVariables {
  const contents = parseJson(plain.toString('utf8'))
  if (typeof contents !== 'object' || contents === null || !('variables' in contents)) return { kind: 'not-readable' }
  return Array.isArray(contents.variables)
    ? { kind: 'opened', contents: contents as SealedContents }
    : { kind: 'not-readable' }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function boundText(head: Buffer, { mediumId, files }: BoundTo): Buffer {
  const others = createHash('sha256').update(otherFilesText(files)).digest('hex')
  return Buffer.concat([head, Buffer.from(`\n${mediumId}\n${others}\n`)])
}

async function keyOf(password: string, { n, r, p, salt }: ScryptHeader): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { N: n, r, p, maxmem: 130 * n * r + 64 * 1024 * p * r }
    scrypt(password.normalize('NFC'), Buffer.from(salt, 'base64'), 32, options, (error, key) => {
      if (error === null) resolve(key)
      else reject(error)
    })
  })
}
