/** Refusals of the agent's routes, by the codes of contract/agent.ts. The texts tell a stranger nothing (security A07). */

import type { AgentErrorCode } from '../../contract/agent.ts'
import { Problem } from '../problem.ts'

const refusals = {
  'bad-signature': [401, 'The signature does not fit.'],
  replayed: [409, 'This request was sent before.'],
  'unknown-token': [401, 'The token is not known.'],
  expired: [401, 'The token has expired.'],
  'not-found': [404, 'It is not there.'],
  'not-armed': [403, 'This deployment cannot run on this machine now.'],
  'ticket-used': [409, 'The ticket was used before.'],
  'run-ended': [409, 'The run has ended.'],
  invalid: [422, 'The request is not valid.'],
  'event-gap': [409, 'Events are missing before these.'],
} as const satisfies Record<AgentErrorCode, readonly [number, string]>

export function agentProblem(code: AgentErrorCode, detail?: string): Problem {
  const [status, text] = refusals[code]
  return new Problem(status, { code, detail: detail ?? text })
}
