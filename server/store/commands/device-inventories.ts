/** What a device's agent told of its machine. It is no edit of the device: its revision stays. */

import type { DeviceId } from '../../address/identifiers.ts'
import type { KeptInventory } from '../../site/inventory.ts'
import { readInventoryRow, toInventoryRow } from '../rows/device-rows.ts'
import { parseMacAddress } from '../../address/mac-address.ts'
import { areTwoMachines } from '../../boot/shared-address.ts'
import { decodeJson } from '../json-text.ts'
import type { ChangedInventory } from '../membership-port.ts'
import { listSharedAddresses, writeToldAddresses } from './shared-addresses.ts'
import type { Writing } from './writing.ts'

export interface KeepInventory {
  readonly deviceId: DeviceId
  readonly inventory: KeptInventory
}

/** `unchanged`: it was told again, or the device is gone; nobody has to ask anew who is in which collection. */
export async function keepInventory(
  writing: Writing,
  { deviceId, inventory }: KeepInventory,
): Promise<ChangedInventory | 'unchanged'> {
  const { tx } = writing
  const device = await tx.selectFrom('devices').select('id').where('id', '=', deviceId).executeTakeFirst()
  if (device === undefined) return 'unchanged'
  const before = await readInventoryRow(tx, deviceId)
  const row = toInventoryRow(deviceId, inventory)
  await tx
    .insertInto('device_inventories')
    .values(row)
    .onConflict((conflict) => conflict.column('device_id').doUpdateSet(row))
    .execute()
  const isSame = before?.inventory === row.inventory
  const addresses = [...new Set(inventory.macAddresses.flatMap((text) => parseMacAddress(text) ?? []))]
  if (!isSame) await writeToldAddresses(writing, deviceId, addresses)
  const listed = await listSharedAddresses(writing, deviceId, addresses)
  if (isSame && listed.length === 0) return 'unchanged'
  const isOtherMachine = before !== undefined && areTwoMachines(decodeJson(before.inventory), inventory)
  return { isOtherMachine, listed }
}
