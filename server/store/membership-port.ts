/** The questions about who is in which collection; all is computed when it is asked for, and nothing of it is stored. */

import type { CollectionId, DeviceId } from '../address/identifiers.ts'
import type { CollectionRules } from '../site/collection.ts'
import type { Device } from '../site/device.ts'
import type { KeptInventory } from '../site/inventory.ts'
import type { ListedIdentifier } from '../site/listed-identifier.ts'
import type { UnknownComputer } from '../site/unknown-computer.ts'
import type { RulesToJudge } from '../targeting/collection-faults.ts'
import type { MemberReason } from '../targeting/membership.ts'

export interface Memberships {
  /** What the agent of a device told. It is no edit of the device; told again within ten minutes, nothing is written. */
  keepInventory(deviceId: DeviceId, inventory: KeptInventory): Promise<ChangedInventory | 'unchanged'>
  /** All collections without the devices that they list by name. */
  collectionRules(): Promise<readonly CollectionRules[]>
  /** Devices, and unknown computers as the three objects that they are. */
  memberCount(id: CollectionId): Promise<number>
  /** Its devices by name; none: it has none, or there is no such collection. */
  deviceMembers(id: CollectionId): Promise<readonly Device[]>
  /** Undefined: there is no such collection. Unknown computers first, then devices by name. */
  members(id: CollectionId, page: Page): Promise<MemberPage | undefined>
  /** As if these rules were saved; they are to have no faults. */
  previewMembers(rules: RulesToJudge, page: Page): Promise<MemberPage>
  /** Undefined: there is no such device. */
  collectionsOfDevice(id: DeviceId): Promise<{ device: Device; memberships: readonly Membership[] } | undefined>
  collectionsOfUnknownComputer(computer: UnknownComputer): Promise<readonly Membership[]>
}

export interface ChangedInventory {
  /** What the agent of this device told before was of another machine. */
  readonly isOtherMachine: boolean
  /** Addresses that the site put among the duplicates, because another machine tells them, too. */
  readonly listed: readonly ListedIdentifier[]
}

export interface Page {
  readonly offset: number
  readonly limit: number
}

export interface MemberPage {
  readonly total: number
  readonly items: readonly Member[]
}

export interface Member {
  readonly machine: Device | UnknownComputer
  readonly because: readonly MemberReason[]
}

export interface Membership {
  readonly collection: CollectionRules
  readonly because: readonly MemberReason[]
}
