/** Collections get maintenance windows; those that are there have none. */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const maintenanceWindows: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table collections add column maintenance_windows text not null default '[]'`.execute(db)
  },
}
