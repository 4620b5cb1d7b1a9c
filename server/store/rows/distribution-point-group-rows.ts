/** A group of distribution points and its row. */

import type { Kysely, Selectable } from 'kysely'
import type { DistributionPointGroupId } from '../../address/identifiers.ts'
import type { DistributionPointGroup } from '../../site/distribution-point.ts'
import { decodeJson, encodeJson } from '../json-text.ts'
import { foldName } from '../names.ts'
import type { Schema } from '../schema.ts'

export async function readDistributionPointGroups(db: Kysely<Schema>): Promise<DistributionPointGroup[]> {
  return (await db.selectFrom('distribution_point_groups').selectAll().orderBy('name_folded').execute()).map(toGroup)
}

export async function readDistributionPointGroup(
  db: Kysely<Schema>,
  id: DistributionPointGroupId,
): Promise<DistributionPointGroup | undefined> {
  const row = await db.selectFrom('distribution_point_groups').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? undefined : toGroup(row)
}

export async function writeDistributionPointGroup(db: Kysely<Schema>, group: DistributionPointGroup): Promise<void> {
  const { id, name, description, members, revision } = group
  const row = { id, name, name_folded: foldName(name), description, members: encodeJson(members), revision }
  await db
    .insertInto('distribution_point_groups')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute()
}

function toGroup(row: Selectable<Schema['distribution_point_groups']>): DistributionPointGroup {
  const { id, name, description, revision } = row
  return { id, name, description, members: decodeJson(row.members), revision }
}
