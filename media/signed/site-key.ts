/** The keys of media: Ed25519, private as PKCS 8, public as 32 raw octets. */

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'

/** Before the raw key in its DER form (RFC 8410 section 10.1). */
const publicKeyPrefix = Buffer.from('302a300506032b6570032100', 'hex')

/** PKCS 8 DER, base64. */
export function makeSigningKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64')
}

export function readSigningKey(der: string): KeyObject {
  return createPrivateKey({ key: Buffer.from(der, 'base64'), type: 'pkcs8', format: 'der' })
}

/** 32 octets, base64. */
export function rawPublicKey(privateKey: KeyObject): string {
  return createPublicKey(privateKey)
    .export({ type: 'spki', format: 'der' })
    .subarray(publicKeyPrefix.length)
    .toString('base64')
}

/** Base64. The same text with the same key is the same signature. */
export function signText(text: string | Uint8Array, privateKey: KeyObject): string {
  return sign(null, typeof text === 'string' ? Buffer.from(text) : text, privateKey).toString('base64')
}

/**
 * `publicKey`: 32 raw octets, base64 or base64url. Whatever is not right is false, other spellings of a right signature among it: the
 * last digit in front of the padding has four bits that decoders ignore.
 */
export function isSignedBy(publicKey: string, text: string | Uint8Array, signature: string): boolean {
  const raw = Buffer.from(publicKey, 'base64')
  const octets = Buffer.from(signature, 'base64')
  const isCanonical = octets.length === 64 && octets.toString('base64') === signature
  if (raw.length !== 32 || !isCanonical) return false
  const key = createPublicKey({ key: Buffer.concat([publicKeyPrefix, raw]), type: 'spki', format: 'der' })
  return verify(null, typeof text === 'string' ? Buffer.from(text) : text, key, octets)
}
