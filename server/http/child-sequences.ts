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
  store: Pick<Store, 'taskSequences'>,
  parent: ParentSequence,
): Promise<ExpandedSequence> {
  const known = await readChildren(store, parent)
  return expandSequence(parent, (id) => known.get(id))
}

/**
 * The object as it does its work: with the steps of its children, and of high impact where a child of it is (S1-083). One that
 * cannot be expanded cannot run, and is returned as it is.
 */
export async function wholeSequence(
  store: Pick<Store, 'taskSequences'>,
  object: TaskSequenceObject,
): Promise<TaskSequenceObject> {
  const known = await readChildren(store, object)
  if (known.size === 0) return object
  const expanded = expandSequence(object, (id) => known.get(id))
  if (expanded.kind === 'refused') return object
  const highImpact = object.settings.highImpact || [...known.values()].some((child) => child?.settings.highImpact)
  return { ...object, sequence: expanded.sequence, settings: { ...object.settings, highImpact } }
}

/** By id; undefined where nothing has it. */
type KnownChildren = ReadonlyMap<PackageId, TaskSequenceObject | undefined>

async function readChildren(
  { taskSequences }: Pick<Store, 'taskSequences'>,
  parent: ParentSequence,
): Promise<KnownChildren> {
  const known = new Map<PackageId, TaskSequenceObject | undefined>()
  let wanted = childSequences(parent.sequence.children)
  while (wanted.length > 0) {
    const fresh = [...new Set(wanted)].filter((id) => !known.has(id))
    const found = await Promise.all(fresh.map(async (id) => ({ id, object: await taskSequences.get(id) })))
    for (const { id, object } of found) known.set(id, object)
    wanted = found.flatMap(({ object }) => (object === undefined ? [] : childSequences(object.sequence.children)))
  }
  return known
}
