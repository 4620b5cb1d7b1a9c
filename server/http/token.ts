/** Tokens: 256 random bits, handed out once, kept as SHA-256 only (security 6.2). */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Secret } from '../secret.ts'

export function createToken(prefix: 'rvl' | 'page' | 'run' | 'resume' | 'lock' | 'point'): string {
  return `${prefix}_${randomBytes(32).toString('base64url')}`
}

export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** Compares without telling by its time how much was right; lengths are hidden by the hash. */
export function isSameSecret(given: string, secret: Secret): boolean {
  const [one, other] = [given, secret.reveal()].map((text) => createHash('sha256').update(text).digest())
  return one !== undefined && other !== undefined && timingSafeEqual(one, other)
}

/** The token of `Authorization: Bearer …`; tokens are never taken from a URL (security A18). */
export function bearerToken(authorization: string | undefined): string | undefined {
  const [, token] = /^Bearer +([A-Za-z0-9._~+/=-]{8,512})$/i.exec(authorization ?? '') ?? []
  return token
}

const base32Letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Whole groups of five bits; what is left over is dropped. */
export function encodeBase32(octets: Uint8Array): string {
  let text = ''
  let bits = 0
  let value = 0
  for (const octet of octets) {
    value = (value << 8) | octet
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += base32Letters.charAt((value >>> bits) & 31)
    }
    value &= (1 << bits) - 1
  }
  return text
}

/** What first start prints: 80 bits, in groups that can be read out. Ten tries a minute guess nothing (security A13). */
export function createSetupCode(): string {
  return (encodeBase32(randomBytes(10)).match(/.{4}/g) ?? []).join('-')
}
