/** Unknown computers become devices when a run of theirs succeeds: settings of the site, and what such a run will make a device of. */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const provisioning: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

const statements = [
  `create table site_settings (id integer not null primary key check (id = 1), provision_unknown integer not null,
    provision_into text not null)`,
  `insert into site_settings (id, provision_unknown, provision_into) values (1, 1, '[]')`,
  `create table unknown_runs (run_id text not null primary key references runs (id) on delete cascade,
    identity text not null)`,
]
