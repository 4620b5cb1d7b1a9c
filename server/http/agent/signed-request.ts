/** Reads an agent's request: the body within bounds, the counter, and the Ed25519 signature over both (contract/agent.ts). */

import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { headers, signedText } from '../../contract/agent.ts'
import { parseJson, readBody, requireJson } from '../json-body.ts'
import { bearerToken, hashToken } from '../token.ts'
import { agentProblem } from './agent-problem.ts'

export interface SignedRequest {
  readonly document: unknown
  readonly counter: number
  /** SHA-256 of the bearer token; absent on hello and resume. */
  readonly tokenSha256?: string
  /** Throws `bad-signature` unless this key made the signature. */
  verify(identityKey: string): void
}

export async function readSignedRequest(request: IncomingMessage): Promise<SignedRequest> {
  requireJson(request)
  const counter = readCounter(request)
  const body = await readBody(request)
  const text = signedText(
    request.method ?? '',
    request.url ?? '',
    counter,
    createHash('sha256').update(body).digest('hex'),
  )
  const signature = readSignature(request)
  const token = bearerToken(request.headers.authorization)
  return {
    document: parseJson(body),
    counter,
    ...(token === undefined ? {} : { tokenSha256: hashToken(token) }),
    verify: (identityKey) => {
      const key = publicKey(identityKey)
      if (key === undefined || !verify(null, Buffer.from(text), key, signature)) throw agentProblem('bad-signature')
    },
  }
}

function readCounter(request: IncomingMessage): number {
  const text = request.headers[headers.counter]
  if (typeof text !== 'string' || !/^[1-9][0-9]{0,14}$/.test(text)) throw agentProblem('bad-signature')
  return Number(text)
}

function readSignature(request: IncomingMessage): Buffer {
  const text = request.headers[headers.signature]
  const signature = Buffer.from(typeof text === 'string' ? text : '', 'base64')
  if (signature.length !== 64) throw agentProblem('bad-signature')
  return signature
}

/** The DER prefix of an Ed25519 public key (RFC 8410 section 4). */
const ed25519Prefix = Buffer.from('302a300506032b6570032100', 'hex')

function publicKey(raw: string): KeyObject | undefined {
  const octets = Buffer.from(raw, 'base64')
  if (octets.length !== 32) return undefined
  return createPublicKey({ key: Buffer.concat([ed25519Prefix, octets]), format: 'der', type: 'spki' })
}
