/** The questions about who is in which collection; all is computed when it is asked for, and nothing of it is stored. */

import type { DeviceId } from '../address/identifiers.ts'
import type { CollectionRules } from '../site/collection.ts'
import type { KeptInventory } from '../site/inventory.ts'

export interface Memberships {
  /** What the agent of a device told. It is no edit of the device; told again within ten minutes, nothing is written. */
  keepInventory(deviceId: DeviceId, inventory: KeptInventory): Promise<void>
  /** All collections without the devices that they list by name. */
  collectionRules(): Promise<readonly CollectionRules[]>
}
