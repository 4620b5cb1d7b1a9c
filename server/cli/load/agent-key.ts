/**
 * The keys of an agent that a load makes up, and its signatures (contract/agent.ts). The agent's own are in `bootstrap/`, which
 * this folder may not import: what both must agree on is in the contract.
 */

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { agentProtocolVersion, type Hello, headers, signedText } from '../../contract/agent.ts'
import type { Hardware } from '../../contract/agent.ts'

export class AgentKey {
  readonly #identity = generateKeyPairSync('ed25519')
  readonly #sealing = generateKeyPairSync('x25519')
  readonly #nonce = randomBytes(16).toString('base64')
  #counter = 0

  hello(hardware: Hardware): Hello {
    return {
      protocol: agentProtocolVersion,
      identityKey: rawKey(this.#identity.publicKey),
      sealingKey: rawKey(this.#sealing.publicKey),
      nonce: this.#nonce,
      hardware,
      startedFrom: 'boot-image',
      agentVersion: 'load',
    }
  }

  /** Headers of one request by POST; each counts. */
  headers(path: string, body: string, token: string | undefined): Readonly<Record<string, string>> {
    this.#counter += 1
    const hash = createHash('sha256').update(body).digest('hex')
    const text = signedText('POST', path, this.#counter, hash)
    return {
      'content-type': 'application/json',
      [headers.counter]: String(this.#counter),
      [headers.signature]: sign(null, Buffer.from(text), this.#identity.privateKey).toString('base64'),
      ...(token === undefined ? {} : { [headers.authorization]: `Bearer ${token}` }),
    }
  }
}

/** Both kinds have a 12-octet prefix before the key in their DER form (RFC 8410 section 10.1). */
function rawKey(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'der' }).subarray(12).toString('base64')
}
