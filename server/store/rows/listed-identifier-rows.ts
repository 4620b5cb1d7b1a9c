/** Listed identifiers and their rows, and those that the site is not to list again by itself. */

import type { Kysely, Selectable } from 'kysely'
import { type IdentifierList, type ListedIdentifier, spellingsOf } from '../../site/listed-identifier.ts'
import type { Schema } from '../schema.ts'

/** Undefined: of both lists. */
export async function readListedIdentifiers(
  db: Kysely<Schema>,
  list?: IdentifierList,
): Promise<readonly ListedIdentifier[]> {
  const all = db.selectFrom('listed_identifiers').selectAll().orderBy('identifier')
  const rows = await (list === undefined ? all : all.where('list', '=', list)).execute()
  return rows.map(toListedIdentifier)
}

/** In either spelling. */
export async function readListedIdentifier(
  db: Kysely<Schema>,
  { list, identifier }: Pick<ListedIdentifier, 'list' | 'identifier'>,
): Promise<ListedIdentifier | undefined> {
  const row = await db
    .selectFrom('listed_identifiers')
    .selectAll()
    .where('list', '=', list)
    .where('identifier', 'in', spellingsOf(identifier))
    .executeTakeFirst()
  return row && toListedIdentifier(row)
}

export async function writeListedIdentifier(db: Kysely<Schema>, listed: ListedIdentifier): Promise<void> {
  const { list, identifier, comment, by = null, listedAtMs = 0 } = listed
  const row = { list, identifier, comment, by_name: by, at_ms: listedAtMs }
  await db
    .insertInto('listed_identifiers')
    .values(row)
    .onConflict((conflict) => conflict.columns(['list', 'identifier']).doUpdateSet(row))
    .execute()
}

export async function removeListedIdentifier(
  db: Kysely<Schema>,
  { list, identifier }: Pick<ListedIdentifier, 'list' | 'identifier'>,
): Promise<void> {
  await db.deleteFrom('listed_identifiers').where('list', '=', list).where('identifier', '=', identifier).execute()
}

export async function isUnmarked(db: Kysely<Schema>, identifier: string): Promise<boolean> {
  const row = await db
    .selectFrom('unmarked_identifiers')
    .select('identifier')
    .where('identifier', '=', identifier)
    .executeTakeFirst()
  return row !== undefined
}

export async function writeUnmarked(db: Kysely<Schema>, identifier: string, isUnmarkedNow: boolean): Promise<void> {
  await db.deleteFrom('unmarked_identifiers').where('identifier', '=', identifier).execute()
  if (isUnmarkedNow) await db.insertInto('unmarked_identifiers').values({ identifier }).execute()
}

function toListedIdentifier(row: Selectable<Schema['listed_identifiers']>): ListedIdentifier {
  const { list, identifier, comment, by_name: by, at_ms: listedAtMs } = row
  return {
    list,
    identifier,
    comment,
    from: by === null ? 'site' : 'administrator',
    ...(by === null ? {} : { by }),
    listedAtMs,
  }
}
