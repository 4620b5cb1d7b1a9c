/** An agent's keys, counter and signature, as contract/agent.ts wants them; the requests themselves are the tests' own. */

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { agentProtocolVersion, headers, type Hello, signedText } from '../../server/contract/agent.ts'

export interface SignedMessage {
  readonly headers: Record<string, string>
  readonly body: string
}

export class AgentKey {
  counter = 0
  readonly #identity = generateKeyPairSync('ed25519')
  readonly #sealing = generateKeyPairSync('x25519')

  /** A network-booted x64 machine, unless the changes say otherwise. */
  hello(macAddress: string, changes: Partial<Hello> = {}): Hello {
    return {
      protocol: agentProtocolVersion,
      identityKey: rawKey(this.#identity.publicKey),
      sealingKey: rawKey(this.#sealing.publicKey),
      nonce: randomBytes(16).toString('base64'),
      hardware: {
        architecture: 'x64',
        firmware: 'uefi',
        secureBoot: false,
        macAddresses: [macAddress],
        memoryBytes: 2 ** 31,
        disks: [],
      },
      startedFrom: 'boot-image',
      agentVersion: '0.1.0',
      ...changes,
    }
  }

  /** Headers and body of one request, ready to be sent as often as one likes. */
  prepare(path: string, message: unknown, token?: string): SignedMessage {
    this.counter += 1
    const body = JSON.stringify(message)
    const hash = createHash('sha256').update(body).digest('hex')
    const signature = sign(null, Buffer.from(signedText('POST', path, this.counter, hash)), this.#identity.privateKey)
    return {
      body,
      headers: {
        'content-type': 'application/json',
        [headers.counter]: String(this.counter),
        [headers.signature]: signature.toString('base64'),
        ...(token === undefined ? {} : { [headers.authorization]: `Bearer ${token}` }),
      },
    }
  }
}

function rawKey(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'der' }).subarray(12).toString('base64')
}
