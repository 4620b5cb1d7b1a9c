/**
 * The agent's keys: Ed25519 signs its requests, X25519 receives sealed secrets. Both are made at each start and live
 * in memory only (security 6.4); after a restart the resume ticket speaks for the run instead of a stored key.
 */

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { headers, signedText } from '../server/contract/agent.ts'

export class Identity {
  /** Raw 32 octets, base64, as hello carries them. */
  readonly identityKey: string
  readonly sealingKey: string
  readonly nonce = randomBytes(16).toString('base64')
  readonly #private: KeyObject
  #counter = 0

  constructor() {
    const identity = generateKeyPairSync('ed25519')
    this.#private = identity.privateKey
    this.identityKey = rawPublicKey(identity.publicKey)
    this.sealingKey = rawPublicKey(generateKeyPairSync('x25519').publicKey)
  }

  /** Headers of one request. Each call counts, so a request that is tried again is signed again. */
  sign(method: string, target: string, body: Uint8Array): Readonly<Record<string, string>> {
    this.#counter += 1
    const bodySha256 = createHash('sha256').update(body).digest('hex')
    const text = signedText(method, target, this.#counter, bodySha256)
    return {
      [headers.counter]: String(this.#counter),
      [headers.signature]: sign(null, Buffer.from(text), this.#private).toString('base64'),
    }
  }
}

/** Both kinds have a 12-octet prefix before the key in their DER form (RFC 8410 section 10.1). */
function rawPublicKey(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'der' }).subarray(12).toString('base64')
}
