/** An agent's session and its rows. One session may have several tokens: a hello whose answer was lost is sent again. */

import type { Insertable, Kysely, Selectable } from 'kysely'
import type { AgentSession } from '../ports.ts'
import { decodeJson, encodeJson } from '../json-text.ts'
import type { Schema } from '../schema.ts'

/** The newest session first; each with its newest token. */
export async function readSessions(db: Kysely<Schema>): Promise<AgentSession[]> {
  const rows = await sessionsWithTokens(db)
    .orderBy('created_at_ms', 'desc')
    .orderBy('agent_session_tokens.issued', 'desc')
    .execute()
  const newest = new Map<string, AgentSession>()
  for (const row of rows) {
    const session = toSession(row)
    const key = `${session.identityKey} ${session.nonce}`
    if (!newest.has(key)) newest.set(key, session)
  }
  return [...newest.values()]
}

export async function readSessionByToken(db: Kysely<Schema>, tokenSha256: string): Promise<AgentSession | undefined> {
  const row = await sessionsWithTokens(db)
    .where('agent_session_tokens.token_sha256', '=', tokenSha256)
    .executeTakeFirst()
  return row === undefined ? undefined : toSession(row)
}

export function toSessionRow(session: AgentSession): Omit<Insertable<Schema['agent_sessions']>, 'heard_at_ms'> {
  return {
    identity_key: session.identityKey,
    nonce: session.nonce,
    sealing_key: session.sealingKey,
    server_nonce: session.serverNonce,
    hardware: encodeJson(session.hardware),
    ip_address: session.ipAddress,
    device_id: session.deviceId ?? null,
    approved: session.approved ? 1 : 0,
    code: session.code,
    created_at_ms: session.createdAtMs,
    expires_at_ms: session.expiresAtMs,
    started_from: session.startedFrom,
    medium_id: session.mediumId ?? null,
    preferred: session.preferred === undefined ? null : encodeJson(session.preferred),
  }
}

function sessionsWithTokens(db: Kysely<Schema>) {
  return db
    .selectFrom('agent_sessions')
    .innerJoin('agent_session_tokens', (join) =>
      join
        .onRef('agent_session_tokens.identity_key', '=', 'agent_sessions.identity_key')
        .onRef('agent_session_tokens.nonce', '=', 'agent_sessions.nonce'),
    )
    .selectAll('agent_sessions')
    .select('agent_session_tokens.token_sha256')
}

function toSession(row: Selectable<Schema['agent_sessions']> & { readonly token_sha256: string }): AgentSession {
  return {
    tokenSha256: row.token_sha256,
    identityKey: row.identity_key,
    sealingKey: row.sealing_key,
    nonce: row.nonce,
    serverNonce: row.server_nonce,
    hardware: decodeJson(row.hardware),
    ipAddress: row.ip_address,
    ...(row.device_id === null ? {} : { deviceId: row.device_id }),
    approved: row.approved === 1,
    code: row.code,
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    startedFrom: row.started_from,
    ...(row.medium_id === null ? {} : { mediumId: row.medium_id }),
    ...(row.preferred === null ? {} : { preferred: decodeJson(row.preferred) }),
  }
}
