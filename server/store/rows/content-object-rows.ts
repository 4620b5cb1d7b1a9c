/** Packages, upgrade packages, driver packages and applications, and their rows: one table, a document each (schema.ts). */

import type { Insertable, Kysely, Selectable } from 'kysely'
import type { PackageId } from '../../address/identifiers.ts'
import type { ContentVersion } from '../../site/content.ts'
import type { ContentObject, ContentObjectKind } from '../../site/content-object.ts'
import { decodeJson, encodeJson } from '../json-text.ts'
import { foldName } from '../names.ts'
import type { Schema } from '../schema.ts'
import { readNewestContent } from './content-version-rows.ts'

/** Undefined `ids`: every object of the kind, by identifier. */
export async function readContentObjects<Kind extends ContentObjectKind>(
  db: Kysely<Schema>,
  kind: Kind,
  ids?: readonly PackageId[],
): Promise<ContentObject<Kind>[]> {
  if (ids?.length === 0) return []
  let query = db.selectFrom('content_objects').selectAll().where('kind', '=', kind).orderBy('id')
  if (ids !== undefined) query = query.where('id', 'in', ids)
  const rows = await query.execute()
  const newest = await readNewestContent(
    db,
    rows.map((row) => row.id),
  )
  return rows.map((row) => toObject<Kind>(row, newest.get(row.id)))
}

export async function readContentObject<Kind extends ContentObjectKind>(
  db: Kysely<Schema>,
  kind: Kind,
  id: PackageId,
): Promise<ContentObject<Kind> | undefined> {
  return (await readContentObjects(db, kind, [id]))[0]
}

export async function writeContentObject<Kind extends ContentObjectKind>(
  db: Kysely<Schema>,
  kind: Kind,
  object: ContentObject<Kind>,
): Promise<void> {
  const row = toRow(kind, object)
  await db
    .insertInto('content_objects')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute()
}

/** Its rows were written from an object of this kind, and from nothing else. */
function toObject<Kind extends ContentObjectKind>(
  row: Selectable<Schema['content_objects']>,
  content: ContentVersion | undefined,
): ContentObject<Kind> {
  return {
    ...decodeJson(row.definition),
    id: row.id,
    name: row.name,
    ...(content === undefined ? {} : { content }),
    revision: row.revision,
  } as ContentObject<Kind>
}

function toRow(
  kind: ContentObjectKind,
  object: ContentObject<ContentObjectKind>,
): Insertable<Schema['content_objects']> {
  const { id, name, revision, content: _, ...definition } = object
  return { id, kind, name, name_folded: foldName(name), definition: encodeJson(definition), revision }
}
