/** Where the site keeps what task sequences refer to, by its kind. */

import type { PackageId } from '../address/identifiers.ts'
import type { ReferenceKind } from '../sequence/field.ts'
import type { Objects, SiteObjects } from '../store/ports.ts'

type Kept = Pick<Objects<PackageId, { readonly id: PackageId }>, 'list'>

export function referredObjects(site: SiteObjects): Readonly<Record<ReferenceKind, Kept>> {
  return {
    'operating-system-image': site.operatingSystemImages,
    'operating-system-upgrade-package': site.operatingSystemUpgradePackages,
    package: site.packages,
    'driver-package': site.driverPackages,
    application: site.applications,
    'boot-image': site.bootImages,
    'task-sequence': site.taskSequences,
  }
}
