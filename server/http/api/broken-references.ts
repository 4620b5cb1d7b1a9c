/**
 * References of a task sequence to objects that the site does not have (S1-096): with one it cannot be saved or deployed, and
 * lists and views show it. A disabled step may wait for what is still to come.
 */

import type { PackageId } from '../../address/identifiers.ts'
import { findReferences, type Reference } from '../../sequence/references.ts'
import type { TaskSequenceObject } from '../../sequence/task-sequence-object.ts'
import type { Store } from '../../store/ports.ts'
import type { Fault } from '../problem.ts'

type ReferredKind = Reference['kind'] | 'boot-image' | 'package'
export type KnownObjects = Readonly<Record<ReferredKind, ReadonlySet<PackageId>>>

const nouns = {
  'operating-system-image': 'operating system image',
  'boot-image': 'boot image',
  package: 'package',
} as const satisfies Record<ReferredKind, string>

/** Read once, however many task sequences are judged by it. */
export async function readKnownObjects(
  store: Pick<Store, 'operatingSystemImages' | 'bootImages'>,
): Promise<KnownObjects> {
  const [images, bootImages] = await Promise.all([store.operatingSystemImages.list(), store.bootImages.list()])
  return {
    'operating-system-image': idsOf(images),
    'boot-image': idsOf(bootImages),
    // The site has no packages yet, so that no program can be run first.
    package: new Set(),
  }
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
    .map(({ kind, id, path }) => ({ path, message: `there is no ${nouns[kind]} ${id}` }))
}

function idsOf(objects: readonly { readonly id: PackageId }[]): ReadonlySet<PackageId> {
  return new Set(objects.map(({ id }) => id))
}
