/** Edits of folders of task sequences. Two in one place have different names; one that holds something is not removed. */

import type { TaskSequenceFolderId } from '../../address/identifiers.ts'
import { type TaskSequenceFolder, whyNotThere } from '../../site/task-sequence-folder.ts'
import { foldName } from '../names.ts'
import {
  readTaskSequenceFolder,
  readTaskSequenceFolders,
  writeTaskSequenceFolder,
} from '../rows/task-sequence-folder-rows.ts'
import { takeFolderId } from './counters.ts'
import type { ObjectKind } from './edit-object.ts'
import type { Writing } from './writing.ts'

export const taskSequenceFolderKind: ObjectKind<TaskSequenceFolderId, TaskSequenceFolder> = {
  audited: 'task-sequence-folder',
  nameOf: ({ name }) => name,
  takeId: takeFolderId,
  read: readTaskSequenceFolder,
  build: (draft, { id, revision }) => ({ ...draft, id, revision }),
  async refuseSaving({ tx }, folder) {
    const folders = await readTaskSequenceFolders(tx)
    const name = foldName(folder.name)
    if (name === '') return 'the name is empty'
    const twin = folders.find(
      (other) => other.id !== folder.id && other.parentId === folder.parentId && foldName(other.name) === name,
    )
    if (twin !== undefined) return `the name "${folder.name}" is taken by folder ${twin.id} in the same place`
    return whyNotThere(folders, folder)
  },
  refuseRemoving: whyNotEmpty,
  write: writeTaskSequenceFolder,
  async remove(db, id) {
    await db.deleteFrom('task_sequence_folders').where('id', '=', id).execute()
  },
}

async function whyNotEmpty({ tx }: Writing, { id }: TaskSequenceFolder): Promise<string | undefined> {
  const folder = await tx
    .selectFrom('task_sequence_folders')
    .select(['id', 'name'])
    .where('parent_id', '=', id)
    .orderBy('id')
    .executeTakeFirst()
  if (folder !== undefined) return `folder ${folder.name} (${folder.id}) is in it`
  const sequence = await tx
    .selectFrom('task_sequences')
    .select(['id', 'name'])
    .where('folder_id', '=', id)
    .orderBy('id')
    .executeTakeFirst()
  return sequence && `task sequence ${sequence.name} (${sequence.id}) is in it`
}
