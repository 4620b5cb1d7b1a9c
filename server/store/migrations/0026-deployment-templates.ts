/** Templates of deployments. */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const deploymentTemplates: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

const statements = [
  `create table deployment_templates (id text not null primary key, name text not null, name_folded text not null unique,
    description text not null, settings text not null, revision bigint not null)`,
  `insert into counters (name, next) values ('deployment-template', 1)`,
]
