/** A distribution point and its row. */

import type { Kysely, Selectable } from 'kysely'
import type { DistributionPointId } from '../../address/identifiers.ts'
import type { DistributionPoint } from '../../site/distribution-point.ts'
import { decodeJson, encodeJson } from '../json-text.ts'
import { foldName } from '../names.ts'
import type { Schema } from '../schema.ts'

export async function readDistributionPoints(db: Kysely<Schema>): Promise<DistributionPoint[]> {
  return (await db.selectFrom('distribution_points').selectAll().orderBy('name_folded').execute()).map(toPoint)
}

export async function readDistributionPoint(
  db: Kysely<Schema>,
  id: DistributionPointId,
): Promise<DistributionPoint | undefined> {
  const row = await db.selectFrom('distribution_points').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? undefined : toPoint(row)
}

export async function writeDistributionPoint(db: Kysely<Schema>, point: DistributionPoint): Promise<void> {
  const { id, name, description, baseUrl, networks, isDefault, prestagedContentOnly, revision } = point
  const row = {
    id,
    name,
    name_folded: foldName(name),
    description,
    base_url: baseUrl,
    networks: encodeJson(networks),
    is_default: isDefault ? (1 as const) : (0 as const),
    prestaged_content_only: prestagedContentOnly ? (1 as const) : (0 as const),
    revision,
  }
  await db
    .insertInto('distribution_points')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute()
}

/** With what was distributed to it by name, and what it said. */
export async function removeDistributionPoint(db: Kysely<Schema>, id: DistributionPointId): Promise<void> {
  await db.deleteFrom('distribution_points').where('id', '=', id).execute()
  await db.deleteFrom('distribution_point_tokens').where('point_id', '=', id).execute()
  await db.deleteFrom('content_of_points').where('point_id', '=', id).execute()
  await db.deleteFrom('content_validations').where('point_id', '=', id).execute()
  await db.deleteFrom('point_reports').where('point_id', '=', id).execute()
  await db.deleteFrom('reported_content').where('point_id', '=', id).execute()
}

function toPoint(row: Selectable<Schema['distribution_points']>): DistributionPoint {
  const { id, name, description, revision } = row
  const networks = decodeJson(row.networks)
  return {
    id,
    name,
    description,
    baseUrl: row.base_url,
    networks,
    isDefault: row.is_default === 1,
    prestagedContentOnly: row.prestaged_content_only === 1,
    revision,
  }
}
