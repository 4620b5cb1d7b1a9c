/** Who a collection lists by name, changed as an edit of the collection: with its refusals and its entry in the audit. */

import type { CollectionId, DeviceId } from '../../address/identifiers.ts'
import { readCollection } from '../rows/collection-rows.ts'
import { collectionKind } from './collection-edits.ts'
import { replacing } from './edit-object.ts'
import type { Writing } from './writing.ts'

/** A text: why not. */
export async function changeDirectMembers(
  writing: Writing,
  id: CollectionId,
  change: (members: readonly DeviceId[]) => readonly DeviceId[],
): Promise<string | undefined> {
  const collection = await readCollection(writing.tx, id)
  if (collection === undefined) return `there is no collection ${id}`
  const directMembers = [...new Set(change(collection.directMembers))]
  if (directMembers.join() === collection.directMembers.join()) return undefined
  const edit = await replacing(collectionKind)(writing, {
    id,
    draft: { ...collection, directMembers },
    revision: undefined,
  })
  return edit.kind === 'saved' ? undefined : reasonOf(edit)
}

export function reasonOf(edit: { readonly kind: string; readonly reason?: string }): string {
  return edit.reason ?? 'somebody else is editing it'
}
