/**
 * An unknown computer on which a task sequence succeeded becomes a device of the site (S6-018), in the transaction of the event
 * that says so. One on which it failed leaves nothing: the next time it is as unknown as before, and not a device that nothing is
 * deployed to (S12-009).
 */

import type { CollectionId } from '../../address/identifiers.ts'
import { isMeaningfulSerialNumber, foldSerialNumber } from '../../address/serial-number.ts'
import { swapSmbiosGuid } from '../../address/smbios-guid.ts'
import { type Device, deviceNameCharactersMax } from '../../site/device.ts'
import { spellingsOf } from '../../site/listed-identifier.ts'
import { nameOfProvisioned } from '../../site/site-settings.ts'
import { canaryMachine } from '../../targeting/canary.ts'
import { foldName } from '../names.ts'
import type { RunRecord } from '../ports.ts'
import type { Provisioned } from '../provisioning-port.ts'
import { writeClientHeard } from '../rows/client-rows.ts'
import { readDevice } from '../rows/device-rows.ts'
import { readListedIdentifiers } from '../rows/listed-identifier-rows.ts'
import { readRunIdentity } from '../rows/run-identity-rows.ts'
import { readSiteSettings } from '../rows/site-settings-rows.ts'
import type { RunIdentity } from '../schema-tables.ts'
import { deviceKind, setRequiredPxeMark } from './device-edits.ts'
import { changeDirectMembers } from './direct-members.ts'
import { creating } from './edit-object.ts'
import { changeLane } from './lanes.ts'
import { laneOf } from './runs.ts'
import type { Writing } from './writing.ts'

/** Undefined: there is none to make. */
export async function provisionDevice(
  writing: Writing,
  run: RunRecord,
  computerName: string | undefined,
): Promise<Provisioned | undefined> {
  const { tx } = writing
  const settings = await readSiteSettings(tx)
  if (run.deviceId !== undefined || !settings.provisionUnknown) return undefined
  const told = await readRunIdentity(tx, run.id)
  const identity = told && (await usableIdentity(writing, told))
  if (identity === undefined || (await isOfDevice(writing, identity))) return undefined
  const name = await freeName(writing, nameOfProvisioned(computerName, run.lane, nameCharactersMax))
  const made = await creating(deviceKind)(writing, { name, variables: [], ...identity })
  if (made.kind !== 'saved') return undefined
  const { id } = made.value
  // Of a deployment that was chosen at the machine, too: nothing that ran starts again by itself.
  await setRequiredPxeMark(writing, { deviceId: id, deploymentId: run.deploymentId, startedAtMs: run.startedAtMs })
  await takeRunAlong(writing, run, made.value)
  // It was installed a moment ago: whatever its new collections require does not do so once more by itself (S5-043).
  await writeClientHeard(tx, id, writing.nowMs)
  const collections: CollectionId[] = []
  for (const collection of settings.provisionIntoCollections) {
    const reason = await changeDirectMembers(writing, collection, (members) => [...members, id])
    // A collection that may not have it keeps the machine from no record.
    if (reason === undefined) collections.push(collection)
  }
  writing.changes.hasNewFacts = true
  return { device: (await readDevice(tx, id)) ?? made.value, atMs: writing.nowMs, collections }
}

/** Without what was listed as duplicate since; undefined: nothing is left that names the machine. */
async function usableIdentity({ tx }: Writing, told: RunIdentity): Promise<RunIdentity | undefined> {
  const listed = new Set(
    (await readListedIdentifiers(tx, 'duplicate')).flatMap(({ identifier }) => spellingsOf(identifier)),
  )
  const { smbiosGuid, serialNumber } = told
  const macAddresses = told.macAddresses.filter((address) => !listed.has(address))
  const hasGuid = smbiosGuid !== undefined && !listed.has(smbiosGuid)
  if (macAddresses.length === 0 && !hasGuid) return undefined
  const hasSerial = serialNumber !== undefined && (await isSerialFree(tx, serialNumber))
  return { macAddresses, ...(hasGuid ? { smbiosGuid } : {}), ...(hasSerial ? { serialNumber } : {}) }
}

/** A number that another device has is a placeholder that nobody has heard of yet. */
async function isSerialFree(tx: Writing['tx'], serialNumber: string): Promise<boolean> {
  if (!isMeaningfulSerialNumber(serialNumber)) return false
  const folded = foldSerialNumber(serialNumber)
  const other = await tx
    .selectFrom('devices')
    .select('id')
    .where('serial_number_folded', '=', folded)
    .executeTakeFirst()
  return other === undefined
}

/** Somebody made it a device while the run went on; that record took the marks along. */
async function isOfDevice({ tx }: Writing, { macAddresses, smbiosGuid }: RunIdentity): Promise<boolean> {
  for (const address of macAddresses) {
    const cards = tx.selectFrom('device_mac_addresses').select('device_id').where('mac_address', '=', address)
    if ((await cards.executeTakeFirst()) !== undefined) return true
  }
  if (smbiosGuid === undefined) return false
  const guids = [smbiosGuid, swapSmbiosGuid(smbiosGuid)]
  const byGuid = await tx.selectFrom('devices').select('id').where('smbios_guid', 'in', guids).executeTakeFirst()
  return byGuid !== undefined
}

/** Room for the number that makes it unique. */
const nameCharactersMax = deviceNameCharactersMax - 12

async function freeName({ tx }: Writing, wanted: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted}-${number}`
    const other = await tx
      .selectFrom('devices')
      .select('id')
      .where('name_folded', '=', foldName(name))
      .executeTakeFirst()
    if (other === undefined) return name
  }
}

/** What the run left is the device's: its user state, its place in a canary ring, its lane. */
async function takeRunAlong(writing: Writing, { id: runId, lane, ...run }: RunRecord, device: Device): Promise<void> {
  const { tx } = writing
  const device_id = device.id
  await tx.updateTable('runs').set({ device_id }).where('id', '=', runId).execute()
  await tx.updateTable('state_stores').set({ device_id }).where('run_id', '=', runId).execute()
  const machine = canaryMachine({ deviceId: device.id, lane })
  await tx.updateTable('canary_members').set({ machine }).where('run_id', '=', runId).execute()
  await changeLane(writing, laneOf({ ...run, id: runId, lane }), (one) => ({
    ...one,
    deviceId: device.id,
    name: device.name,
  }))
}
