/**
 * Who is in a collection, for one machine. The one rule for every door: network boot, agents, the preview, lists of members and counts.
 *
 * A machine is a member when a rule of the collection takes it (direct, include, query), no excluded collection has it
 * (S9-008), and the limiting collection has it (S9-007). All Systems has every device of the site, All Unknown Computers those
 * that are none, and the chain of limiting collections ends in one of the two. So a collection is of devices or of unknown
 * computers, never of both, and neither is ever served the other's deployments (S6-014, S6-015). Unknown computers can still
 * be told apart (S9-010, S9-020): in collections limited to All Unknown Computers, by architecture or by query.
 */

import type { CollectionId } from '../address/identifiers.ts'
import type { CollectionRules } from '../site/collection.ts'
import { compileDeviceQuery, type CompiledQuery } from './evaluate-device-query.ts'
import { parseDeviceQuery } from './parse-device-query.ts'
import { isUnknownComputer, type Machine, querySubject, type QuerySubject } from './query-subject.ts'

/** Collections made ready to be asked about many machines, each behind those that its rules refer to. */
export interface MembershipPlan<T extends CollectionRules = CollectionRules> {
  readonly steps: readonly PlanStep<T>[]
  /** Places in `steps`. */
  readonly placeOf: ReadonlyMap<CollectionId, number>
}

export interface PlanStep<T extends CollectionRules = CollectionRules> {
  readonly collection: T
  readonly includes: readonly number[]
  readonly excludes: readonly number[]
  /** Of a collection of the user: the limiting one. */
  readonly limit: number | undefined
  readonly queries: readonly CompiledQuery[]
  /** False: it refers to what is not there, or to itself; the store lets neither in, and such a collection has nobody. */
  readonly isSound: boolean
}

/** Whether a collection, at this place of the plan, lists the device by name. Unknown computers are listed in the collection itself. */
export type DirectMembership = (collectionId: CollectionId, place: number) => boolean

/** For each step of the plan: is the machine a member? Only the places in `wanted`, when given, with all that they refer to. */
export function membershipsOf(
  plan: MembershipPlan,
  { machine, isDirect }: { readonly machine: Machine; readonly isDirect: DirectMembership },
  wanted: readonly number[] = [...plan.steps.keys()],
): Uint8Array {
  const is = new Uint8Array(plan.steps.length)
  const asked: Asked = { machine, isDirect, subject: querySubject(machine), is }
  for (const place of wanted) {
    const step = plan.steps[place]
    if (step !== undefined && isMemberOfStep(step, place, asked)) is[place] = 1
  }
  return is
}

/** The collections of a machine, in the order of the plan. */
export function collectionsOf<T extends CollectionRules>(
  plan: MembershipPlan<T>,
  machine: Machine,
  isDirect: DirectMembership,
): readonly T[] {
  const is = membershipsOf(plan, { machine, isDirect })
  return plan.steps.flatMap(({ collection }, place) => (is[place] === 1 ? [collection] : []))
}

interface Asked {
  readonly machine: Machine
  readonly isDirect: DirectMembership
  readonly subject: QuerySubject
  /** Of the steps before this one. */
  readonly is: Uint8Array
}

function isMemberOfStep(step: PlanStep, place: number, asked: Asked): boolean {
  const { machine, is } = asked
  const { collection, limit } = step
  switch (collection.kind) {
    case 'all-systems':
      return !isUnknownComputer(machine)
    case 'all-unknown-computers':
      return isUnknownComputer(machine)
    case 'user':
      return (
        step.isSound &&
        limit !== undefined &&
        is[limit] === 1 &&
        !isAnyOf(is, step.excludes) &&
        (isListed(collection, place, asked) || isAnyOf(is, step.includes) || fitsAny(step.queries, asked.subject))
      )
    default:
      return collection.kind satisfies never
  }
}

/** Lists are looked through five million times when a large site is counted, so these two make no functions. */
function isAnyOf(is: Uint8Array, places: readonly number[]): boolean {
  for (const place of places) if (is[place] === 1) return true
  return false
}

function fitsAny(queries: readonly CompiledQuery[], subject: QuerySubject): boolean {
  for (const query of queries) if (query(subject) === true) return true
  return false
}

function isListed(
  collection: CollectionRules,
  place: number,
  { machine, isDirect }: { readonly machine: Machine; readonly isDirect: DirectMembership },
): boolean {
  return isUnknownComputer(machine)
    ? collection.unknownComputers.includes(machine.architecture)
    : isDirect(collection.id, place)
}

/** Why a machine is a member; empty: it is none. */
export type MemberReason =
  | { readonly rule: 'built-in' | 'direct' }
  | { readonly rule: 'include'; readonly collectionId: CollectionId }
  | { readonly rule: 'query'; readonly query: string }

/** `is` is what `membershipsOf` said of this machine, for the place and all behind it at least. */
export function whyMember(
  plan: MembershipPlan,
  place: number,
  { is, ...asked }: { readonly machine: Machine; readonly isDirect: DirectMembership; readonly is: Uint8Array },
): readonly MemberReason[] {
  const step = plan.steps[place]
  if (step === undefined || is[place] !== 1) return []
  const { collection } = step
  if (collection.kind !== 'user') return [{ rule: 'built-in' }]
  const subject = querySubject(asked.machine)
  return [
    ...(isListed(collection, place, asked) ? [{ rule: 'direct' } as const] : []),
    ...collection.includes.flatMap((collectionId) => {
      const included = plan.placeOf.get(collectionId)
      return included !== undefined && is[included] === 1 ? [{ rule: 'include', collectionId } as const] : []
    }),
    ...collection.queries.flatMap((query, index) =>
      step.queries[index]?.(subject) === true ? [{ rule: 'query', query } as const] : [],
    ),
  ]
}

/** These places and all that their rules refer to, in the order of the plan. */
export function placesBehind(plan: MembershipPlan, places: readonly number[]): readonly number[] {
  const wanted = new Set(places)
  for (let place = plan.steps.length - 1; place >= 0; place -= 1) {
    const step = plan.steps[place]
    if (step === undefined || !wanted.has(place)) continue
    for (const referred of [...step.includes, ...step.excludes]) wanted.add(referred)
    if (step.limit !== undefined) wanted.add(step.limit)
  }
  return [...wanted].toSorted((a, b) => a - b)
}

/** These places and all whose membership follows from theirs. */
export function placesThatFollow(plan: MembershipPlan, places: readonly number[]): readonly number[] {
  const moved = new Set(places)
  for (const [place, { includes, excludes, limit }] of plan.steps.entries()) {
    const refers = [...includes, ...excludes, ...(limit === undefined ? [] : [limit])]
    if (refers.some((referred) => moved.has(referred))) moved.add(place)
  }
  return [...moved].toSorted((a, b) => a - b)
}

/** `compile` may remember what it made of a text before. */
export function planMembership<T extends CollectionRules>(
  collections: readonly T[],
  compile: (query: string) => CompiledQuery = compileText,
): MembershipPlan<T> {
  const ordered = inOrder(collections)
  const placeOf = new Map(ordered.map(({ collection }, place) => [collection.id, place]))
  const allSystems = ordered.findIndex(({ collection }) => collection.kind === 'all-systems')
  const steps = ordered.map(({ collection, isSound }): PlanStep<T> => {
    const placesOf = (ids: readonly CollectionId[]): readonly number[] =>
      isSound ? ids.flatMap((id) => placeOf.get(id) ?? []) : []
    const [limit] =
      collection.limitingCollectionId === undefined ? [allSystems] : placesOf([collection.limitingCollectionId])
    return {
      collection,
      includes: placesOf(collection.includes),
      excludes: placesOf(collection.excludes),
      limit: collection.kind === 'user' && limit !== -1 ? limit : undefined,
      queries: collection.queries.map((query) => compile(query)),
      isSound,
    }
  })
  return { steps, placeOf }
}

/** Queries are judged before they are stored; one that cannot be read takes nobody. */
export function compileText(text: string): CompiledQuery {
  const parsed = parseDeviceQuery(text)
  return parsed.kind === 'query' ? compileDeviceQuery(parsed.query) : () => undefined
}

/** Collections that a collection's rules refer to. */
export function referencesOf({
  includes,
  excludes,
  limitingCollectionId,
}: Pick<CollectionRules, 'includes' | 'excludes' | 'limitingCollectionId'>): readonly CollectionId[] {
  return [...includes, ...excludes, ...(limitingCollectionId === undefined ? [] : [limitingCollectionId])]
}

interface Ordered<T> {
  readonly collection: T
  readonly isSound: boolean
}

/** Built-in ones first, then each behind those it refers to; at the end those that never come to stand behind them. */
function inOrder<T extends CollectionRules>(collections: readonly T[]): readonly Ordered<T>[] {
  const waitingFor = new Map(
    collections.map((collection) => [
      collection.id,
      new Set(collection.kind === 'user' ? referencesOf(collection) : []),
    ]),
  )
  const followers = new Map<CollectionId, T[]>()
  for (const collection of collections) {
    for (const id of waitingFor.get(collection.id) ?? []) {
      const list = followers.get(id)
      if (list === undefined) followers.set(id, [collection])
      else list.push(collection)
    }
  }
  const ready = [
    ...collections.filter(({ kind }) => kind !== 'user'),
    ...collections.filter(({ id, kind }) => kind === 'user' && waitingFor.get(id)?.size === 0),
  ]
  const done = new Set<CollectionId>()
  for (const { id } of ready) {
    done.add(id)
    for (const follower of followers.get(id) ?? []) {
      const waiting = waitingFor.get(follower.id)
      if (waiting?.delete(id) === true && waiting.size === 0) ready.push(follower)
    }
  }
  return [
    ...ready.map((collection) => ({ collection, isSound: true })),
    ...collections.filter(({ id }) => !done.has(id)).map((collection) => ({ collection, isSound: false })),
  ]
}
