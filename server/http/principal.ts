/**
 * Who asks: nobody, an administrator's token, or an administrator's page. A page proves itself by a cookie, which
 * browsers send unasked; so whatever changes something must also carry a header that no other site can set (D03).
 */

import type { IncomingMessage } from 'node:http'
import type { Credentials } from '../store/credentials-port.ts'
import type { AccessSettings } from './dependencies.ts'
import { Problem } from './problem.ts'
import { bearerToken, hashToken, isSameSecret } from './token.ts'

export type Principal =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'administrator'; readonly via: 'preset-token'; readonly name: string }
  | {
      readonly kind: 'administrator'
      readonly via: 'api-token' | 'page-session'
      readonly name: string
      readonly tokenSha256: string
    }

export interface Identification {
  readonly store: Credentials
  readonly access: AccessSettings
  readonly now: () => number
}

export const sessionCookieName = 'reveille_session'
/** Set by the page on each request that changes something. */
export const pageHeader = 'x-reveille'

export async function identify(request: IncomingMessage, means: Identification): Promise<Principal> {
  if (request.headers.authorization !== undefined) return identifyToken(request.headers.authorization, means)
  const cookie = readCookie(request.headers.cookie, sessionCookieName)
  if (cookie === undefined) return { kind: 'nobody' }
  const tokenSha256 = hashToken(cookie)
  const token = await means.store.useToken(tokenSha256, means.now())
  if (token?.kind !== 'page-session') return { kind: 'nobody' }
  return { kind: 'administrator', via: 'page-session', name: token.name, tokenSha256 }
}

async function identifyToken(authorization: string, means: Identification): Promise<Principal> {
  const token = bearerToken(authorization)
  if (token === undefined) return { kind: 'nobody' }
  const { administratorToken } = means.access
  if (administratorToken !== undefined && isSameSecret(token, administratorToken)) {
    return { kind: 'administrator', via: 'preset-token', name: 'administrator' }
  }
  const tokenSha256 = hashToken(token)
  const stored = await means.store.useToken(tokenSha256, means.now())
  // The secret of a page's cookie is not a token, and the other way round.
  if (stored?.kind !== 'api') return { kind: 'nobody' }
  return { kind: 'administrator', via: 'api-token', name: stored.name, tokenSha256 }
}

export function requireAdministrator(request: IncomingMessage, principal: Principal): void {
  if (principal.kind === 'nobody') {
    throw new Problem(401, { detail: 'Sign in, or send a token.', headers: { 'www-authenticate': 'Bearer' } })
  }
  if (principal.via === 'page-session') requirePageHeader(request)
}

export function requirePageHeader(request: IncomingMessage): void {
  if (request.method === 'GET' || request.method === 'HEAD') return
  if (request.headers[pageHeader] !== '1') {
    throw new Problem(403, { detail: `Requests of a page that change something carry the header ${pageHeader}: 1.` })
  }
}

export function readCookie(header: string | undefined, name: string): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const equals = pair.indexOf('=')
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim()
  }
  return undefined
}
