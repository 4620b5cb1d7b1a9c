/**
 * Whether a deployment's schedule is obeyed in the boot image, too. It always was until now, and need not be: what was given an
 * end, or a start later than its making, goes on as its administrator meant it. Everything else gets the new default.
 */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const scheduleInBootImage: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

const statements = [
  `alter table deployments add column obey_schedule_in_boot_image integer not null default 0`,
  `update deployments set obey_schedule_in_boot_image = 1
    where expires_at_ms is not null or available_at_ms > created_at_ms`,
]
