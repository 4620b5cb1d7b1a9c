/**
 * The settings around a task sequence's document, as the tabs General, Advanced and User Notification of its properties have
 * them (S1-049, S1-075 to S1-083). "Use a boot image" and "disable" stand beside them in task-sequence-object.ts.
 */

import type { ClientPlatform } from '../address/client-platform.ts'
import type { PackageId } from '../address/identifiers.ts'

export interface TaskSequenceSettings {
  readonly softwareCenter: SoftwareCenterFields
  /** "Run another program first"; absent: none. When it counts is run-first.ts. */
  readonly runFirst?: RunFirst
  /** "Maximum allowed run time"; what 0 and the limit mean is site/maximum-run-time.ts (S1-078). */
  readonly maximumRunMinutes: number
  /** "Can only run on the specified platforms", at least one; absent: on any (S1-079). */
  readonly platforms?: readonly ClientPlatform[]
  /** "This is a high-impact task sequence": the administrator's word. The site has its own (high-impact.ts). */
  readonly highImpact: boolean
  /** "Use custom text"; absent: the product's own words. Only together with `highImpact` (S1-083). */
  readonly customNotification?: CustomNotification
  /** Hides the toast, nothing else (S1-081). */
  readonly suppressNotifications: boolean
  /** "Run as high performance power plan" (S1-049). */
  readonly highPerformancePowerPlan: boolean
}

/** For information only: nothing is decided by them (S1-082). */
export interface SoftwareCenterFields {
  readonly restartRequired: boolean
  readonly downloadMegabytes?: number
  readonly estimatedRunMinutes?: number
}

export interface RunFirst {
  readonly packageId: PackageId
  readonly programName: string
}

/** All four are required, at most 255 characters each (S1-083). */
export interface CustomNotification {
  readonly headline: string
  /** The main body, typically instructions. */
  readonly message: string
  /** The bold text under it. */
  readonly emphasis: string
  /** The last line. */
  readonly closing: string
}

/** S1-078. */
export const defaultMaximumRunMinutes = 120

export const defaultSettings: TaskSequenceSettings = {
  softwareCenter: { restartRequired: false },
  maximumRunMinutes: defaultMaximumRunMinutes,
  highImpact: false,
  suppressNotifications: false,
  highPerformancePowerPlan: false,
}
