/** Edits of task sequences. A run carries its own copy, so editing one never disturbs a run. */

import type { PackageId } from '../../address/identifiers.ts'
import type { TaskSequenceObject } from '../../sequence/task-sequence-object.ts'
import { readTaskSequence, writeTaskSequence } from '../rows/task-sequence-rows.ts'
import { takePackageId } from './counters.ts'
import type { ObjectKind } from './edit-object.ts'
import { refuseInUse, refuseTakenName } from './refusals.ts'
import type { Writing } from './writing.ts'

export const taskSequenceKind: ObjectKind<PackageId, TaskSequenceObject> = {
  takeId: takePackageId,
  read: readTaskSequence,
  build: (draft, { id, revision }) => ({ ...draft, id, revision }),
  async refuseSaving(writing, object) {
    const named = { id: object.id, name: object.sequence.name }
    return (await refuseTakenName(writing.tx, 'task_sequences', named)) ?? refuseBootImage(writing, object)
  },
  async refuseRemoving({ tx }, object) {
    const users = await tx
      .selectFrom('deployments')
      .select('id')
      .where('task_sequence_id', '=', object.id)
      .orderBy('id')
      .execute()
    return refuseInUse(
      'deployment',
      users.map((user) => user.id),
    )
  },
  write: writeTaskSequence,
  async remove(db, id) {
    await db.deleteFrom('task_sequences').where('id', '=', id).execute()
  },
}

/** Images of steps are not looked for here: an imported sequence may come before its images. */
async function refuseBootImage({ tx }: Writing, object: TaskSequenceObject): Promise<string | undefined> {
  if (object.bootImageId === undefined) return undefined
  const row = await tx.selectFrom('boot_images').select('id').where('id', '=', object.bootImageId).executeTakeFirst()
  return row === undefined ? `boot image ${object.bootImageId} does not exist` : undefined
}
