/**
 * Identifiers that several machines have, and MAC addresses that are never served: until now settings of the server, from now on
 * objects of the site beside these.
 */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const listedIdentifiers: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

const statements = [
  // Nobody put it there: the site itself.
  `create table listed_identifiers (list text not null, identifier text not null, comment text not null, by_name text,
    at_ms bigint not null, primary key (list, identifier))`,
  // What somebody took off the list of duplicates: the site does not put it there again by itself.
  `create table unmarked_identifiers (identifier text not null primary key)`,
]
