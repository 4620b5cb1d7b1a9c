/** A collection and its rows: the collection itself with its rules, and its direct members in order. */

import type { Insertable, Kysely, Selectable } from 'kysely'
import type { CollectionId, DeviceId } from '../../address/identifiers.ts'
import type { Collection, CollectionRules } from '../../site/collection.ts'
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
  return rows.map((row) => ({
    ...toCollectionRules(row),
    directMembers: (membersOf.get(row.id) ?? []).map((member) => member.device_id),
  }))
}

/** Undefined `ids`: every collection. By identifier, without the devices that it lists: of ten thousand each they would fill the memory. */
export async function readCollectionRules(
  db: Kysely<Schema>,
  ids?: readonly CollectionId[],
): Promise<CollectionRules[]> {
  if (ids?.length === 0) return []
  const query = db.selectFrom('collections').selectAll().orderBy('id')
  return (await (ids === undefined ? query : query.where('id', 'in', ids)).execute()).map(toCollectionRules)
}

/** Collections that list a device, by device. */
export async function readDirectMemberships(
  db: Kysely<Schema>,
  deviceIds: readonly DeviceId[],
): Promise<ReadonlyMap<DeviceId, ReadonlySet<CollectionId>>> {
  if (deviceIds.length === 0) return new Map()
  const rows = await db.selectFrom('collection_members').selectAll().where('device_id', 'in', deviceIds).execute()
  const byDevice = Map.groupBy(rows, (row) => row.device_id)
  return new Map([...byDevice].map(([id, list]) => [id, new Set(list.map((row) => row.collection_id))]))
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

function toCollectionRules(row: Selectable<Schema['collections']>): CollectionRules {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    kind: row.kind,
    ...decodeJson(row.rules),
    ...(row.limiting_collection_id === null ? {} : { limitingCollectionId: row.limiting_collection_id }),
    maintenanceWindows: decodeJson(row.maintenance_windows),
    variables: decodeJson(row.variables),
    variablePriority: row.variable_priority,
    defaultDistributionPointGroups: decodeJson(row.default_distribution_point_groups),
    revision: row.revision,
  }
}

function toRow(collection: Collection): Insertable<Schema['collections']> {
  const { unknownComputers, includes, excludes, queries } = collection
  return {
    id: collection.id,
    name: collection.name,
    name_folded: foldName(collection.name),
    description: collection.description,
    kind: collection.kind,
    rules: encodeJson({ unknownComputers, includes, excludes, queries }),
    limiting_collection_id: collection.limitingCollectionId ?? null,
    maintenance_windows: encodeJson(collection.maintenanceWindows),
    variables: encodeJson(collection.variables),
    variable_priority: collection.variablePriority,
    default_distribution_point_groups: encodeJson(collection.defaultDistributionPointGroups),
    revision: collection.revision,
  }
}
