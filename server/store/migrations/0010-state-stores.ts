/** User state that machines captured: who, when, and the key. The octets are files (content/user-state-folder.ts). */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const stateStores: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

const statements = [
  `create table state_stores (id text not null primary key, run_id text not null, device_id text, lane text not null,
    machine_name text not null, state text not null, store_key text not null, chunks bigint not null,
    restoring_run_id text, created_at_ms bigint not null, changed_at_ms bigint not null)`,
  `create index state_stores_of_run on state_stores (run_id)`,
  `create index state_stores_of_device on state_stores (device_id)`,
  `create index state_stores_of_lane on state_stores (lane)`,
]
