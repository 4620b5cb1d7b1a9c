/** What a device's agent told of its machine. It is no edit of the device: its revision stays. */

import type { DeviceId } from '../../address/identifiers.ts'
import type { KeptInventory } from '../../site/inventory.ts'
import { readInventoryRow, toInventoryRow } from '../rows/device-rows.ts'
import type { Writing } from './writing.ts'

export interface KeepInventory {
  readonly deviceId: DeviceId
  readonly inventory: KeptInventory
}

/** `unchanged`: it was told again, or the device is gone; nobody has to ask anew who is in which collection. */
export async function keepInventory(
  { tx }: Writing,
  { deviceId, inventory }: KeepInventory,
): Promise<'changed' | 'unchanged'> {
  const device = await tx.selectFrom('devices').select('id').where('id', '=', deviceId).executeTakeFirst()
  if (device === undefined) return 'unchanged'
  const before = await readInventoryRow(tx, deviceId)
  const row = toInventoryRow(deviceId, inventory)
  await tx
    .insertInto('device_inventories')
    .values(row)
    .onConflict((conflict) => conflict.column('device_id').doUpdateSet(row))
    .execute()
  return before?.inventory === row.inventory ? 'unchanged' : 'changed'
}
