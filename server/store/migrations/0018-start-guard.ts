/** What holds back starts of runs, in one row: the switch that stops them all, and how many may begin in an hour. */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const startGuard: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

const statements = [
  `create table start_guard (id integer not null primary key check (id = 1), stopped_reason text, stopped_by text,
    stopped_at_ms bigint, maximum_starts_per_hour integer)`,
  `insert into start_guard (id) values (1)`,
  // Runs that began without a person, which are those that are counted; of older ones it is not known.
  `alter table runs add column unattended integer not null default 0`,
  `create index runs_unattended on runs (started_at_ms) where unattended = 1`,
]
