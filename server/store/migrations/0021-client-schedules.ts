/** Deployments get a schedule for clients; those that are there run as soon as possible, and once, as they did. */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const clientSchedules: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

const asSoonAsPossible = '{"assignments":[],"rerun":"always"}'

const statements = [
  `alter table deployments add column client_schedule text not null default '${asSoonAsPossible}'`,
  `create index runs_of_device on runs (device_id, deployment_id, started_at_ms)`,
]
