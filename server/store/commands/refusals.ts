/** Reasons that several kinds of objects share: a name that is taken, and how the users of an object are named. */

import type { Kysely } from 'kysely'
import type { PackageId } from '../../address/identifiers.ts'
import type { ContentObjectKind } from '../../site/content-object.ts'
import { foldName } from '../names.ts'
import type { Schema } from '../schema.ts'

type NamedTable =
  | 'deployment_templates'
  | 'distribution_points'
  | 'distribution_point_groups'
  | 'devices'
  | 'collections'
  | 'boot_images'
  | 'operating_system_images'
  | 'task_sequences'

/** Administrators look objects up by name, so "Lab 1" and "lab 1" must not both exist. */
export async function refuseTakenName(
  db: Kysely<Schema>,
  table: NamedTable,
  object: Named,
): Promise<string | undefined> {
  const folded = foldName(object.name)
  if (folded === '') return 'the name is empty'
  const row = await db.selectFrom(table).select(['id', 'name']).where('name_folded', '=', folded).executeTakeFirst()
  return takenBy(row, object)
}

/** The same within one kind of content objects. */
export async function refuseTakenContentObjectName(
  db: Kysely<Schema>,
  kind: ContentObjectKind,
  object: Named,
): Promise<string | undefined> {
  const folded = foldName(object.name)
  if (folded === '') return 'the name is empty'
  const row = await db
    .selectFrom('content_objects')
    .select(['id', 'name'])
    .where('kind', '=', kind)
    .where('name_folded', '=', folded)
    .executeTakeFirst()
  return takenBy(row, object)
}

function takenBy(holder: Named | undefined, object: Named): string | undefined {
  if (holder === undefined || holder.id === object.id) return undefined
  return `the name "${object.name}" is taken by ${holder.name} (${holder.id})`
}

interface Named {
  readonly id: string
  readonly name: string
}

/** Task sequences that boot it, or whose steps refer to it. */
export async function refuseUsedPackage(db: Kysely<Schema>, id: PackageId): Promise<string | undefined> {
  const bootedBy = await db
    .selectFrom('task_sequences')
    .select(['id', 'name'])
    .where('boot_image_id', '=', id)
    .execute()
  const referredBy = await db
    .selectFrom('task_sequence_references')
    .innerJoin('task_sequences', 'task_sequences.id', 'task_sequence_references.task_sequence_id')
    .select(['task_sequences.id', 'task_sequences.name'])
    .where('task_sequence_references.package_id', '=', id)
    .execute()
  const users = new Set([...bootedBy, ...referredBy].map((user) => `${user.name} (${user.id})`))
  return refuseInUse('task sequence', [...users].sort())
}

/** A reason stays readable when a hundred objects stand in the way. */
const usersNamedMax = 5

/** "deployment RVL20001 uses it", "task sequences A (RVL00003) and B (RVL00004) use it". */
export function refuseInUse(noun: string, users: readonly string[]): string | undefined {
  if (users.length === 0) return undefined
  if (users.length === 1) return `${noun} ${users[0]} uses it`
  const named = users.slice(0, usersNamedMax)
  const rest = users.length - named.length
  const last = rest > 0 ? `${rest} more` : named.pop()
  return `${noun}s ${named.join(', ')} and ${last} use it`
}
