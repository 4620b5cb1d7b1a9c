/** What the agent of a device told of its machine last. */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const deviceInventories: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw(table).execute(db)
  },
}

const table = `create table device_inventories (device_id text not null primary key references devices (id) on delete cascade,
  inventory text not null, heard_at_ms bigint not null, ip_address text not null, started_from text not null)`
