/** Collections get rules and a limiting collection; those that are there have none of the first, and All Systems as the second. */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const collectionRules: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

const noRules = '{"unknownComputers":[],"includes":[],"excludes":[],"queries":[]}'

const statements = [
  `alter table collections add column rules text not null default '${noRules}'`,
  `alter table collections add column limiting_collection_id text references collections (id)`,
]
