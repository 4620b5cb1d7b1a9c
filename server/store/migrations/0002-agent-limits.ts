/** What limits on agents ask for: when each session was heard last, and indexes for questions asked at every hello and start. */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const agentLimits: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

const statements = [
  `alter table agent_sessions add column heard_at_ms bigint not null default 0`,
  `create index sessions_by_address on agent_sessions (approved, ip_address)`,
  `create index sessions_by_hearing on agent_sessions (approved, heard_at_ms)`,
  `create index runs_by_key on runs (identity_key, state)`,
]
