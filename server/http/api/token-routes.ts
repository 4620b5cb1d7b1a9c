/** `/tokens`: API tokens of scripts. The token itself is in the answer to its creation and nowhere else, ever. */

import { z } from 'zod'
import type { StoredToken } from '../../store/credentials-port.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { notFound } from '../problem.ts'
import { createToken, hashToken } from '../token.ts'
import { label } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const tokenView = z
  .object({
    id: z.string(),
    name: z.string(),
    createdAtMs: z.number(),
    usedAtMs: z.number(),
    expiresAtMs: z.number().optional(),
  })
  .meta({ id: 'Token' })

/** The beginning of the hash: enough to name a token, useless for anything else. */
function idOf(sha256: string): string {
  return sha256.slice(0, 16)
}

function showToken(token: StoredToken): z.output<typeof tokenView> {
  return {
    id: idOf(token.sha256),
    name: token.name,
    createdAtMs: token.createdAtMs,
    usedAtMs: token.usedAtMs,
    ...(token.expiresAtMs === undefined ? {} : { expiresAtMs: token.expiresAtMs }),
  }
}

export function tokenRoutes({ store, now }: HttpDependencies): readonly ApiRoute[] {
  const apiTokens = async (): Promise<readonly StoredToken[]> =>
    (await store.listTokens()).filter(({ kind }) => kind === 'api')
  return [
    defineRoute({
      method: 'get',
      path: '/tokens',
      summary: 'List API tokens',
      answers: { 200: z.object({ items: z.array(tokenView) }) },
      answer: async () => ({ status: 200, body: { items: (await apiTokens()).map((token) => showToken(token)) } }),
    }),
    defineRoute({
      method: 'post',
      path: '/tokens',
      summary: 'Create an API token',
      body: z.strictObject({
        name: label(100).min(1),
        expiresAtMs: z.number().int().positive().max(8_640_000_000_000_000).exactOptional(),
      }),
      answers: { 201: tokenView.extend({ token: z.string() }).meta({ id: 'NewToken' }) },
      answer: async ({ body }) => {
        const token = createToken('rvl')
        const createdAtMs = now()
        const kept = { sha256: hashToken(token), kind: 'api', createdAtMs, ...body } as const
        await store.addToken(kept)
        return { status: 201, body: { ...showToken({ ...kept, usedAtMs: createdAtMs }), token } }
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/tokens/{id}',
      summary: 'Remove an API token',
      params: z.object({ id: z.string().regex(/^[0-9a-f]{16}$/) }),
      answers: { 204: 'none' },
      answer: async ({ params }) => {
        const token = (await apiTokens()).find(({ sha256 }) => idOf(sha256) === params.id)
        if (token === undefined || !(await store.removeToken(token.sha256))) throw notFound(`token ${params.id}`)
        return { status: 204 }
      },
    }),
  ]
}
