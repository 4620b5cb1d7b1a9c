/** A stored task sequence with its children put in their places (sequence/expand-sequence.ts): reads them all beforehand. */

import type { PackageId } from '../address/identifiers.ts'
import {
  childSequences,
  type ExpandedSequence,
  expandSequence,
  type ParentSequence,
} from '../sequence/expand-sequence.ts'
import type { TaskSequenceObject } from '../sequence/task-sequence-object.ts'
import type { Store } from '../store/ports.ts'

export async function expandStored(
  { taskSequences }: Pick<Store, 'taskSequences'>,
  parent: ParentSequence,
): Promise<ExpandedSequence> {
  const known = new Map<PackageId, TaskSequenceObject | undefined>()
  let wanted = childSequences(parent.sequence.children)
  while (wanted.length > 0) {
    const fresh = [...new Set(wanted)].filter((id) => !known.has(id))
    const found = await Promise.all(fresh.map(async (id) => ({ id, object: await taskSequences.get(id) })))
    for (const { id, object } of found) known.set(id, object)
    wanted = found.flatMap(({ object }) => (object === undefined ? [] : childSequences(object.sequence.children)))
  }
  return expandSequence(parent, (id) => known.get(id))
}
