/** What is distributed to whom, and what distribution points report (S8-004, S8-006). */

import type { DistributionPointId, PackageId } from '../../address/identifiers.ts'
import type { ContentReport } from '../../site/content-state.ts'
import type { DistributionPoint } from '../../site/distribution-point.ts'
import type { ContentTargets } from '../distribution-port.ts'
import type { Edit } from '../ports.ts'
import { readContentTargets, readPointsOfContent, writeReport } from '../rows/assigned-content-rows.ts'
import { readDistributionPointGroup } from '../rows/distribution-point-group-rows.ts'
import { readDistributionPoint } from '../rows/distribution-point-rows.ts'
import { audit } from './audit.ts'
import { contentOwner } from './content-edits.ts'
import { refused } from './edit-object.ts'
import type { Writing } from './writing.ts'

export interface PointToken {
  readonly id: DistributionPointId
  readonly tokenSha256: string
}

export async function makePointToken(
  writing: Writing,
  { id, tokenSha256 }: PointToken,
): Promise<Edit<DistributionPoint>> {
  const { tx } = writing
  const point = await readDistributionPoint(tx, id)
  if (point === undefined) return { kind: 'not-found' }
  const row = { point_id: id, token_sha256: tokenSha256 }
  await tx
    .insertInto('distribution_point_tokens')
    .values(row)
    .onConflict((conflict) => conflict.column('point_id').doUpdateSet(row))
    .execute()
  const after = { token: { value: tokenSha256, secret: true } }
  await audit(writing, { action: 'change', kind: 'distribution-point', id, name: point.name, after })
  return { kind: 'saved', value: point }
}

export interface Assignment {
  readonly ids: readonly PackageId[]
  readonly targets: ContentTargets
}

/** Whoever has it already keeps it as it is (S8-004). */
export async function assignContent(writing: Writing, { ids, targets }: Assignment): Promise<Edit<null>> {
  const { tx } = writing
  const missing = await missingTarget(writing, targets)
  if (missing !== undefined) return refused(missing)
  for (const id of ids) {
    const before = await targetsOf(writing, id)
    for (const point of targets.points) {
      const row = { content_id: id, point_id: point }
      await tx
        .insertInto('content_of_points')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    }
    for (const group of targets.groups) {
      const row = { content_id: id, group_id: group }
      await tx
        .insertInto('content_of_groups')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    }
    if (!(await noteTargets(writing, { id, before, action: 'distribute' }))) return refused(noContent(id))
  }
  return { kind: 'saved', value: null }
}

export interface Withdrawal {
  readonly id: PackageId
  readonly targets: ContentTargets
}

/** From a point that also gets it through a group it is taken with the group alone. */
export async function removeAssignedContent(writing: Writing, { id, targets }: Withdrawal): Promise<Edit<null>> {
  const { tx } = writing
  const before = await targetsOf(writing, id)
  for (const point of targets.points) {
    await tx.deleteFrom('content_of_points').where('content_id', '=', id).where('point_id', '=', point).execute()
  }
  for (const group of targets.groups) {
    await tx.deleteFrom('content_of_groups').where('content_id', '=', id).where('group_id', '=', group).execute()
  }
  const left = (await readPointsOfContent(tx, [id])).get(id)
  const still = targets.points.find((point) => left?.has(point))
  if (still !== undefined)
    return refused(`distribution point ${still} has it through a group; remove it from the group`)
  const isKnown = await noteTargets(writing, { id, before, action: 'remove-content' })
  return isKnown ? { kind: 'saved', value: null } : refused(noContent(id))
}

function noContent(id: PackageId): string {
  return `nothing that has content is called ${id}`
}

async function targetsOf({ tx }: Writing, id: PackageId): Promise<ContentTargets> {
  return (await readContentTargets(tx, [id])).get(id) ?? { points: [], groups: [] }
}

interface Retargeted {
  readonly id: PackageId
  readonly before: ContentTargets
  readonly action: 'distribute' | 'remove-content'
}

/** False: nothing that has content is called so. */
async function noteTargets(writing: Writing, { id, before, action }: Retargeted): Promise<boolean> {
  const owner = await contentOwner(writing.tx, id)
  if (owner === undefined) return false
  const after = await targetsOf(writing, id)
  const isSame = after.points.length === before.points.length && after.groups.length === before.groups.length
  if (!isSame) await audit(writing, { ...owner, action, id, before, after })
  return true
}

async function missingTarget({ tx }: Writing, { points, groups }: ContentTargets): Promise<string | undefined> {
  for (const id of points) {
    if ((await readDistributionPoint(tx, id)) === undefined) return `distribution point ${id} does not exist`
  }
  for (const id of groups) {
    if ((await readDistributionPointGroup(tx, id)) === undefined) return `distribution point group ${id} does not exist`
  }
  return undefined
}

export interface AskedValidation {
  readonly id: PackageId
  readonly points: readonly DistributionPointId[]
}

export async function requestValidation({ tx }: Writing, { id, points }: AskedValidation): Promise<void> {
  for (const point of points) {
    await tx
      .insertInto('content_validations')
      .values({ content_id: id, point_id: point, number: 1 })
      .onConflict((conflict) =>
        conflict
          .columns(['content_id', 'point_id'])
          .doUpdateSet((expression) => ({ number: expression('content_validations.number', '+', 1) })),
      )
      .execute()
  }
}

export interface PointReport {
  readonly id: DistributionPointId
  readonly contents: readonly ContentReport[]
}

/** A point that was removed meanwhile has nothing to say. */
export async function keepPointReport({ tx, nowMs }: Writing, { id, contents }: PointReport): Promise<void> {
  if ((await readDistributionPoint(tx, id)) !== undefined) await writeReport(tx, id, { atMs: nowMs, contents })
}
