/** A device and its rows: the device itself, its MAC addresses in order, its required-PXE marks, what its agent told. */

import type { Insertable, Kysely, Selectable } from 'kysely'
import type { DeviceId } from '../../address/identifiers.ts'
import { foldSerialNumber } from '../../address/serial-number.ts'
import type { Device } from '../../site/device.ts'
import type { KeptInventory } from '../../site/inventory.ts'
import { decodeJson, encodeJson } from '../json-text.ts'
import { foldName } from '../names.ts'
import type { Schema } from '../schema.ts'

type Row = Selectable<Schema['devices']>

/** Undefined `ids`: every device, by name. */
export async function readDevices(db: Kysely<Schema>, ids?: readonly DeviceId[]): Promise<Device[]> {
  if (ids?.length === 0) return []
  let query = db.selectFrom('devices').selectAll().orderBy('name_folded')
  if (ids !== undefined) query = query.where('id', 'in', ids)
  const rows = await query.execute()
  const macsOf = Map.groupBy(await macAddresses(db, ids), (row) => row.device_id)
  const marksOf = Map.groupBy(await marks(db, ids), (row) => row.device_id)
  const inventoryOf = new Map((await inventories(db, ids)).map((row) => [row.device_id, toInventory(row)]))
  return rows.map((row) => {
    const inventory = inventoryOf.get(row.id)
    const device = toDevice(row, macsOf.get(row.id) ?? [], marksOf.get(row.id) ?? [])
    return inventory === undefined ? device : { ...device, inventory }
  })
}

export async function readDevice(db: Kysely<Schema>, id: DeviceId): Promise<Device | undefined> {
  return (await readDevices(db, [id]))[0]
}

export async function writeDevice(db: Kysely<Schema>, device: Device): Promise<void> {
  const row = toRow(device)
  await db
    .insertInto('devices')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute()
  await db.deleteFrom('device_mac_addresses').where('device_id', '=', device.id).execute()
  for (const [position, macAddress] of device.macAddresses.entries()) {
    const value = { mac_address: macAddress, device_id: device.id, position }
    await db.insertInto('device_mac_addresses').values(value).execute()
  }
}

function macAddresses(db: Kysely<Schema>, ids: readonly DeviceId[] | undefined) {
  const query = db.selectFrom('device_mac_addresses').selectAll().orderBy('position')
  return (ids === undefined ? query : query.where('device_id', 'in', ids)).execute()
}

function marks(db: Kysely<Schema>, ids: readonly DeviceId[] | undefined) {
  const query = db.selectFrom('required_pxe_marks').selectAll().orderBy('deployment_id')
  return (ids === undefined ? query : query.where('device_id', 'in', ids)).execute()
}

export async function readInventoryRow(
  db: Kysely<Schema>,
  id: DeviceId,
): Promise<Selectable<Schema['device_inventories']> | undefined> {
  return db.selectFrom('device_inventories').selectAll().where('device_id', '=', id).executeTakeFirst()
}

export function toInventoryRow(id: DeviceId, kept: KeptInventory): Selectable<Schema['device_inventories']> {
  const { heardAtMs, ipAddress, startedFrom, ...inventory } = kept
  return {
    device_id: id,
    inventory: encodeJson(inventory),
    heard_at_ms: heardAtMs,
    ip_address: ipAddress,
    started_from: startedFrom,
  }
}

function inventories(db: Kysely<Schema>, ids: readonly DeviceId[] | undefined) {
  const query = db.selectFrom('device_inventories').selectAll()
  return (ids === undefined ? query : query.where('device_id', 'in', ids)).execute()
}

function toInventory(row: Selectable<Schema['device_inventories']>): KeptInventory {
  const { heard_at_ms: heardAtMs, ip_address: ipAddress, started_from: startedFrom } = row
  return { ...decodeJson(row.inventory), heardAtMs, ipAddress, startedFrom }
}

function toDevice(
  row: Row,
  macRows: readonly Selectable<Schema['device_mac_addresses']>[],
  markRows: readonly Selectable<Schema['required_pxe_marks']>[],
): Device {
  return {
    id: row.id,
    name: row.name,
    macAddresses: macRows.map((mac) => mac.mac_address),
    ...(row.smbios_guid === null ? {} : { smbiosGuid: row.smbios_guid }),
    ...(row.serial_number === null ? {} : { serialNumber: row.serial_number }),
    variables: decodeJson(row.variables),
    requiredPxeMarks: markRows.map((mark) => ({ deploymentId: mark.deployment_id, startedAtMs: mark.started_at_ms })),
    createdAtMs: row.created_at_ms,
    revision: row.revision,
  }
}

function toRow(device: Device): Insertable<Schema['devices']> {
  return {
    id: device.id,
    name: device.name,
    name_folded: foldName(device.name),
    smbios_guid: device.smbiosGuid ?? null,
    serial_number: device.serialNumber ?? null,
    serial_number_folded: device.serialNumber === undefined ? null : foldSerialNumber(device.serialNumber),
    variables: encodeJson(device.variables),
    created_at_ms: device.createdAtMs,
    revision: device.revision,
  }
}
