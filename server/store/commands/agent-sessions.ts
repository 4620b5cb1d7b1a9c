/** Sessions of agents: made by a hello, approved by their code, used with a growing counter (security 6.4). */

import type { AgentSession } from '../ports.ts'
import { readSessionByToken, readSessions, toSessionRow } from '../rows/agent-session-rows.ts'
import { advanceCounter } from './agent-counters.ts'
import { takeNumbers } from './counters.ts'
import { forgetExpiredAgents } from './forget-expired-agents.ts'
import type { Writing } from './writing.ts'

/** A hello whose answer was lost is repeated a few times; a session keeps the tokens of the last ones. */
const tokensPerSessionMax = 8

/**
 * Nobody else can sign with the key, so the same key and nonce are the same agent asking again: the code that its screen shows,
 * its approval and its end stay; where it is and which device it is may have become known since.
 */
export async function addSession(writing: Writing, session: AgentSession): Promise<AgentSession> {
  const { tx } = writing
  await forgetExpiredAgents(writing)
  const kept = await tx
    .selectFrom('agent_sessions')
    .select('code')
    .where('identity_key', '=', session.identityKey)
    .where('nonce', '=', session.nonce)
    .executeTakeFirst()
  if (kept === undefined) await tx.insertInto('agent_sessions').values(toSessionRow(session)).execute()
  else await renew(writing, session)
  if (session.approved) await approve(writing, session)
  await addToken(writing, session)
  return (await readSessionByToken(tx, session.tokenSha256)) ?? session
}

export interface UseToken {
  readonly tokenSha256: string
  readonly counter: number
  readonly nowMs: number
}

export async function useSession(
  writing: Writing,
  { tokenSha256, counter, nowMs }: UseToken,
): Promise<AgentSession | 'unknown-token' | 'replayed' | 'expired'> {
  const session = await readSessionByToken(writing.tx, tokenSha256)
  if (session === undefined) return 'unknown-token'
  if (nowMs >= session.expiresAtMs) return 'expired'
  return (await advanceCounter(writing, session.identityKey, counter)) ? session : 'replayed'
}

/** The person compared the code on both screens. Two machines that show one code are not told apart: neither is approved. */
export async function approveSession(writing: Writing, code: string): Promise<AgentSession | undefined> {
  const sessions = await readSessions(writing.tx)
  const waiting = sessions.filter((session) => session.code === code && session.expiresAtMs > writing.nowMs)
  const [session] = waiting
  if (session === undefined || waiting.length > 1) return undefined
  await approve(writing, session)
  return { ...session, approved: true }
}

async function renew({ tx }: Writing, session: AgentSession): Promise<void> {
  const { hardware, ip_address, device_id } = toSessionRow(session)
  await tx
    .updateTable('agent_sessions')
    .set({ hardware, ip_address, device_id })
    .where('identity_key', '=', session.identityKey)
    .where('nonce', '=', session.nonce)
    .execute()
}

async function approve({ tx }: Writing, session: AgentSession): Promise<void> {
  await tx
    .updateTable('agent_sessions')
    .set({ approved: 1 })
    .where('identity_key', '=', session.identityKey)
    .where('nonce', '=', session.nonce)
    .execute()
}

async function addToken(writing: Writing, session: AgentSession): Promise<void> {
  const { tx } = writing
  const issued = await takeNumbers(writing, 'session-token', 1)
  const row = { token_sha256: session.tokenSha256, identity_key: session.identityKey, nonce: session.nonce, issued }
  await tx
    .insertInto('agent_session_tokens')
    .values(row)
    .onConflict((conflict) => conflict.column('token_sha256').doUpdateSet({ issued }))
    .execute()
  const tokens = await tx
    .selectFrom('agent_session_tokens')
    .select('token_sha256')
    .where('identity_key', '=', session.identityKey)
    .where('nonce', '=', session.nonce)
    .orderBy('issued', 'desc')
    .execute()
  for (const { token_sha256 } of tokens.slice(tokensPerSessionMax)) {
    await tx.deleteFrom('agent_session_tokens').where('token_sha256', '=', token_sha256).execute()
  }
}
