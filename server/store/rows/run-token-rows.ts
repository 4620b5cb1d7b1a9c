/** The token of a run, and its row. Only the hash is kept. */

import type { Kysely, Selectable } from 'kysely'
import type { Schema } from '../schema.ts'

export type RunTokenRow = Selectable<Schema['run_tokens']>

export async function readRunToken(db: Kysely<Schema>, sha256: string): Promise<RunTokenRow | undefined> {
  return db.selectFrom('run_tokens').selectAll().where('token_sha256', '=', sha256).executeTakeFirst()
}

/** From the first instant of its end on, a token is nobody's. */
export function isRunTokenLive(token: RunTokenRow, nowMs: number): boolean {
  return nowMs < token.expires_at_ms && nowMs < token.used_at_ms + token.idle_ms
}
