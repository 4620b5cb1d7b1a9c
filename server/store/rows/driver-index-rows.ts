/** What hardware the newest files of a driver package are for. */

import type { Kysely } from 'kysely'
import type { PackageId } from '../../address/identifiers.ts'
import type { DriverIndex } from '../../site/driver-index.ts'
import { decodeJson, encodeJson } from '../json-text.ts'
import type { Schema } from '../schema.ts'

export async function readDriverIndex(db: Kysely<Schema>, id: PackageId): Promise<DriverIndex | undefined> {
  const row = await db
    .selectFrom('driver_indexes')
    .select('driver_index')
    .where('content_id', '=', id)
    .executeTakeFirst()
  return row === undefined ? undefined : decodeJson(row.driver_index)
}

interface NewDriverIndex {
  readonly id: PackageId
  readonly version: number
  readonly driverIndex: DriverIndex
}

export async function writeDriverIndex(
  db: Kysely<Schema>,
  { id, version, driverIndex }: NewDriverIndex,
): Promise<void> {
  const row = { content_id: id, version, driver_index: encodeJson(driverIndex) }
  await db
    .insertInto('driver_indexes')
    .values(row)
    .onConflict((conflict) => conflict.column('content_id').doUpdateSet(row))
    .execute()
}
