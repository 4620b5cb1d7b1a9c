/** A folder of task sequences and its row. */

import type { Kysely, Selectable } from 'kysely'
import type { TaskSequenceFolderId } from '../../address/identifiers.ts'
import type { TaskSequenceFolder } from '../../site/task-sequence-folder.ts'
import { foldName } from '../names.ts'
import type { Schema } from '../schema.ts'

export async function readTaskSequenceFolders(db: Kysely<Schema>): Promise<TaskSequenceFolder[]> {
  return (await db.selectFrom('task_sequence_folders').selectAll().orderBy('id').execute()).map(toFolder)
}

export async function readTaskSequenceFolder(
  db: Kysely<Schema>,
  id: TaskSequenceFolderId,
): Promise<TaskSequenceFolder | undefined> {
  const row = await db.selectFrom('task_sequence_folders').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? undefined : toFolder(row)
}

export async function writeTaskSequenceFolder(db: Kysely<Schema>, folder: TaskSequenceFolder): Promise<void> {
  const row = {
    id: folder.id,
    name: folder.name,
    name_folded: foldName(folder.name),
    parent_id: folder.parentId ?? null,
    revision: folder.revision,
  }
  await db
    .insertInto('task_sequence_folders')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute()
}

function toFolder(row: Selectable<Schema['task_sequence_folders']>): TaskSequenceFolder {
  return {
    id: row.id,
    name: row.name,
    ...(row.parent_id === null ? {} : { parentId: row.parent_id }),
    revision: row.revision,
  }
}
