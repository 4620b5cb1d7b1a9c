/**
 * The agent's keys: Ed25519 signs its requests, X25519 receives sealed secrets. In the boot image both are made at each start
 * and live in memory only (security 6.4); after a restart the resume ticket speaks for the run instead of a stored key. The
 * client of an installed system keeps its own (client-identity.ts), so that a machine is approved once, not at each question.
 */

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto'
import { headers, signedText } from '../server/contract/agent.ts'

/** What makes one identity; the private keys as DER (PKCS 8), base64. */
export interface IdentityKeys {
  readonly signing: string
  readonly sealing: string
  /** 16 octets, base64: the session at the server belongs to key and nonce. */
  readonly nonce: string
}

export class Identity {
  /** Raw 32 octets, base64, as hello carries them. */
  readonly identityKey: string
  readonly sealingKey: string
  readonly nonce: string
  readonly #private: KeyObject
  #counter: number

  /** The counter of the first request is one more than `lastCounter`. */
  constructor(keys: IdentityKeys = makeIdentityKeys(), lastCounter = 0) {
    this.#private = privateKeyOf(keys.signing)
    this.identityKey = rawPublicKey(this.#private)
    this.sealingKey = rawPublicKey(privateKeyOf(keys.sealing))
    this.nonce = keys.nonce
    this.#counter = lastCounter
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

export function makeIdentityKeys(): IdentityKeys {
  const der = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'der' }).toString('base64')
  return {
    signing: der(generateKeyPairSync('ed25519').privateKey),
    sealing: der(generateKeyPairSync('x25519').privateKey),
    nonce: randomBytes(16).toString('base64'),
  }
}

function privateKeyOf(der: string): KeyObject {
  return createPrivateKey({ key: Buffer.from(der, 'base64'), type: 'pkcs8', format: 'der' })
}

/** Both kinds have a 12-octet prefix before the key in their DER form (RFC 8410 section 10.1). */
function rawPublicKey(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(12).toString('base64')
}
