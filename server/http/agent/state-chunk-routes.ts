/**
 * The octets of captured user state: `PUT /agent/v1/state-stores/chunk` from the run that captures, `GET …/captured-chunk`
 * to the run that was given the store to restore it. They are sealed, and come and go with the run token alone.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { stateChunkBytesMax, stateChunksMax } from '../../contract/agent.ts'
import type { RunRecord, StateStoreRecord } from '../../store/ports.ts'
import { uploadedOctets } from '../api/upload.ts'
import { writeHeadWithSecurity } from '../security-headers.ts'
import { bearerToken, hashToken } from '../token.ts'
import { agentProblem } from './agent-problem.ts'
import { stateStoreId } from './agent-schemas.ts'
import type { Agents } from './agents.ts'
import { parseMessage } from './parse-message.ts'
import { isRestoring } from './state-store-routes.ts'

const chunkQuery = z.strictObject({
  store: stateStoreId,
  index: z.coerce
    .number()
    .int()
    .nonnegative()
    .max(stateChunksMax - 1),
})

export async function receiveStateChunk(agents: Agents, request: IncomingMessage): Promise<object> {
  const { found, run, index } = await readChunkRequest(agents, request)
  if (found.runId !== run.id || found.state !== 'capturing') throw agentProblem('not-found')
  const parts: Uint8Array[] = []
  for await (const part of uploadedOctets(request, stateChunkBytesMax)) parts.push(part)
  await agents.site.userState.write(found.id, index, Buffer.concat(parts))
  return {}
}

export async function sendStateChunk(
  agents: Agents,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { found, run, index } = await readChunkRequest(agents, request)
  if (!isRestoring(found, run)) throw agentProblem('not-found')
  const octets = await agents.site.userState.read(found.id, index)
  if (octets === undefined) throw agentProblem('not-found')
  const headers = {
    'content-type': 'application/octet-stream',
    'content-length': octets.length,
    'cache-control': 'private, no-store',
  }
  writeHeadWithSecurity(response, 200, headers).end(request.method === 'HEAD' ? undefined : octets)
}

interface ChunkRequest {
  readonly run: RunRecord
  readonly found: StateStoreRecord
  readonly index: number
}

async function readChunkRequest({ site }: Agents, request: IncomingMessage): Promise<ChunkRequest> {
  const { store, now } = site
  const token = bearerToken(request.headers.authorization)
  const run = token === undefined ? undefined : await store.peekRunToken(hashToken(token), now())
  if (run === undefined) throw agentProblem('unknown-token')
  const { searchParams } = new URL(request.url ?? '/', 'http://site')
  const query = parseMessage(chunkQuery, Object.fromEntries(searchParams))
  const found = await store.getStateStore(query.store)
  if (found === undefined) throw agentProblem('not-found')
  return { run, found, index: query.index }
}
