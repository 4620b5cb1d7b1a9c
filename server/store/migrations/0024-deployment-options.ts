/** The options of a deployment that are neither purpose nor time; those of before have them as they are made. */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const deploymentOptions: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw(`alter table deployments add column options text not null default '{}'`).execute(db)
  },
}
