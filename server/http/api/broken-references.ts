/**
 * References of a task sequence to objects that the site does not have (S1-096): with one it cannot be saved or deployed, and
 * lists and views show it. A disabled step may wait for what is still to come.
 */

import type { PackageId } from '../../address/identifiers.ts'
import { type ReferenceKind, referenceNouns } from '../../sequence/field.ts'
import { findReferences } from '../../sequence/mentions.ts'
import type { TaskSequenceObject } from '../../sequence/task-sequence-object.ts'
import type { SiteObjects } from '../../store/ports.ts'
import { referredObjects } from '../referred-objects.ts'
import type { Fault } from '../problem.ts'

export type KnownObjects = Readonly<Record<ReferenceKind, ReadonlySet<PackageId>>>

/** Read once, however many task sequences are judged by it. */
export async function readKnownObjects(store: SiteObjects): Promise<KnownObjects> {
  const lists = await Promise.all(
    Object.entries(referredObjects(store)).map(async ([kind, { list }]) => [kind, idsOf(await list())] as const),
  )
  // Every kind is listed once, which `fromEntries` cannot say.
  return Object.fromEntries(lists) as KnownObjects
}

export type Referring = Pick<TaskSequenceObject, 'bootImageId' | 'settings' | 'sequence'>

export function brokenReferences(
  { bootImageId, settings, sequence }: Referring,
  known: KnownObjects,
): readonly Fault[] {
  const ofSteps = findReferences(sequence)
    .filter(({ enabled }) => enabled)
    .map(({ kind, id, field }) => ({ kind, id, path: `sequence.${field}` }))
  const first = settings.runFirst?.packageId
  const referred = [
    ...ofSteps,
    ...(bootImageId === undefined ? [] : [{ kind: 'boot-image', id: bootImageId, path: 'bootImageId' } as const]),
    ...(first === undefined ? [] : [{ kind: 'package', id: first, path: 'settings.runFirst.packageId' } as const]),
  ]
  return referred
    .filter(({ kind, id }) => !known[kind].has(id))
    .map(({ kind, id, path }) => ({ path, message: `there is no ${referenceNouns[kind]} ${id}` }))
}

function idsOf(objects: readonly { readonly id: PackageId }[]): ReadonlySet<PackageId> {
  return new Set(objects.map(({ id }) => id))
}
