/** What a distribution point says of a content that it is to have (S8-012). */

import type { PackageId } from '../address/identifiers.ts'
import type { ContentVersion } from './content.ts'

/** What a distribution point is to have, always in the newest version. */
export interface AssignedContent extends ContentVersion {
  /** Grows with each request to hash everything again (S8-006). */
  readonly validation: number
}

export const contentStates = ['installed', 'in-progress', 'failed'] as const

export interface ContentReport {
  readonly id: PackageId
  readonly version: number
  readonly state: (typeof contentStates)[number]
  /** Of a failure, in words. */
  readonly reason?: string
  /** The last request for validation that it has carried out. */
  readonly validation: number
  /** When the first of its files was hashed last, by the point's clock. */
  readonly verifiedAtMs?: number
}
