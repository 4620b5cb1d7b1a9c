/** Alerts, and which success alerts were judged: one whose instant has come is judged once, whatever the clock does afterwards. */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const alerts: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

const statements = [
  // An alert outlives its deployment: that it was raised stays on record.
  `create table alerts (id bigint not null primary key, kind text not null, cause text not null, severity text not null,
    deployment_id text, text text not null, raised_at_ms bigint not null, cleared_at_ms bigint, acknowledged_at_ms bigint,
    acknowledged_by text)`,
  `create unique index alerts_live on alerts (cause) where cleared_at_ms is null`,
  `create index alerts_cleared on alerts (cleared_at_ms)`,
  `create table judged_success_alerts (deployment_id text not null primary key references deployments (id) on delete cascade,
    cause text not null)`,
  `insert into counters (name, next) values ('alert', 1)`,
]
