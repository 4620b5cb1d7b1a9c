/** Distribution points that fetch nothing by themselves, but wait for prestaged content to be imported (S8-008). */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const prestagedContentOnly: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql
      .raw('alter table distribution_points add column prestaged_content_only bigint not null default 0')
      .execute(db)
  },
}
