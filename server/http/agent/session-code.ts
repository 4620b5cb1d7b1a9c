/**
 * The code that both screens show: 40 bits of a hash over the agent's keys and both sides' nonces. Whoever stands
 * between and puts in keys of their own changes it (security A17).
 */

import { createHash } from 'node:crypto'
import { encodeBase32 } from '../token.ts'

export interface CodeParts {
  readonly identityKey: string
  readonly sealingKey: string
  readonly nonce: string
  readonly serverNonce: string
}

export function sessionCode({ identityKey, sealingKey, nonce, serverNonce }: CodeParts): string {
  const hash = createHash('sha256')
  hash.update('reveille-session-code-1\n')
  // Each part is base64 without line ends, so the parts cannot run into one another.
  for (const part of [identityKey, sealingKey, nonce, serverNonce]) hash.update(`${part}\n`)
  return encodeBase32(hash.digest().subarray(0, 5))
}
