/** A second person's approval of deployments to many machines; a site asks for none until it says so. */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const secondApprovals: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

const statements = [
  `alter table start_guard add column second_approval_above integer not null default 0`,
  `alter table deployments add column second_approval text`,
]
