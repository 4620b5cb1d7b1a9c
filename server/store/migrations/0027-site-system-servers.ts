/** Whether what replaces the system may be required of a collection with the site's own server (S5-040). */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const siteSystemServers: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw(`alter table start_guard add column site_system_servers text not null default 'block'`).execute(db)
  },
}
