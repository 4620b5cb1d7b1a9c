/** Sizes of collections that are a high risk (S5-039), with the published defaults, and who accepted one. */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const highRiskSizes: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

const statements = [
  `alter table start_guard add column high_risk_default_size integer not null default 100`,
  `alter table start_guard add column high_risk_maximum_size integer not null default 0`,
  `alter table deployments add column risk_accepted_by text`,
]
