/**
 * Edits of collections. The built-in ones have their members by rule: only their variables, priority and description are edited.
 * A collection's variables go with it (S1-070).
 */

import type { CollectionId, DeviceId } from '../../address/identifiers.ts'
import { debugModeVariable, isTrue } from '../../sequence/debug.ts'
import type { Collection } from '../../site/collection.ts'
import { findCollectionFaults } from '../../targeting/collection-faults.ts'
import { referencesOf } from '../../targeting/membership.ts'
import { foldName } from '../names.ts'
import { readCollection, readCollectionRules, writeCollection } from '../rows/collection-rows.ts'
import { readSiteSettings } from '../rows/site-settings-rows.ts'
import { readDistributionPointGroups } from '../rows/distribution-point-group-rows.ts'
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
      (await refuseMembers(writing, collection)) ??
      (await refuseGroups(writing, collection)) ??
      refuseRules(writing, collection)
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
    const referring = (await readCollectionRules(tx)).filter((other) => referencesOf(other).includes(collection.id))
    const reasons = [
      refuseInUse(
        'deployment',
        users.map((user) => user.id),
      ),
      refuseInUse(
        'collection',
        referring.map(({ name, id }) => `${name} (${id})`),
      ),
      (await readSiteSettings(tx)).provisionIntoCollections.includes(collection.id)
        ? 'the settings of the site put new devices into it'
        : undefined,
    ].filter((reason) => reason !== undefined)
    return reasons.length === 0 ? undefined : reasons.join('; ')
  },
  write: writeCollection,
  async remove(db, id) {
    await db.deleteFrom('collections').where('id', '=', id).execute()
  },
}

function refuseKind(collection: Collection, old: Collection | undefined): string | undefined {
  if (old === undefined) return collection.kind === 'user' ? undefined : 'built-in collections cannot be added'
  if (collection.kind !== old.kind) return 'the kind of a collection cannot be changed'
  return old.kind === 'user' || collection.name === old.name
    ? undefined
    : `${old.name} is built in: it cannot be renamed`
}

/** The same that was judged before the edit was sent; another edit may have come between. */
async function refuseRules({ tx }: Writing, collection: Collection): Promise<string | undefined> {
  const [fault] = findCollectionFaults(collection, await readCollectionRules(tx))
  return fault?.message
}

/** S1-100: whoever steps through sequences does so with a few machines; all others of the collection would wait for commands. */
const debuggedMembersMax = 10

function refuseDebugMode(collection: Collection): string | undefined {
  const { name, kind, variables, directMembers } = collection
  const isDebugged = variables.some(
    (variable) => foldName(variable.name) === foldName(debugModeVariable) && isTrue(variable.value),
  )
  if (!isDebugged) return undefined
  const rule = `${debugModeVariable} is for collections of at most ${debuggedMembersMax} members`
  if (kind !== 'user') return `${rule}, and ${name} is built in, with any number of them`
  if (collection.includes.length + collection.queries.length + collection.unknownComputers.length > 0) {
    return `${rule}, and the rules of ${name} may bring any number of them`
  }
  const members = directMembers.length
  return members > debuggedMembersMax ? `${rule}, and ${name} has ${members}` : undefined
}

async function refuseGroups({ tx }: Writing, collection: Collection): Promise<string | undefined> {
  const known = new Set((await readDistributionPointGroups(tx)).map(({ id }) => id))
  const missing = collection.defaultDistributionPointGroups.find((id) => !known.has(id))
  return missing && `distribution point group ${missing} does not exist`
}

/** A statement takes some thirty thousand values. */
const idsPerQuery = 10_000

async function refuseMembers({ tx }: Writing, { directMembers }: Collection): Promise<string | undefined> {
  const seen = new Set<DeviceId>()
  for (const id of directMembers) {
    if (seen.has(id)) return `device ${id} is listed twice`
    seen.add(id)
  }
  for (let at = 0; at < directMembers.length; at += idsPerQuery) {
    const some = directMembers.slice(at, at + idsPerQuery)
    const rows = await tx.selectFrom('devices').select('id').where('id', 'in', some).execute()
    const known = new Set(rows.map((row) => row.id))
    const missing = some.find((id) => !known.has(id))
    if (missing !== undefined) return `device ${missing} does not exist`
  }
  return undefined
}
