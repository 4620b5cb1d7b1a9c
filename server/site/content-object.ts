/** The kinds of objects with content that only steps of task sequences use; images are apart, because machines boot and receive them. */

import type { Application } from './application.ts'
import type { DriverPackage } from './driver-package.ts'
import type { OperatingSystemUpgradePackage } from './operating-system-upgrade-package.ts'
import type { Package } from './package.ts'

export interface ContentObjects {
  readonly 'operating-system-upgrade-package': OperatingSystemUpgradePackage
  readonly package: Package
  readonly 'driver-package': DriverPackage
  readonly application: Application
}

export type ContentObjectKind = keyof ContentObjects
export type ContentObject<Kind extends ContentObjectKind> = ContentObjects[Kind]

/** What a step may refer to. */
export type ReferredKind = ContentObjectKind | 'operating-system-image'
