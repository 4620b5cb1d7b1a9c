/** Edits of distribution points and of their groups. What was distributed to a group stays with a point that leaves it (S8-007). */

import type { Kysely } from 'kysely'
import type { DistributionPointGroupId, DistributionPointId } from '../../address/identifiers.ts'
import type { DistributionPoint, DistributionPointGroup } from '../../site/distribution-point.ts'
import { readCollectionRules } from '../rows/collection-rows.ts'
import {
  readDistributionPointGroup,
  readDistributionPointGroups,
  writeDistributionPointGroup,
} from '../rows/distribution-point-group-rows.ts'
import {
  readDistributionPoint,
  readDistributionPoints,
  removeDistributionPoint,
  writeDistributionPoint,
} from '../rows/distribution-point-rows.ts'
import type { Schema } from '../schema.ts'
import { takeDistributionPointGroupId, takeDistributionPointId } from './counters.ts'
import type { ObjectKind } from './edit-object.ts'
import { refuseInUse, refuseTakenName } from './refusals.ts'

export const distributionPointKind: ObjectKind<DistributionPointId, DistributionPoint> = {
  audited: 'distribution-point',
  nameOf: ({ name }) => name,
  takeId: takeDistributionPointId,
  read: readDistributionPoint,
  build: (draft, { id, revision }) => ({ ...draft, id, revision }),
  refuseSaving: ({ tx }, point) => refuseTakenName(tx, 'distribution_points', point),
  async refuseRemoving({ tx }, { id }) {
    const users = (await readDistributionPointGroups(tx)).filter(({ members }) => members.includes(id))
    return refuseInUse(
      'group',
      users.map((group) => `${group.name} (${group.id})`),
    )
  },
  write: writeDistributionPoint,
  remove: removeDistributionPoint,
}

export const distributionPointGroupKind: ObjectKind<DistributionPointGroupId, DistributionPointGroup> = {
  audited: 'distribution-point-group',
  nameOf: ({ name }) => name,
  takeId: takeDistributionPointGroupId,
  read: readDistributionPointGroup,
  build: (draft, { id, revision }) => ({ ...draft, id, revision }),
  async refuseSaving({ tx }, group) {
    const known = new Set((await readDistributionPoints(tx)).map(({ id }) => id))
    const missing = group.members.find((id) => !known.has(id))
    if (missing !== undefined) return `distribution point ${missing} does not exist`
    return refuseTakenName(tx, 'distribution_point_groups', group)
  },
  async refuseRemoving({ tx }, { id }) {
    const collections = await readCollectionRules(tx)
    const users = collections.filter(({ defaultDistributionPointGroups: groups }) => groups.includes(id))
    return refuseInUse(
      'collection',
      users.map((collection) => `${collection.name} (${collection.id})`),
    )
  },
  async write(db, group) {
    await leaveContent(db, group.id, group.members)
    await writeDistributionPointGroup(db, group)
  },
  async remove(db, id) {
    await leaveContent(db, id, [])
    await db.deleteFrom('distribution_point_groups').where('id', '=', id).execute()
    await db.deleteFrom('content_of_groups').where('group_id', '=', id).execute()
  },
}

/** Points that are no members any more keep what the group has as their own. */
async function leaveContent(
  db: Kysely<Schema>,
  id: DistributionPointGroupId,
  staying: readonly DistributionPointId[],
): Promise<void> {
  const old = await readDistributionPointGroup(db, id)
  const leaving = old?.members.filter((member) => !staying.includes(member)) ?? []
  if (leaving.length === 0) return
  const contents = await db.selectFrom('content_of_groups').select('content_id').where('group_id', '=', id).execute()
  const rows = leaving.flatMap((point) => contents.map((row) => ({ content_id: row.content_id, point_id: point })))
  for (const row of rows) {
    await db
      .insertInto('content_of_points')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}
