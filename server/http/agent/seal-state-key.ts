/** The key of a state store on its way to one agent, for one answer (contract/agent.ts, OpenStateStoreAnswer). */

import { createCipheriv, createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync } from 'node:crypto'
import { type OpenStateStoreAnswer, stateKeyInfo } from '../../contract/agent.ts'
import { agentProblem } from './agent-problem.ts'

/** The DER prefix of an X25519 public key (RFC 8410 section 4). */
const x25519Prefix = Buffer.from('302a300506032b656e032100', 'hex')

export function sealStateKey(key: Uint8Array, sealingKey: string): Omit<OpenStateStoreAnswer, 'chunks'> {
  const { privateKey, publicKey } = generateKeyPairSync('x25519')
  const theirs = Buffer.from(sealingKey, 'base64')
  const ours = publicKey.export({ type: 'spki', format: 'der' }).subarray(x25519Prefix.length)
  const secret = agreed(privateKey, theirs)
  const wrapping = Buffer.from(hkdfSync('sha256', secret, Buffer.concat([ours, theirs]), stateKeyInfo, 32))
  // The wrapping key seals this one text, so its nonce may be nothing.
  const cipher = createCipheriv('aes-256-gcm', wrapping, Buffer.alloc(12))
  const sealed = Buffer.concat([cipher.update(key), cipher.final(), cipher.getAuthTag()])
  return { ephemeralKey: ours.toString('base64'), sealedKey: sealed.toString('base64') }
}

function agreed(privateKey: Parameters<typeof diffieHellman>[0]['privateKey'], theirs: Buffer): Buffer {
  try {
    const key = createPublicKey({ key: Buffer.concat([x25519Prefix, theirs]), format: 'der', type: 'spki' })
    return diffieHellman({ privateKey, publicKey: key })
  } catch {
    // A point of small order, which no honest agent makes.
    throw agentProblem('invalid', 'The sealing key is none.')
  }
}
