/** Systems that programs, applications and drivers are for. */

import type { BootArchitecture } from './boot-image.ts'

export const systemFamilies = ['linux', 'windows'] as const
export type SystemFamily = (typeof systemFamilies)[number]

/** Without an architecture: the system on any. */
export interface Platform {
  readonly system: SystemFamily
  readonly architecture?: BootArchitecture
}
