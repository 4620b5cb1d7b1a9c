/** The kinds of objects that have content, as the routes about content name them. */

import type { PackageId } from '../../address/identifiers.ts'
import type { ContentVersion } from '../../site/content.ts'
import type { Objects, Store } from '../../store/ports.ts'
import { notFound } from '../problem.ts'

export interface ContentOwned {
  readonly name: string
  readonly content?: ContentVersion
}

export interface ContentOwner {
  readonly path: string
  readonly noun: string
  readonly objects: Pick<Objects<PackageId, ContentOwned>, 'get'>
}

export function contentOwners(store: Store): readonly ContentOwner[] {
  return [
    { path: 'boot-images', noun: 'boot image', objects: store.bootImages },
    { path: 'operating-system-images', noun: 'operating system image', objects: store.operatingSystemImages },
    {
      path: 'operating-system-upgrade-packages',
      noun: 'operating system upgrade package',
      objects: store.operatingSystemUpgradePackages,
    },
    { path: 'packages', noun: 'package', objects: store.packages },
    { path: 'driver-packages', noun: 'driver package', objects: store.driverPackages },
    { path: 'applications', noun: 'application', objects: store.applications },
  ]
}

export async function requireOwned({ objects, noun }: ContentOwner, id: PackageId): Promise<ContentOwned> {
  const owned = await objects.get(id)
  if (owned === undefined) throw notFound(`${noun} ${id}`)
  return owned
}
