/**
 * The content that a stored task sequence refers to, for distributing it: what its steps name, those of the sequences in it too,
 * its boot image, and the program that is run first. What is not there, or has no files, is left out.
 */

import type { PackageId } from '../address/identifiers.ts'
import { findReferences } from '../sequence/mentions.ts'
import type { TaskSequenceObject } from '../sequence/task-sequence-object.ts'
import type { SiteObjects } from '../store/ports.ts'
import { expandStored } from './child-sequences.ts'
import { Problem } from './problem.ts'

export interface HowFar {
  /** What applications depend on and supersede, and packages whose program is run before one that is named (S5-002). */
  readonly withDependencies: boolean
}

export async function referredContent(
  store: SiteObjects,
  object: TaskSequenceObject,
  { withDependencies }: HowFar,
): Promise<readonly PackageId[]> {
  const expanded = await expandStored(store, object)
  if (expanded.kind === 'refused') throw new Problem(409, { detail: `${expanded.faults[0]?.message ?? object.id}.` })
  const { bootImageId, settings } = object
  const first = settings.runFirst?.packageId
  const wanted = new Set<PackageId>([
    ...(bootImageId === undefined ? [] : [bootImageId]),
    ...(first === undefined ? [] : [first]),
    ...findReferences(expanded.sequence).flatMap(({ id, kind, enabled }) =>
      enabled && kind !== 'task-sequence' ? [id] : [],
    ),
  ])
  // A set yields what is added to it while it is walked through.
  for (const id of wanted) {
    if (withDependencies) for (const needed of await dependencies(store, id)) wanted.add(needed)
  }
  const found = await Promise.all([...wanted].map(async (id) => ((await hasContent(store, id)) ? [id] : [])))
  return found.flat()
}

async function dependencies({ applications, packages }: SiteObjects, id: PackageId): Promise<readonly PackageId[]> {
  const application = await applications.get(id)
  if (application !== undefined) {
    return [...application.dependencies, ...application.supersedes.map(({ applicationId }) => applicationId)]
  }
  const programs = (await packages.get(id))?.programs ?? []
  return programs.flatMap(({ runFirst }) => (runFirst === undefined ? [] : [runFirst.packageId]))
}

async function hasContent(store: SiteObjects, id: PackageId): Promise<boolean> {
  const kinds = [
    store.bootImages,
    store.operatingSystemImages,
    store.operatingSystemUpgradePackages,
    store.packages,
    store.driverPackages,
    store.applications,
  ]
  const found = await Promise.all(kinds.map(async (objects) => objects.get(id)))
  return found.some((object) => object?.content !== undefined)
}
