/** The audit: who changed what of the site. */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const audit: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

const statements = [
  `create table audit_entries (number bigint not null primary key, at_ms bigint not null, by_name text,
    action text not null, object_kind text not null, object_id text not null, object_name text not null,
    changes text not null)`,
  `create index audit_by_object on audit_entries (object_kind, object_id, number)`,
  `create index audit_by_time on audit_entries (at_ms)`,
  `insert into counters (name, next) values ('audit', 1)`,
]
