/** Runs one API route for one request: who asks, may they, what goes in, what comes out. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { HttpDependencies } from '../dependencies.ts'
import { actingAs } from '../../store/actor.ts'
import { identify, requireAdministrator } from '../principal.ts'
import { Problem } from '../problem.ts'
import { sendContent } from '../send-content.ts'
import { editorOf } from './editor.ts'
import type { ApiAnswer, ApiRoute } from './route.ts'

export interface ApiRequest {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly params: Readonly<Record<string, unknown>>
}

export async function serveApi(dependencies: HttpDependencies, route: ApiRoute, incoming: ApiRequest): Promise<void> {
  const { request, response, params } = incoming
  // Before the body is looked at: a stranger's upload is refused, not read.
  const principal = await identify(request, dependencies)
  if (route.access === 'administrator') requireAdministrator(request, principal)
  const query = readQuery(request.url ?? '')
  const answered = (): Promise<ApiAnswer> => route.answer({ request, response, principal, params, query })
  const answer = await (principal.kind === 'administrator' ? actingAs(editorOf(principal), answered) : answered())
  await sendAnswer(request, response, answer)
}

/** A key that comes twice is refused rather than guessed at. */
function readQuery(target: string): Readonly<Record<string, string>> {
  const [, text = ''] = /\?(.*)$/s.exec(target) ?? []
  const query: Record<string, string> = Object.create(null)
  for (const [key, value] of new URLSearchParams(text)) {
    if (key in query) throw new Problem(400, { detail: `The query names ${key} twice.` })
    query[key] = value
  }
  return query
}

async function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: ApiAnswer): Promise<void> {
  const body = answer.body === undefined ? undefined : Buffer.from(JSON.stringify(answer.body))
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value)
  if (answer.file !== undefined) return sendContent(request, response, answer.file)
  response.setHeader('cache-control', 'no-store')
  if (answer.stream !== undefined) {
    response.writeHead(answer.status, { 'content-type': answer.stream.type })
    if (request.method === 'HEAD') response.end()
    else await pipeline(Readable.from(answer.stream.octets), response)
    return
  }
  if (body === undefined) {
    response.writeHead(answer.status).end()
    return
  }
  const isKnown = request.method === 'GET' && request.headers['if-none-match'] === response.getHeader('etag')
  if (isKnown && response.hasHeader('etag')) {
    response.writeHead(304).end()
    return
  }
  response.writeHead(answer.status, { 'content-type': 'application/json', 'content-length': body.length })
  response.end(request.method === 'HEAD' ? undefined : body)
}
