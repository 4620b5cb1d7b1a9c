/** The site's side of contract/distribution-point.ts: what a distribution point is to have, its octets, and who may fetch from it. */

import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import {
  type Assignment,
  pointPaths,
  reasonCharactersMax,
  reportedContentsMax,
  type RunTokenAnswer,
} from '../../contract/distribution-point.ts'
import { contentStates } from '../../site/content-state.ts'
import type { DistributionPoint } from '../../site/distribution-point.ts'
import { parseMessage } from '../agent/parse-message.ts'
import { packageId } from '../api/fields.ts'
import { sendBlob } from '../boot-routes.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { fileRequest } from '../file-request.ts'
import { FilesByHash } from '../find-content-file.ts'
import { parseJson, readBody, requireJson } from '../json-body.ts'
import { notFound, Problem } from '../problem.ts'
import { sendJson } from '../send-json.ts'
import type { ServedRoute } from '../served-route.ts'
import { bearerToken, hashToken } from '../token.ts'

/** A point with everything that a site can have says so much. */
const reportLimits = { bytesMax: 16 * 1024 * 1024, depthMax: 8, keysMax: reportedContentsMax * 8 }

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)

const reportSchema = z.object({
  contents: z
    .array(
      z.object({
        id: packageId,
        version: count,
        state: z.enum(contentStates),
        reason: z.string().max(reasonCharactersMax).exactOptional(),
        validation: count,
        verifiedAtMs: count.exactOptional(),
      }),
    )
    .max(reportedContentsMax),
})

const askRunTokenSchema = z.object({ tokenSha256: z.string().regex(/^[0-9a-f]{64}$/) })

type AnswerPoint = (
  dependencies: HttpDependencies,
  point: DistributionPoint,
  request: IncomingMessage,
) => Promise<object>

export function pointRoutes(dependencies: HttpDependencies): readonly ServedRoute[] {
  const filesByHash = new FilesByHash()
  const route = (method: 'GET' | 'POST', path: string, answer: AnswerPoint): ServedRoute => ({
    method,
    path,
    access: 'distribution-point',
    async serve(request, response) {
      const point = await requirePoint(dependencies, request)
      sendJson(response, await answer(dependencies, point, request))
    },
  })
  return [
    route('GET', pointPaths.assignment, assignment),
    route('POST', pointPaths.report, keepReport),
    route('POST', pointPaths.runToken, answerRunToken),
    {
      method: 'GET',
      path: `${pointPaths.blobs}{rest}`,
      access: 'distribution-point',
      async serve(request, response) {
        const { id } = await requirePoint(dependencies, request)
        const incoming = fileRequest(request, response, pointPaths.blobs)
        // The store gives the same list until the site is edited.
        const file = filesByHash.find(await dependencies.store.assignedContent(id), incoming.rest)
        if (file === undefined) throw notFound()
        await sendBlob(dependencies, incoming, { file, cacheControl: 'private, no-store' })
      },
    },
  ]
}

async function requirePoint({ store }: HttpDependencies, request: IncomingMessage): Promise<DistributionPoint> {
  const token = bearerToken(request.headers.authorization)
  const point = token === undefined ? undefined : await store.pointOfToken(hashToken(token))
  if (point !== undefined) return point
  throw new Problem(401, {
    detail: 'Send the token of a distribution point.',
    headers: { 'www-authenticate': 'Bearer' },
  })
}

async function assignment({ store }: HttpDependencies, point: DistributionPoint): Promise<Assignment> {
  const contents = await store.assignedContent(point.id)
  return { contents, ...(point.prestagedContentOnly ? { prestagedContentOnly: true } : {}) }
}

const keepReport: AnswerPoint = async ({ store }, { id }, request) => {
  requireJson(request)
  const document = parseJson(await readBody(request, reportLimits.bytesMax), reportLimits)
  await store.keepPointReport(id, parseMessage(reportSchema, document).contents)
  return {}
}

async function answerRunToken(
  { store, now }: HttpDependencies,
  _point: DistributionPoint,
  request: IncomingMessage,
): Promise<RunTokenAnswer> {
  requireJson(request)
  const { tokenSha256 } = parseMessage(askRunTokenSchema, parseJson(await readBody(request)))
  // It counts as a use: a run that fetches from a point only is alive.
  const run = await store.peekRunToken(tokenSha256, now())
  if (run === undefined) return { known: false }
  return { known: true, content: run.policy.content.map(({ id, version }) => ({ id, version })) }
}
