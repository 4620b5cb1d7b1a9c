/** What steps of task sequences refer to, by its kind: how it is called, and where it is kept. */

import type { PackageId } from '../address/identifiers.ts'
import type { ReferredKind } from '../site/content-object.ts'
import type { SiteObjects } from '../store/ports.ts'

interface Referred {
  readonly noun: string
  readonly exists: (objects: SiteObjects, id: PackageId) => Promise<boolean>
}

export const referredObjects: Readonly<Record<ReferredKind, Referred>> = {
  'operating-system-image': {
    noun: 'operating system image',
    exists: async (objects, id) => (await objects.operatingSystemImages.get(id)) !== undefined,
  },
  'operating-system-upgrade-package': {
    noun: 'operating system upgrade package',
    exists: async (objects, id) => (await objects.operatingSystemUpgradePackages.get(id)) !== undefined,
  },
  package: {
    noun: 'package',
    exists: async (objects, id) => (await objects.packages.get(id)) !== undefined,
  },
  'driver-package': {
    noun: 'driver package',
    exists: async (objects, id) => (await objects.driverPackages.get(id)) !== undefined,
  },
  application: {
    noun: 'application',
    exists: async (objects, id) => (await objects.applications.get(id)) !== undefined,
  },
}
