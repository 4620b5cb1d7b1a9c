/** Edits of devices: a MAC address belongs to one device, and marks of required deployments are kept apart from edits. */

import type { DeploymentId, DeviceId } from '../../address/identifiers.ts'
import type { Device } from '../../site/device.ts'
import type { Edit } from '../ports.ts'
import { writeConsent } from '../rows/client-rows.ts'
import { readDevice, writeDevice } from '../rows/device-rows.ts'
import { audit } from './audit.ts'
import { takeDeviceId } from './counters.ts'
import type { ObjectKind } from './edit-object.ts'
import { refuseTakenName } from './refusals.ts'
import { takeMarksAlong } from './unknown-computer-marks.ts'
import type { Writing } from './writing.ts'

export const deviceKind: ObjectKind<DeviceId, Device> = {
  audited: 'device',
  nameOf: ({ name }) => name,
  takeId: takeDeviceId,
  read: readDevice,
  build: (draft, { id, revision, nowMs, old }) => ({
    ...draft,
    id,
    revision,
    createdAtMs: old?.createdAtMs ?? nowMs,
    requiredPxeMarks: old?.requiredPxeMarks ?? [],
  }),
  async refuseSaving(writing, device) {
    return (await refuseTakenName(writing.tx, 'devices', device)) ?? refuseTakenMacAddress(writing, device)
  },
  refuseRemoving: async () => undefined,
  async write(db, device) {
    await writeDevice(db, device)
    await takeMarksAlong(db, device)
  },
  async remove(db, id) {
    // A device leaves its collections with it; their membership changed, so their revision does.
    const memberships = await db
      .selectFrom('collection_members')
      .select('collection_id')
      .where('device_id', '=', id)
      .execute()
    for (const { collection_id } of memberships) {
      await db
        .updateTable('collections')
        .set((expression) => ({ revision: expression('revision', '+', 1) }))
        .where('id', '=', collection_id)
        .execute()
    }
    await db.deleteFrom('collection_members').where('device_id', '=', id).execute()
    await db.deleteFrom('devices').where('id', '=', id).execute()
  },
}

export interface ClearMarks {
  readonly id: DeviceId
  readonly deploymentId: DeploymentId | undefined
}

/** S6-027. */
export async function clearRequiredPxeDeployments(
  writing: Writing,
  { id, deploymentId }: ClearMarks,
): Promise<Edit<Device>> {
  const { tx } = writing
  const device = await readDevice(tx, id)
  if (device === undefined) return { kind: 'not-found' }
  const kept = device.requiredPxeMarks.filter(
    (mark) => deploymentId !== undefined && mark.deploymentId !== deploymentId,
  )
  // Whoever clears marks wants it to start again, though the machine is well (S12-016).
  const hasNewConsent = await writeConsent(tx, id, deploymentId)
  if (kept.length === device.requiredPxeMarks.length) {
    if (hasNewConsent) {
      const after = { mayInstallAnew: deploymentId ?? 'any deployment' }
      await audit(writing, { action: 'clear-marks', kind: 'device', id, name: device.name, after })
    }
    return { kind: 'saved', value: device }
  }
  let marks = tx.deleteFrom('required_pxe_marks').where('device_id', '=', id)
  if (deploymentId !== undefined) marks = marks.where('deployment_id', '=', deploymentId)
  await marks.execute()
  await growRevision(tx, id)
  const [before, after] = [{ marks: device.requiredPxeMarks }, { marks: kept }]
  await audit(writing, { action: 'clear-marks', kind: 'device', id, name: device.name, before, after })
  return { kind: 'saved', value: { ...device, requiredPxeMarks: kept, revision: device.revision + 1 } }
}

export interface SetMark {
  readonly deviceId: DeviceId
  readonly deploymentId: DeploymentId
  readonly startedAtMs: number
}

/** S6-025: set when the deployment starts. A deployment or device removed meanwhile needs none. */
export async function setRequiredPxeMark({ tx }: Writing, mark: SetMark): Promise<void> {
  const device = await tx.selectFrom('devices').select('id').where('id', '=', mark.deviceId).executeTakeFirst()
  const deployment = await tx
    .selectFrom('deployments')
    .select('id')
    .where('id', '=', mark.deploymentId)
    .executeTakeFirst()
  if (device === undefined || deployment === undefined) return
  const row = { device_id: mark.deviceId, deployment_id: mark.deploymentId, started_at_ms: mark.startedAtMs }
  await tx
    .insertInto('required_pxe_marks')
    .values(row)
    .onConflict((conflict) => conflict.columns(['device_id', 'deployment_id']).doUpdateSet(row))
    .execute()
  await growRevision(tx, mark.deviceId)
}

/** The marks are part of what a reader sees, so the revision that names that state grows with them. */
async function growRevision(tx: Writing['tx'], id: DeviceId): Promise<void> {
  await tx
    .updateTable('devices')
    .set((expression) => ({ revision: expression('revision', '+', 1) }))
    .where('id', '=', id)
    .execute()
}

async function refuseTakenMacAddress({ tx }: Writing, device: Device): Promise<string | undefined> {
  const twice = device.macAddresses.find((address, index) => device.macAddresses.indexOf(address) !== index)
  if (twice !== undefined) return `MAC address ${twice} is listed twice`
  if (device.macAddresses.length === 0) return undefined
  const other = await tx
    .selectFrom('device_mac_addresses')
    .innerJoin('devices', 'devices.id', 'device_mac_addresses.device_id')
    .select(['device_mac_addresses.mac_address', 'devices.id', 'devices.name'])
    .where('device_mac_addresses.mac_address', 'in', device.macAddresses)
    .where('devices.id', '!=', device.id)
    .executeTakeFirst()
  return other && `MAC address ${other.mac_address} belongs to ${other.name} (${other.id})`
}
