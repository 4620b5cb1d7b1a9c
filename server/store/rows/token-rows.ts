/** Tokens of the API and sessions of the page, and their rows. Only hashes are kept. */

import type { Insertable, Kysely, Selectable } from 'kysely'
import type { NewToken, StoredToken } from '../credentials-port.ts'
import type { Schema } from '../schema.ts'

export async function readTokens(db: Kysely<Schema>): Promise<StoredToken[]> {
  const rows = await db.selectFrom('tokens').selectAll().orderBy('created_at_ms').orderBy('sha256').execute()
  return rows.map(toToken)
}

export async function readToken(db: Kysely<Schema>, sha256: string): Promise<StoredToken | undefined> {
  const row = await db.selectFrom('tokens').selectAll().where('sha256', '=', sha256).executeTakeFirst()
  return row === undefined ? undefined : toToken(row)
}

export function toTokenRow(token: NewToken): Insertable<Schema['tokens']> {
  return {
    sha256: token.sha256,
    kind: token.kind,
    name: token.name,
    created_at_ms: token.createdAtMs,
    idle_ms: token.idleMs ?? null,
    expires_at_ms: token.expiresAtMs ?? null,
    used_at_ms: token.createdAtMs,
  }
}

/** From the first instant of its end on, a token is nobody's. */
export function isTokenLive(token: StoredToken, nowMs: number): boolean {
  if (token.expiresAtMs !== undefined && nowMs >= token.expiresAtMs) return false
  return token.idleMs === undefined || nowMs < token.usedAtMs + token.idleMs
}

function toToken(row: Selectable<Schema['tokens']>): StoredToken {
  return {
    sha256: row.sha256,
    kind: row.kind,
    name: row.name,
    createdAtMs: row.created_at_ms,
    ...(row.idle_ms === null ? {} : { idleMs: row.idle_ms }),
    ...(row.expires_at_ms === null ? {} : { expiresAtMs: row.expires_at_ms }),
    usedAtMs: row.used_at_ms,
  }
}
