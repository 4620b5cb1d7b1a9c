/** What was distributed to whom, by name or through a group, and what points said of it. */

import { isDeepStrictEqual } from 'node:util'
import type { Kysely } from 'kysely'
import type { DistributionPointGroupId, DistributionPointId, PackageId } from '../../address/identifiers.ts'
import type { AssignedContent, ContentReport } from '../../site/content-state.ts'
import type { ContentTargets, NewestContent, ReportedContent } from '../distribution-port.ts'
import type { Schema } from '../schema.ts'
import { readNewestContent } from './content-version-rows.ts'
import { readDistributionPointGroups } from './distribution-point-group-rows.ts'

/** As it was asked for; undefined `ids`: of everything that was distributed. */
export async function readContentTargets(
  db: Kysely<Schema>,
  ids?: readonly PackageId[],
): Promise<ReadonlyMap<PackageId, ContentTargets>> {
  if (ids?.length === 0) return new Map()
  let points = db.selectFrom('content_of_points').selectAll().orderBy('content_id').orderBy('point_id')
  let groups = db.selectFrom('content_of_groups').selectAll().orderBy('content_id').orderBy('group_id')
  if (ids !== undefined) {
    points = points.where('content_id', 'in', ids)
    groups = groups.where('content_id', 'in', ids)
  }
  const found = new Map<PackageId, { points: DistributionPointId[]; groups: DistributionPointGroupId[] }>()
  const of = (id: PackageId) => {
    const targets = found.get(id) ?? { points: [], groups: [] }
    found.set(id, targets)
    return targets
  }
  for (const row of await points.execute()) of(row.content_id).points.push(row.point_id)
  for (const row of await groups.execute()) of(row.content_id).groups.push(row.group_id)
  return found
}

/** Which points are to have it; with those that became members of a group after it was distributed (S8-007). */
export async function readPointsOfContent(
  db: Kysely<Schema>,
  ids?: readonly PackageId[],
): Promise<ReadonlyMap<PackageId, ReadonlySet<DistributionPointId>>> {
  const members = new Map((await readDistributionPointGroups(db)).map((group) => [group.id, group.members]))
  return new Map(
    [...(await readContentTargets(db, ids))].map(([id, { points, groups }]) => [
      id,
      new Set([...points, ...groups.flatMap((group) => members.get(group) ?? [])]),
    ]),
  )
}

/** What one point is to have, in the newest versions; what has no files yet is not among it. */
export async function readAssignedContent(
  db: Kysely<Schema>,
  point: DistributionPointId,
): Promise<readonly AssignedContent[]> {
  const all = await readPointsOfContent(db)
  const ids = [...all].flatMap(([id, points]) => (points.has(point) ? [id] : []))
  const newest = await readNewestContent(db, ids)
  const asked = await db.selectFrom('content_validations').selectAll().where('point_id', '=', point).execute()
  const validations = new Map(asked.map((row) => [row.content_id, row.number]))
  return ids.flatMap((id) => {
    const content = newest.get(id)
    return content === undefined ? [] : [{ ...content, validation: validations.get(id) ?? 0 }]
  })
}

/** Without the lists of files, which may be long. */
export async function readNewestNumbers(
  db: Kysely<Schema>,
  ids?: readonly PackageId[],
): Promise<ReadonlyMap<PackageId, NewestContent>> {
  if (ids?.length === 0) return new Map()
  const versions = db.selectFrom('content_versions').select(['content_id', 'version']).orderBy('version')
  const asked = db.selectFrom('content_validations').selectAll()
  const newest = new Map<PackageId, { version: number; validations: Map<DistributionPointId, number> }>()
  for (const row of await (ids === undefined ? versions : versions.where('content_id', 'in', ids)).execute()) {
    newest.set(row.content_id, { version: row.version, validations: new Map() })
  }
  for (const row of await (ids === undefined ? asked : asked.where('content_id', 'in', ids)).execute()) {
    newest.get(row.content_id)?.validations.set(row.point_id, row.number)
  }
  return newest
}

export async function readReportedContent(
  db: Kysely<Schema>,
  ids?: readonly PackageId[],
): Promise<readonly ReportedContent[]> {
  if (ids?.length === 0) return []
  const query = db
    .selectFrom('reported_content')
    .innerJoin('point_reports', 'point_reports.point_id', 'reported_content.point_id')
    .selectAll('reported_content')
    .select('heard_at_ms')
  const rows = await (ids === undefined ? query : query.where('content_id', 'in', ids)).execute()
  return rows.map((row) => ({
    pointId: row.point_id,
    heardAtMs: row.heard_at_ms,
    id: row.content_id,
    version: row.version,
    state: row.state,
    ...(row.reason === null ? {} : { reason: row.reason }),
    validation: row.validation,
    ...(row.verified_at_ms === null ? {} : { verifiedAtMs: row.verified_at_ms }),
  }))
}

/** All that a point has takes the place of what it said before. */
export async function writeReport(
  db: Kysely<Schema>,
  point: DistributionPointId,
  { atMs, contents }: { readonly atMs: number; readonly contents: readonly ContentReport[] },
): Promise<void> {
  const heard = { point_id: point, heard_at_ms: atMs }
  await db
    .insertInto('point_reports')
    .values(heard)
    .onConflict((conflict) => conflict.column('point_id').doUpdateSet(heard))
    .execute()
  const before = await db.selectFrom('reported_content').selectAll().where('point_id', '=', point).execute()
  const old = new Map(before.map((row) => [row.content_id, row]))
  for (const { id, version, state, reason = null, validation, verifiedAtMs = null } of contents) {
    const row = { point_id: point, content_id: id, version, state, reason, validation, verified_at_ms: verifiedAtMs }
    // Most reports say what the last one did.
    if (!isDeepStrictEqual({ ...old.get(id) }, row)) await writeReported(db, row)
    old.delete(id)
  }
  for (const id of old.keys()) {
    await db.deleteFrom('reported_content').where('point_id', '=', point).where('content_id', '=', id).execute()
  }
}

async function writeReported(db: Kysely<Schema>, row: Schema['reported_content']): Promise<void> {
  await db
    .insertInto('reported_content')
    .values(row)
    .onConflict((conflict) => conflict.columns(['point_id', 'content_id']).doUpdateSet(row))
    .execute()
}

/** A content that is gone was distributed to nobody. */
export async function forgetContent(db: Kysely<Schema>, id: PackageId): Promise<void> {
  for (const table of ['content_versions', 'content_of_points', 'content_of_groups', 'content_validations'] as const) {
    await db.deleteFrom(table).where('content_id', '=', id).execute()
  }
}
