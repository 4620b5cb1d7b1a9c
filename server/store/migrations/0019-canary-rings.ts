/** Canary rings of deployments: how large each is, and the machines in it with the run that counts. */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const canaryRings: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

const statements = [
  `alter table deployments add column canary_machines integer`,
  `alter table deployments add column canary_failures_max integer`,
  `create table canary_members (deployment_id text not null references deployments (id) on delete cascade,
    machine text not null, run_id text not null, primary key (deployment_id, machine))`,
  `create index canary_members_by_run on canary_members (run_id)`,
]
