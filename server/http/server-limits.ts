/**
 * The socket side of safety: limits of Node's HTTP server, which by itself lets a client take its time (security D05), and
 * the answer to what is no HTTP at all. The server is made here, so that nobody can make one without them.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type AddressLimit, limitConnections } from './connections-of-addresses.ts'
import { inTurn } from './in-turn.ts'

export const headersTimeoutMs = 10_000
export const headerBytesMax = 16 * 1024
/** Between two requests of one connection; firmware takes seconds to start a kernel it fetched. */
export const keepAliveMs = 15_000
export const connectionsMax = 10_000

export interface HttpHandlers {
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  readonly connected: (connection: Socket) => void
  /** A connection was closed without an answer. */
  readonly refused: (reason: Refusal) => void
}

export type Refusal = 'too-many-connections' | 'too-many-connections-of-address' | 'too-many-requests-waiting'

export function createHttpServer(handlers: HttpHandlers, limit: AddressLimit): Server {
  const { handler, upgrade, refused } = handlers
  const server = createServer(
    {
      maxHeaderSize: headerBytesMax,
      headersTimeout: headersTimeoutMs,
      connectionsCheckingInterval: 1_000,
      // Bodies have limits of their own (json-body.ts, upload.ts): a 3 GB image takes as long as it takes.
      requestTimeout: 0,
      keepAliveTimeout: keepAliveMs,
      // Counted and answered by request-guard.ts, as every other refusal is.
      requireHostHeader: false,
      noDelay: true,
      // What is asked for by GET brings no body: no stream is set going for it.
      optimizeEmptyRequests: true,
      // Uploads and downloads move faster with fewer, larger pieces.
      highWaterMark: 256 * 1024,
    },
    inTurn(handler, () => refused('too-many-requests-waiting')),
  )
  limitConnections(server, limit, () => refused('too-many-connections-of-address'))
  server.on('drop', () => refused('too-many-connections'))
  server.maxConnections = connectionsMax
  server.maxHeadersCount = 100
  server.on('connection', handlers.connected)
  server.on('upgrade', upgrade)
  server.on('clientError', refuse)
  return server
}

const statusLines: ReadonlyMap<string, string> = new Map([
  ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large'],
  ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout'],
])

function refuse(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const line = statusLines.get(error.code ?? '') ?? '400 Bad Request'
  socket.end(`HTTP/1.1 ${line}\r\nConnection: close\r\nContent-Length: 0\r\nX-Content-Type-Options: nosniff\r\n\r\n`)
}
