/** A request for a file: what stands behind the prefix of its route. */

import type { IncomingMessage, ServerResponse } from 'node:http'

export interface FileRequest {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Behind the route's prefix, without the query and not yet decoded. */
  readonly rest: string
  readonly query: string
}

/** The path as it was sent, because names are decoded by one function only (request-guard.ts). */
export function fileRequest(request: IncomingMessage, response: ServerResponse, prefix: string): FileRequest {
  const target = request.url ?? ''
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  return { request, response, rest: path.slice(prefix.length), query: mark < 0 ? '' : target.slice(mark + 1) }
}
