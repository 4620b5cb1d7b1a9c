/** The questions about who is in which collection; all is computed when it is asked for, and nothing of it is stored. */

import type { CollectionRules } from '../site/collection.ts'

export interface Memberships {
  /** All collections without the devices that they list by name. */
  collectionRules(): Promise<readonly CollectionRules[]>
}
