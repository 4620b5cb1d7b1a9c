/** The files an operating system is upgraded from, or set up from when there is no image (S2-054, S2-065). */

import type { BootArchitecture } from './boot-image.ts'
import type { ContentVersion } from './content.ts'
import type { PackageId } from '../address/identifiers.ts'

export interface OperatingSystemUpgradePackage {
  readonly id: PackageId
  readonly name: string
  readonly description: string
  readonly version: string
  readonly architecture: BootArchitecture
  /** Names of the editions in it, as its maker calls them; a step names one of them. */
  readonly editions: readonly string[]
  readonly content?: ContentVersion
  readonly revision: number
}
