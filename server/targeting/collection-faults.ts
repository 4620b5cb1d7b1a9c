/** What is wrong with the rules of a collection, as an administrator wrote them, given the site's other collections. All of it is found at once. */

import type { CollectionId } from '../address/identifiers.ts'
import { findCycle } from '../site/find-cycle.ts'
import { type FieldFault, findRepeated } from '../site/field-fault.ts'
import type { Collection, CollectionRules } from '../site/collection.ts'
import { parseDeviceQuery } from './parse-device-query.ts'

/** Absent `id`: it is not stored yet, so nothing can refer to it. */
export type RulesToJudge = Omit<
  Collection,
  'id' | 'revision' | 'variables' | 'maintenanceWindows' | 'defaultDistributionPointGroups'
> & {
  readonly id?: CollectionId
}

type Known = ReadonlyMap<string, CollectionRules>

/** `others` may hold the collection itself as it was before. */
export function findCollectionFaults(draft: RulesToJudge, others: readonly CollectionRules[]): readonly FieldFault[] {
  const known: Known = new Map(others.map((collection) => [collection.id, collection]))
  if (draft.kind !== 'user') return findRulesOfBuiltIn(draft)
  return [
    ...findRepeated(draft.directMembers, (index) => ['directMembers', index]),
    ...findRepeated(draft.unknownComputers, (index) => ['unknownComputers', index]),
    ...findRepeated(draft.includes, (index) => ['includes', index]),
    ...findRepeated(draft.excludes, (index) => ['excludes', index]),
    ...findMissing(draft, known),
    ...findCycles(draft, known),
    ...findOnWrongSide(draft, known),
    ...draft.queries.flatMap((query, index) => findQueryFaults(query, ['queries', index])),
  ]
}

export function findQueryFaults(query: string, path: FieldFault['path']): readonly FieldFault[] {
  const parsed = parseDeviceQuery(query)
  if (parsed.kind === 'query') return []
  return parsed.faults.map(({ at, message }) => ({ path, message: `at character ${at}: ${message}` }))
}

function findRulesOfBuiltIn(draft: RulesToJudge): readonly FieldFault[] {
  const lists = ['directMembers', 'unknownComputers', 'includes', 'excludes', 'queries'] as const
  const message = `${draft.name} is built in: its members cannot be changed`
  const filled: readonly string[] = lists.filter((key) => draft[key].length > 0)
  const limited = draft.limitingCollectionId === undefined ? [] : ['limitingCollectionId']
  return [...filled, ...limited].map((key) => ({ path: [key], message }))
}

interface Reference {
  readonly id: CollectionId
  readonly path: FieldFault['path']
  readonly verb: string
}

function referencesIn({
  includes,
  excludes,
  limitingCollectionId,
}: Pick<CollectionRules, 'includes' | 'excludes' | 'limitingCollectionId'>): readonly Reference[] {
  return [
    ...includes.map((id, index) => ({ id, path: ['includes', index], verb: 'includes' })),
    ...excludes.map((id, index) => ({ id, path: ['excludes', index], verb: 'excludes' })),
    ...(limitingCollectionId === undefined
      ? []
      : [{ id: limitingCollectionId, path: ['limitingCollectionId'], verb: 'is limited to' }]),
  ]
}

function findMissing(draft: RulesToJudge, known: Known): readonly FieldFault[] {
  return referencesIn(draft)
    .filter(({ id }) => !known.has(id))
    .map(({ id, path }) => ({ path, message: `collection ${id} does not exist` }))
}

/** Each reference through which the rules lead back to the collection itself, with the way. */
function findCycles(draft: RulesToJudge, known: Known): readonly FieldFault[] {
  const { id: own } = draft
  if (own === undefined) return []
  const followed = (key: string): readonly Reference[] => {
    const collection = known.get(key)
    return collection?.kind === 'user' ? referencesIn(collection) : []
  }
  return referencesIn(draft).flatMap((reference) => {
    // The draft takes the place of what is stored, and of its references only this one is followed.
    const next = (key: string): readonly string[] => (key === own ? [reference.id] : followed(key).map(({ id }) => id))
    const way = findCycle(own, next)
    if (way === undefined) return []
    const nameOf = (key: string): string => {
      const { name } = known.get(key) ?? draft
      return `${key === own ? draft.name : name} (${key})`
    }
    const steps = way.map((key, index) => {
      const to = way[index + 1] ?? own
      const verb = key === own ? reference.verb : followed(key).find(({ id }) => id === to)?.verb
      return `${nameOf(key)} ${verb}`
    })
    return [{ path: reference.path, message: `its rules lead back to it: ${steps.join(' ')} ${nameOf(own)}` }]
  })
}

/** Where the chain of limiting collections ends; undefined: nowhere, which another fault says. */
function sideOf(
  { kind, limitingCollectionId }: Pick<CollectionRules, 'kind' | 'limitingCollectionId'>,
  known: Known,
): 'devices' | 'unknown computers' | undefined {
  let [at, limit] = [kind, limitingCollectionId]
  for (let steps = 0; steps <= known.size; steps += 1) {
    if (at === 'all-unknown-computers') return 'unknown computers'
    if (at === 'all-systems' || limit === undefined) return 'devices'
    const next = known.get(limit)
    if (next === undefined) return undefined
    at = next.kind
    limit = next.limitingCollectionId
  }
  return undefined
}

function findOnWrongSide(draft: RulesToJudge, known: Known): readonly FieldFault[] {
  const side = sideOf(draft, known)
  if (side === undefined) return []
  const other = side === 'devices' ? 'unknown computers' : 'devices'
  const message = `the chain of limiting collections makes this a collection of ${side}: ${other} are no members of it`
  const listed = side === 'devices' ? 'unknownComputers' : 'directMembers'
  const included = draft.includes.flatMap((id, index): readonly FieldFault[] => {
    const collection = known.get(id)
    if (collection === undefined || sideOf(collection, known) !== other) return []
    return [
      { path: ['includes', index], message: `${collection.name} (${id}) is a collection of ${other}; ${message}` },
    ]
  })
  return [...(draft[listed].length > 0 ? [{ path: [listed], message }] : []), ...included]
}
