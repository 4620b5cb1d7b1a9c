/** A collection and its rows: the collection itself and its direct members in order. */

import type { Insertable, Kysely, Selectable } from 'kysely'
import type { CollectionId, DeviceId } from '../../address/identifiers.ts'
import type { Collection } from '../../site/collection.ts'
import { decodeJson, encodeJson } from '../json-text.ts'
import { foldName } from '../names.ts'
import type { Schema } from '../schema.ts'

/** Undefined `ids`: every collection, by identifier, built-in ones first. */
export async function readCollections(db: Kysely<Schema>, ids?: readonly CollectionId[]): Promise<Collection[]> {
  if (ids?.length === 0) return []
  let query = db.selectFrom('collections').selectAll().orderBy('id')
  let members = db.selectFrom('collection_members').selectAll().orderBy('position')
  if (ids !== undefined) {
    query = query.where('id', 'in', ids)
    members = members.where('collection_id', 'in', ids)
  }
  const rows = await query.execute()
  const membersOf = Map.groupBy(await members.execute(), (row) => row.collection_id)
  return rows.map((row) =>
    toCollection(
      row,
      (membersOf.get(row.id) ?? []).map((member) => member.device_id),
    ),
  )
}

/**
 * The built-in collections and those that list one of these devices. Of the direct members only the asked devices are read:
 * a collection of ten thousand would otherwise be read whole for one packet.
 */
export async function readCollectionsAround(db: Kysely<Schema>, deviceIds: readonly DeviceId[]): Promise<Collection[]> {
  const members =
    deviceIds.length === 0
      ? []
      : await db.selectFrom('collection_members').selectAll().where('device_id', 'in', deviceIds).execute()
  const membersOf = Map.groupBy(members, (member) => member.collection_id)
  const rows = await db
    .selectFrom('collections')
    .selectAll()
    .where((expression) =>
      expression.or([
        expression('kind', '!=', 'user'),
        ...(membersOf.size === 0 ? [] : [expression('id', 'in', [...membersOf.keys()])]),
      ]),
    )
    .orderBy('id')
    .execute()
  return rows.map((row) =>
    toCollection(
      row,
      (membersOf.get(row.id) ?? []).map((member) => member.device_id),
    ),
  )
}

export async function readCollection(db: Kysely<Schema>, id: CollectionId): Promise<Collection | undefined> {
  return (await readCollections(db, [id]))[0]
}

export async function writeCollection(db: Kysely<Schema>, collection: Collection): Promise<void> {
  const row = toRow(collection)
  await db
    .insertInto('collections')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute()
  await db.deleteFrom('collection_members').where('collection_id', '=', collection.id).execute()
  for (const [position, deviceId] of collection.directMembers.entries()) {
    const value = { collection_id: collection.id, device_id: deviceId, position }
    await db.insertInto('collection_members').values(value).execute()
  }
}

function toCollection(row: Selectable<Schema['collections']>, directMembers: readonly DeviceId[]): Collection {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    kind: row.kind,
    directMembers,
    variables: decodeJson(row.variables),
    variablePriority: row.variable_priority,
    revision: row.revision,
  }
}

function toRow(collection: Collection): Insertable<Schema['collections']> {
  return {
    id: collection.id,
    name: collection.name,
    name_folded: foldName(collection.name),
    description: collection.description,
    kind: collection.kind,
    variables: encodeJson(collection.variables),
    variable_priority: collection.variablePriority,
    revision: collection.revision,
  }
}
