/**
 * Signing in. At first start a code from the server's console creates the administrator; afterwards name and password
 * do. Each log-in makes a new session, so none can be planted beforehand (security D15); the cookie is out of reach of
 * scripts and of other sites.
 */

import { z } from 'zod'
import type { IncomingMessage } from 'node:http'
import type { HttpDependencies } from '../dependencies.ts'
import { hashPassword, passwordCharactersMax, passwordCharactersMin, verifyPassword } from '../password.ts'
import { plainAddress } from '../machine-addresses.ts'
import { requirePageHeader, sessionCookieName } from '../principal.ts'
import { Problem } from '../problem.ts'
import { createToken, hashToken, isSameSecret } from '../token.ts'
import { label } from './fields.ts'
import { type ApiAnswer, type ApiRoute, defineRoute } from './route.ts'

export const sessionIdleMs = 30 * 60_000
export const sessionAbsoluteMs = 12 * 3_600_000

const sessionView = z
  .object({ signedIn: z.boolean(), name: z.string().optional(), setupRequired: z.boolean() })
  .meta({ id: 'Session' })

const name = label(100).min(1)

/** Tries are limited by app.ts before a request comes here (security A13). */
export function sessionRoutes(dependencies: HttpDependencies): readonly ApiRoute[] {
  const { store } = dependencies
  return [
    defineRoute({
      method: 'get',
      path: '/session',
      access: 'public',
      summary: 'Who is signed in, and whether the site still needs its first administrator',
      answers: { 200: sessionView },
      answer: async ({ principal }) => {
        const setupRequired = !(await store.administratorExists())
        const who = principal.kind === 'nobody' ? { signedIn: false } : { signedIn: true, name: principal.name }
        return { status: 200, body: { ...who, setupRequired } }
      },
    }),
    setupRoute(dependencies),
    signInRoute(dependencies),
    defineRoute({
      method: 'delete',
      path: '/session',
      summary: 'Sign out',
      answers: { 204: 'none' },
      answer: async ({ request, principal }) => {
        if (principal.kind === 'administrator' && principal.via === 'page-session')
          await store.removeToken(principal.tokenSha256)
        return { status: 204, headers: { 'set-cookie': cookie(request, '', 0) } }
      },
    }),
  ]
}

function setupRoute(dependencies: HttpDependencies): ApiRoute {
  const { store, access, log } = dependencies
  let used = false
  return defineRoute({
    method: 'post',
    path: '/setup',
    access: 'public',
    summary: 'Create the first administrator with the code that the server printed',
    body: z.strictObject({
      code: z.string().max(100),
      name,
      password: z.string().min(passwordCharactersMin).max(passwordCharactersMax),
    }),
    answers: { 201: sessionView },
    answer: async ({ request, body }) => {
      requirePageHeader(request)
      const isRight = access.setupCode !== undefined && isSameSecret(body.code.trim().toUpperCase(), access.setupCode)
      if (!isRight || used || (await store.administratorExists()))
        throw new Problem(403, { detail: 'This code does not set anything up.' })
      used = true
      try {
        await store.setAdministrator(body.name, await hashPassword(body.password))
      } catch (error) {
        used = false
        throw error
      }
      log.info({ name: body.name }, 'the first administrator was created')
      return signedIn(dependencies, request, body.name)
    },
  })
}

const credentials = z.union([
  z.strictObject({ name, password: z.string().max(passwordCharactersMax) }),
  z.strictObject({ ticket: z.string().max(200) }),
])

function signInRoute(dependencies: HttpDependencies): ApiRoute {
  const { store, access } = dependencies
  let ticketUsed = false
  return defineRoute({
    method: 'post',
    path: '/session',
    access: 'public',
    summary: 'Sign in with name and password, or with the one-time ticket of a demo',
    body: credentials,
    answers: { 201: sessionView },
    answer: async ({ request, body }) => {
      requirePageHeader(request)
      if ('ticket' in body) {
        const isRight = access.loginTicket !== undefined && isSameSecret(body.ticket, access.loginTicket)
        if (!isRight || ticketUsed || !isLoopback(request)) throw wrong()
        ticketUsed = true
        return signedIn(dependencies, request, 'administrator')
      }
      if (!(await verifyPassword(body.password, await store.administratorPassword(body.name)))) throw wrong()
      return signedIn(dependencies, request, body.name)
    },
  })
}

/** One text for every way to be wrong. */
function wrong(): Problem {
  return new Problem(401, { detail: 'Name or password is wrong.' })
}

async function signedIn({ store, now }: HttpDependencies, request: IncomingMessage, name: string): Promise<ApiAnswer> {
  const token = createToken('page')
  const createdAtMs = now()
  await store.addToken({
    sha256: hashToken(token),
    kind: 'page-session',
    name,
    createdAtMs,
    idleMs: sessionIdleMs,
    expiresAtMs: createdAtMs + sessionAbsoluteMs,
  })
  const body = { signedIn: true, name, setupRequired: false }
  return { status: 201, body, headers: { 'set-cookie': cookie(request, token, sessionAbsoluteMs / 1_000) } }
}

function cookie(request: IncomingMessage, value: string, seconds: number): string {
  const secure = 'encrypted' in request.socket && request.socket.encrypted === true ? '; Secure' : ''
  return `${sessionCookieName}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure}`
}

function isLoopback(request: IncomingMessage): boolean {
  const address = plainAddress(request.socket.remoteAddress ?? '')
  return address === '::1' || address.startsWith('127.')
}
