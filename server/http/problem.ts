/**
 * Errors as problem+json (RFC 9457). A `Problem` is thrown where an answer cannot be given and is written here, once.
 * What we did not foresee is logged with its stack and answered without it (security D21).
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { ContentError } from '../content/content-error.ts'
import { StoreError } from '../store/store-error.ts'

export interface Fault {
  /** Where in the request: `sequence.children[2].action.commandLine`. */
  readonly path: string
  readonly message: string
}

export interface ProblemDetails {
  readonly detail?: string
  /** A word that programs may decide on. */
  readonly code?: string
  readonly faults?: readonly Fault[]
  readonly headers?: Readonly<Record<string, string>>
  /** What else programs may want to know (RFC 9457 section 3.2). */
  readonly members?: Readonly<Record<string, unknown>>
}

export class Problem extends Error {
  readonly status: number
  readonly details: ProblemDetails

  constructor(status: number, details: ProblemDetails = {}) {
    super(details.detail ?? titleOf(status))
    this.name = 'Problem'
    this.status = status
    this.details = details
  }
}

const titles: ReadonlyMap<number, string> = new Map([
  [400, 'Bad request'],
  [401, 'Not signed in'],
  [403, 'Not allowed'],
  [404, 'Not found'],
  [405, 'Method not allowed'],
  [408, 'Request took too long'],
  [409, 'Conflict'],
  [412, 'Changed by someone else'],
  [413, 'Too large'],
  [415, 'Unsupported media type'],
  [416, 'Range not satisfiable'],
  [422, 'Not valid'],
  [423, 'Locked'],
  [426, 'Upgrade required'],
  [429, 'Too many requests'],
  [431, 'Header too large'],
  [500, 'Fault of the server'],
  [501, 'Not available yet'],
  [503, 'Not now'],
  [507, 'No room left'],
])

function titleOf(status: number): string {
  return titles.get(status) ?? 'Error'
}

export function notFound(what?: string): Problem {
  return new Problem(404, what === undefined ? {} : { detail: `There is no ${what}.` })
}

export function problemBody(problem: Problem): Readonly<Record<string, unknown>> {
  const { detail, code, faults, members } = problem.details
  return {
    ...members,
    type: 'about:blank',
    title: titleOf(problem.status),
    status: problem.status,
    ...(detail === undefined ? {} : { detail }),
    ...(code === undefined ? {} : { code }),
    ...(faults === undefined ? {} : { faults }),
  }
}

/** An answer that has begun cannot be taken back: the connection is cut, so that nobody takes half for whole. */
export function sendProblem(response: ServerResponse, problem: Problem): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const body = Buffer.from(JSON.stringify(problemBody(problem)))
  for (const name of ['etag', 'content-range', 'content-encoding', 'accept-ranges', 'repr-digest'])
    response.removeHeader(name)
  response.writeHead(problem.status, {
    'content-type': 'application/problem+json',
    'content-length': body.length,
    'cache-control': 'no-store',
    ...(hasUnreadBody(response.req) ? { connection: 'close' } : {}),
    ...problem.details.headers,
  })
  response.end(response.req.method === 'HEAD' ? undefined : body)
}

/** A refused upload is not read to its end for the sake of the connection. */
function hasUnreadBody(request: IncomingMessage): boolean {
  const announced =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
  return announced && !request.complete
}

/** Faults of others keep their status; the rest is ours. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error
  if (error instanceof ContentError && error.code === 'full') return new Problem(507, { detail: error.message })
  if (error instanceof StoreError && error.code === 'overloaded')
    return new Problem(503, { headers: { 'retry-after': '1' } })
  if (error instanceof URIError) return new Problem(400, { detail: 'The path is not valid percent-encoding.' })
  return undefined
}
