/** `POST /agent/v1/debugger/next-command`: a machine whose run the debugger holds asks what to do next (S1-101). */

import type { IncomingMessage } from 'node:http'
import type { NextCommandAnswer } from '../../contract/agent.ts'
import { agentProblem } from './agent-problem.ts'
import { nextCommandSchema } from './agent-schemas.ts'
import type { Agents } from './agents.ts'
import { parseMessage } from './parse-message.ts'
import { requireRun } from './run-routes.ts'
import { readSignedRequest } from './signed-request.ts'

export async function nextCommand({ site }: Agents, request: IncomingMessage): Promise<NextCommandAnswer> {
  const signed = await readSignedRequest(request)
  const { runId, after } = parseMessage(nextCommandSchema, signed.document)
  const run = await requireRun(site, signed)
  if (run.id !== runId) throw agentProblem('not-found')
  const kept = await site.store.nextDebugCommand(run.id, after)
  return kept === undefined ? {} : { next: { number: kept.number, command: kept.command } }
}
