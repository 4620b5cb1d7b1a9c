/** A set of devices, and the variables they get from it. */

import type { CollectionId, DeviceId } from '../address/identifiers.ts'
import type { SiteVariable } from './site-variable.ts'

export interface Collection {
  readonly id: CollectionId
  readonly name: string
  readonly description: string
  /** `all-systems` and `all-unknown-computers` are built in: members by rule, not to be deleted. */
  readonly kind: 'user' | 'all-systems' | 'all-unknown-computers'
  /** Direct members; empty for the built-in kinds. */
  readonly directMembers: readonly DeviceId[]
  readonly variables: readonly SiteVariable[]
  /** Decides between collections that set the same variable: the higher number wins (S1-065). */
  readonly variablePriority: number
  readonly revision: number
}
