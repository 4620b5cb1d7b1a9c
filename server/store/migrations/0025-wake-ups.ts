/** For which time of a deployment each device was woken last. */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const wakeUps: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw(table).execute(db)
  },
}

const table = `create table wake_ups (
  deployment_id text not null references deployments (id) on delete cascade,
  device_id text not null references devices (id) on delete cascade,
  due_at_ms bigint not null,
  primary key (deployment_id, device_id)
)`
