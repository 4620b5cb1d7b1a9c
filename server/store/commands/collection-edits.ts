/** Edits of collections. The built-in ones have their members by rule: only their variables, priority and description are edited. */

import type { CollectionId } from '../../address/identifiers.ts'
import { debugModeVariable, isTrue } from '../../sequence/debug.ts'
import type { Collection } from '../../site/collection.ts'
import { foldName } from '../names.ts'
import { readCollection, writeCollection } from '../rows/collection-rows.ts'
import { takeCollectionId } from './counters.ts'
import type { ObjectKind } from './edit-object.ts'
import { refuseInUse, refuseTakenName } from './refusals.ts'
import type { Writing } from './writing.ts'

export const collectionKind: ObjectKind<CollectionId, Collection> = {
  audited: 'collection',
  nameOf: ({ name }) => name,
  takeId: takeCollectionId,
  read: readCollection,
  build: (draft, { id, revision }) => ({ ...draft, id, revision }),
  async refuseSaving(writing, collection, old) {
    return (
      refuseKind(collection, old) ??
      refuseDebugMode(collection) ??
      (await refuseTakenName(writing.tx, 'collections', collection)) ??
      refuseMembers(writing, collection)
    )
  },
  async refuseRemoving({ tx }, collection) {
    if (collection.kind !== 'user') return `${collection.name} is built in`
    const users = await tx
      .selectFrom('deployments')
      .select('id')
      .where('collection_id', '=', collection.id)
      .orderBy('id')
      .execute()
    return refuseInUse(
      'deployment',
      users.map((user) => user.id),
    )
  },
  write: writeCollection,
  async remove(db, id) {
    await db.deleteFrom('collections').where('id', '=', id).execute()
  },
}

function refuseKind(collection: Collection, old: Collection | undefined): string | undefined {
  if (old === undefined) return collection.kind === 'user' ? undefined : 'built-in collections cannot be added'
  if (collection.kind !== old.kind) return 'the kind of a collection cannot be changed'
  if (old.kind === 'user') return undefined
  if (collection.directMembers.length > 0) return `${old.name} is built in: its members cannot be changed`
  return collection.name === old.name ? undefined : `${old.name} is built in: it cannot be renamed`
}

/** S1-100: whoever steps through sequences does so with a few machines; all others of the collection would wait for commands. */
const debuggedMembersMax = 10

function refuseDebugMode({ name, kind, variables, directMembers }: Collection): string | undefined {
  const isDebugged = variables.some(
    (variable) => foldName(variable.name) === foldName(debugModeVariable) && isTrue(variable.value),
  )
  if (!isDebugged) return undefined
  const rule = `${debugModeVariable} is for collections of at most ${debuggedMembersMax} members`
  if (kind !== 'user') return `${rule}, and ${name} is built in, with any number of them`
  const members = directMembers.length
  return members > debuggedMembersMax ? `${rule}, and ${name} has ${members}` : undefined
}

async function refuseMembers({ tx }: Writing, collection: Collection): Promise<string | undefined> {
  const members = collection.directMembers
  const twice = members.find((id, index) => members.indexOf(id) !== index)
  if (twice !== undefined) return `device ${twice} is listed twice`
  if (members.length === 0) return undefined
  const rows = await tx.selectFrom('devices').select('id').where('id', 'in', members).execute()
  const known = new Set(rows.map((row) => row.id))
  const missing = members.find((id) => !known.has(id))
  return missing && `device ${missing} does not exist`
}
