/** When the system of each device's client started last, and when somebody logged on and off there, as it told (S5-019). */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const occasions: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const table = `create table occasions (device_id text not null references devices (id) on delete cascade,
      occasion text not null, at_ms bigint not null, primary key (device_id, occasion))`
    await sql.raw(table).execute(db)
  },
}
