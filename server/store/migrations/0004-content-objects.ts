/**
 * Packages, operating system upgrade packages, driver packages and applications. Their fields differ and nobody searches by
 * them, so they are one table with a document each; files are in `content_versions` as those of images are. What hardware the newest files of a
 * driver package are for is a document of its own.
 */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const contentObjects: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

const statements = [
  // Not with the package: nobody reads it but who chooses drivers.
  `create table driver_indexes (content_id text not null primary key, version bigint not null, driver_index text not null)`,
  `create table content_objects (id text not null primary key, kind text not null, name text not null,
    name_folded text not null, definition text not null, revision bigint not null, unique (kind, name_folded))`,
]
