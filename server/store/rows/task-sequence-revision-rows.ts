/** What task sequences were after each edit, and their rows. A row is written once and never changed. */

import type { Kysely, Selectable } from 'kysely'
import type { PackageId } from '../../address/identifiers.ts'
import {
  type KeptTaskSequence,
  revisionsKeptMax,
  type TaskSequenceObject,
  type TaskSequenceRevision,
} from '../../sequence/task-sequence-object.ts'
import { decodeJson, encodeJson } from '../json-text.ts'
import type { Schema } from '../schema.ts'

/** The newest first, without what was in them. */
export async function readRevisions(db: Kysely<Schema>, id: PackageId): Promise<TaskSequenceRevision[]> {
  const rows = await db
    .selectFrom('task_sequence_revisions')
    .select(['revision', 'changed_at_ms', 'changed_by', 'comment'])
    .where('task_sequence_id', '=', id)
    .orderBy('revision', 'desc')
    .execute()
  return rows.map(toRevision)
}

export async function readKeptTaskSequence(
  db: Kysely<Schema>,
  id: PackageId,
  revision: number,
): Promise<KeptTaskSequence | undefined> {
  const row = await db
    .selectFrom('task_sequence_revisions')
    .selectAll()
    .where('task_sequence_id', '=', id)
    .where('revision', '=', revision)
    .executeTakeFirst()
  return row === undefined ? undefined : { ...toRevision(row), object: decodeJson(row.object) }
}

export interface ChangeOfTaskSequence {
  readonly object: TaskSequenceObject
  readonly changedAtMs: number
  readonly changedBy: string | undefined
  readonly comment: string
}

export async function writeRevision(db: Kysely<Schema>, change: ChangeOfTaskSequence): Promise<void> {
  const { object, changedAtMs, changedBy, comment } = change
  await db
    .insertInto('task_sequence_revisions')
    .values({
      task_sequence_id: object.id,
      revision: object.revision,
      changed_at_ms: changedAtMs,
      changed_by: changedBy ?? null,
      comment,
      object: encodeJson(object),
    })
    .execute()
  await forgetOldRevisions(db, object)
}

/** Whoever looks at an old run may still ask what exactly it was given. */
async function forgetOldRevisions(db: Kysely<Schema>, { id, revision }: TaskSequenceObject): Promise<void> {
  const used = db
    .selectFrom('runs')
    .select('task_sequence_revision')
    .where('task_sequence_id', '=', id)
    .where('task_sequence_revision', 'is not', null)
  await db
    .deleteFrom('task_sequence_revisions')
    .where('task_sequence_id', '=', id)
    .where('revision', '<=', revision - revisionsKeptMax)
    .where('revision', 'not in', used)
    .execute()
}

function toRevision(
  row: Pick<Selectable<Schema['task_sequence_revisions']>, 'revision' | 'changed_at_ms' | 'changed_by' | 'comment'>,
): TaskSequenceRevision {
  return {
    revision: row.revision,
    ...(row.changed_at_ms === null ? {} : { changedAtMs: row.changed_at_ms }),
    ...(row.changed_by === null ? {} : { changedBy: row.changed_by }),
    comment: row.comment,
  }
}
