/**
 * Clears away sessions, run tokens and counters that nobody can use any more, so that they do not pile up over the years. A
 * counter stays while its key has a token that lives: without it a recorded request could be sent again.
 */

import type { Forgotten } from '../upkeep-port.ts'
import type { Writing } from './writing.ts'

export async function forgetExpiredAgents({
  tx,
  nowMs,
}: Pick<Writing, 'tx' | 'nowMs'>): Promise<Pick<Forgotten, 'agentSessions' | 'runTokens'>> {
  const sessions = await tx.deleteFrom('agent_sessions').where('expires_at_ms', '<=', nowMs).executeTakeFirst()
  const runTokens = await tx
    .deleteFrom('run_tokens')
    .where('expires_at_ms', '<=', nowMs - runTokensKeptMs)
    .executeTakeFirst()
  const keysOfRuns = tx
    .selectFrom('run_tokens')
    .innerJoin('runs', 'runs.id', 'run_tokens.run_id')
    .select('runs.identity_key')
  await tx
    .deleteFrom('agent_counters')
    .where('identity_key', 'not in', tx.selectFrom('agent_sessions').select('identity_key'))
    .where('identity_key', 'not in', keysOfRuns)
    .execute()
  return { agentSessions: Number(sessions.numDeletedRows), runTokens: Number(runTokens.numDeletedRows) }
}

/** A machine that comes back the next day is told that its token expired, not that it never was one. */
const runTokensKeptMs = 24 * 3_600_000
