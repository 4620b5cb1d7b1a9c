/** A route as app.ts mounts it, whatever area it belongs to. The tests walk the same rows for the access matrix (A12). */

import type { IncomingMessage, ServerResponse } from 'node:http'

export interface ServedRoute {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** `{id}` is one segment; `{rest}` at the end is all that follows. */
  readonly path: string
  readonly access: 'public' | 'administrator' | 'run-token' | 'agent' | 'distribution-point'
  /** Tries are limited by source (security A13). */
  readonly limited?: true
  serve(request: IncomingMessage, response: ServerResponse, params: Readonly<Record<string, unknown>>): Promise<void>
}
