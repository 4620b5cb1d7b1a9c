/** Media, the machines that started from them, and what a session says of the medium it was started from. */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const media: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

const statements = [
  `create table media (id text not null primary key, created_at_ms bigint not null, definition text not null,
    description text not null, variables text not null, revoked_at_ms bigint, revoked_by text,
    published_until_ms bigint)`,
  `create table medium_uses (medium_id text not null, lane text not null, device_id text, machine_name text not null,
    ip_address text not null, identity_key text not null, first_at_ms bigint not null, last_at_ms bigint not null,
    starts bigint not null, primary key (medium_id, lane))`,
  'alter table agent_sessions add column medium_id text',
  'alter table agent_sessions add column preferred text',
]
