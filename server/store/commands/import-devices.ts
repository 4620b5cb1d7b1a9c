/** Imports devices in one transaction: each row is an edit like any other, with its refusals and its entry in the audit. */

import type { DeviceId } from '../../address/identifiers.ts'
import { swapSmbiosGuid } from '../../address/smbios-guid.ts'
import type { Device } from '../../site/device.ts'
import { mergeDevices } from '../../site/merge-devices.ts'
import type { DeviceImport, ImportAnswer, ImportedDevice, ImportedRow } from '../import-port.ts'
import { foldName } from '../names.ts'
import { readDevice } from '../rows/device-rows.ts'
import { deviceKind } from './device-edits.ts'
import { changeDirectMembers, reasonOf } from './direct-members.ts'
import { creating, replacing } from './edit-object.ts'
import type { Writing } from './writing.ts'

/** What an import that is not kept is answered with: a refusal undoes whatever a command wrote. */
type Undone = { readonly kind: 'refused'; readonly answer: ImportAnswer }

export async function importDevices(writing: Writing, wanted: DeviceImport): Promise<ImportAnswer | Undone> {
  const rows: ImportedRow[] = []
  const faults: { row: number; message: string }[] = []
  const seen = new Map<DeviceId, number>()
  for (const [row, device] of wanted.devices.entries()) {
    const imported = await importOne(writing, device, wanted.existing)
    if (typeof imported === 'string') {
      faults.push({ row, message: imported })
      continue
    }
    const before = seen.get(imported.device.id)
    if (before !== undefined) faults.push({ row, message: `this is the device of row ${before + 1}, too` })
    seen.set(imported.device.id, row)
    rows.push(imported)
  }
  if (faults.length > 0) return undone({ kind: 'refused', faults })
  for (const id of wanted.collections) {
    const reason = await changeDirectMembers(writing, id, (members) => [...members, ...seen.keys()])
    if (reason !== undefined) return undone({ kind: 'no-collection', id, reason })
  }
  return wanted.isPreview ? undone({ kind: 'previewed', rows }) : { kind: 'imported', rows }
}

/** A text: why not. */
async function importOne(
  writing: Writing,
  device: ImportedDevice,
  existing: DeviceImport['existing'],
): Promise<ImportedRow | string> {
  const [found, ...others] = await findExisting(writing, device)
  if (others.length > 0) {
    const names = [found, ...others].map((one) => `${one?.name} (${one?.id})`).join(', ')
    return `its name and identifiers are those of several devices: ${names}`
  }
  if (found === undefined) {
    const created = await creating(deviceKind)(writing, device)
    return created.kind === 'saved' ? { outcome: 'created', device: created.value } : reasonOf(created)
  }
  if (existing === 'refuse') return `the site has it: ${found.name} (${found.id})`
  if (existing === 'skip') return { outcome: 'skipped', device: found }
  if (existing === 'merge') return mergeInto(writing, found, device)
  // The site knows more of it than a list does: what a row leaves out stays.
  const draft = {
    ...found,
    ...device,
    macAddresses: device.macAddresses.length === 0 ? found.macAddresses : device.macAddresses,
    variables: device.variables.length === 0 ? found.variables : device.variables,
  }
  const edit = await replacing(deviceKind)(writing, { id: found.id, draft, revision: undefined })
  return edit.kind === 'saved' ? { outcome: 'overwritten', device: edit.value } : reasonOf(edit)
}

/** As two records of one machine are merged (site/merge-devices.ts): the row is the one that goes. */
async function mergeInto(writing: Writing, found: Device, row: ImportedDevice): Promise<ImportedRow | string> {
  const { id, name, createdAtMs, revision } = found
  const record: Device = { ...row, id, name, createdAtMs, revision, requiredPxeMarks: [] }
  const merged = mergeDevices(found, record, {})
  if (typeof merged === 'string') {
    return `its SMBIOS GUID or serial number is another than that of ${found.name} (${found.id}), so they are two machines`
  }
  const edit = await replacing(deviceKind)(writing, { id: found.id, draft: merged, revision: undefined })
  return edit.kind === 'saved' ? { outcome: 'merged', device: edit.value } : reasonOf(edit)
}

async function findExisting({ tx }: Writing, device: ImportedDevice): Promise<readonly Device[]> {
  const ids = new Set<DeviceId>()
  const named = await tx
    .selectFrom('devices')
    .select('id')
    .where('name_folded', '=', foldName(device.name))
    .executeTakeFirst()
  if (named !== undefined) ids.add(named.id)
  if (device.macAddresses.length > 0) {
    const cards = await tx
      .selectFrom('device_mac_addresses')
      .select('device_id')
      .where('mac_address', 'in', device.macAddresses)
      .execute()
    for (const { device_id } of cards) ids.add(device_id)
  }
  if (device.smbiosGuid !== undefined) {
    const { smbiosGuid } = device
    const guids = await tx
      .selectFrom('devices')
      .select('id')
      .where('smbios_guid', 'in', [smbiosGuid, swapSmbiosGuid(smbiosGuid)])
      .execute()
    for (const { id } of guids) ids.add(id)
  }
  const devices = await Promise.all([...ids].map(async (id) => readDevice(tx, id)))
  return devices.filter((one) => one !== undefined)
}

function undone(answer: ImportAnswer): Undone {
  return { kind: 'refused', answer }
}
