/** Runs in debug mode: how their debugger stands, the commands that were given, and the variables that it shows. */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const debuggedRuns: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

const statements = [
  `create table debugged_runs (run_id text not null primary key, state text not null, held_since_ms bigint,
    held_ms bigint not null)`,
  `create table debug_commands (run_id text not null, number bigint not null, command text not null,
    given_by text not null, given_at_ms bigint not null, primary key (run_id, number))`,
  `create table debug_variables (run_id text not null, name_folded text not null, name text not null,
    value text not null, secret integer not null, primary key (run_id, name_folded))`,
]
