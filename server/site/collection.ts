/**
 * A set of devices, or of unknown computers, by rules; and the variables its members get. Who is a member follows from the
 * rules, is computed, and is stored nowhere (targeting/membership.ts).
 */

import type { CollectionId, DeviceId, DistributionPointGroupId } from '../address/identifiers.ts'
import type { BootArchitecture } from './boot-image.ts'
import type { MaintenanceWindow } from './maintenance-window.ts'
import type { SiteVariable } from './site-variable.ts'

export interface Collection {
  readonly id: CollectionId
  readonly name: string
  readonly description: string
  /** `all-systems` and `all-unknown-computers` are built in: members by rule, not to be deleted, without rules of their own. */
  readonly kind: 'user' | 'all-systems' | 'all-unknown-computers'
  readonly directMembers: readonly DeviceId[]
  /** Unknown computers that are direct members, by architecture (S9-010, S9-020). */
  readonly unknownComputers: readonly BootArchitecture[]
  /** Members of these are members (S9-008). */
  readonly includes: readonly CollectionId[]
  /** Members of these are none, whatever the other rules say (S9-008). */
  readonly excludes: readonly CollectionId[]
  /** Whoever fits one of them is a member; as they were written (targeting/parse-device-query.ts). */
  readonly queries: readonly string[]
  /** Who is no member of it is none here (S9-007); absent: All Systems. */
  readonly limitingCollectionId?: CollectionId
  /** When required task sequences may start on clients by themselves (S9-014); none on built-in collections. */
  readonly maintenanceWindows: readonly MaintenanceWindow[]
  readonly variables: readonly SiteVariable[]
  /** Decides between collections that set the same variable: the higher number wins (S1-065). */
  readonly variablePriority: number
  /** Where content goes that is deployed to it with its defaults (S5-002). */
  readonly defaultDistributionPointGroups: readonly DistributionPointGroupId[]
  readonly revision: number
}

/** Without those who are in it by name: what is needed to say who is in it by rule, and what a member gets. */
export type CollectionRules = Omit<Collection, 'directMembers'>

/** Ours. A collection that needs more is better made of several. */
export const collectionReferencesMax = 200
export const collectionQueriesMax = 50
