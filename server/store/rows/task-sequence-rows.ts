/** A task sequence and its rows: the document as JSON, and the packages its steps refer to, so that a removal sees them. */

import type { Insertable, Kysely, Selectable } from 'kysely'
import type { PackageId } from '../../address/identifiers.ts'
import { findReferences } from '../../sequence/mentions.ts'
import type { TaskSequenceObject } from '../../sequence/task-sequence-object.ts'
import { decodeJson, encodeJson } from '../json-text.ts'
import { foldName } from '../names.ts'
import type { Schema } from '../schema.ts'

/** Undefined `ids`: every task sequence, by identifier. */
export async function readTaskSequences(db: Kysely<Schema>, ids?: readonly PackageId[]): Promise<TaskSequenceObject[]> {
  if (ids?.length === 0) return []
  let query = db.selectFrom('task_sequences').selectAll().orderBy('id')
  if (ids !== undefined) query = query.where('id', 'in', ids)
  return (await query.execute()).map(toTaskSequence)
}

export async function readTaskSequence(db: Kysely<Schema>, id: PackageId): Promise<TaskSequenceObject | undefined> {
  return (await readTaskSequences(db, [id]))[0]
}

export async function writeTaskSequence(db: Kysely<Schema>, object: TaskSequenceObject): Promise<void> {
  const row = toRow(object)
  await db
    .insertInto('task_sequences')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute()
  await db.deleteFrom('task_sequence_references').where('task_sequence_id', '=', object.id).execute()
  for (const packageId of new Set(findReferences(object.sequence).map(({ id }) => id))) {
    const value = { task_sequence_id: object.id, package_id: packageId }
    await db.insertInto('task_sequence_references').values(value).execute()
  }
}

function toTaskSequence(row: Selectable<Schema['task_sequences']>): TaskSequenceObject {
  return {
    id: row.id,
    ...(row.boot_image_id === null ? {} : { bootImageId: row.boot_image_id }),
    enabled: row.enabled === 1,
    sequence: decodeJson(row.sequence),
    revision: row.revision,
  }
}

function toRow(object: TaskSequenceObject): Insertable<Schema['task_sequences']> {
  return {
    id: object.id,
    name: object.sequence.name,
    name_folded: foldName(object.sequence.name),
    boot_image_id: object.bootImageId ?? null,
    enabled: object.enabled ? 1 : 0,
    sequence: encodeJson(object.sequence),
    revision: object.revision,
  }
}
