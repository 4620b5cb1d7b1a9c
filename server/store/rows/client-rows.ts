/** When clients in installed systems were heard last, what administrators consented to, and their rows. */

import type { Kysely } from 'kysely'
import type { DeploymentId, DeviceId } from '../../address/identifiers.ts'
import type { ReinstallConsent } from '../../targeting/healthy-machine.ts'
import type { NewRun } from '../ports.ts'
import type { Schema } from '../schema.ts'

export async function readClientsHeard(db: Kysely<Schema>): Promise<ReadonlyMap<DeviceId, number>> {
  const rows = await db.selectFrom('clients_heard').selectAll().execute()
  return new Map(rows.map((row) => [row.device_id, row.at_ms]))
}

export async function writeClientHeard(db: Kysely<Schema>, id: DeviceId, atMs: number): Promise<void> {
  await db
    .insertInto('clients_heard')
    .values({ device_id: id, at_ms: atMs })
    .onConflict((conflict) => conflict.column('device_id').doUpdateSet({ at_ms: atMs }))
    .execute()
}

export async function readConsents(db: Kysely<Schema>, id: DeviceId): Promise<readonly ReinstallConsent[]> {
  const rows = await db.selectFrom('reinstall_consents').select('deployment').where('device_id', '=', id).execute()
  return rows.map(({ deployment }) => deployment)
}

/** Undefined: to any deployment. False: it was given already. */
export async function writeConsent(
  db: Kysely<Schema>,
  id: DeviceId,
  deploymentId: DeploymentId | undefined,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('reinstall_consents')
    .values({ device_id: id, deployment: deploymentId ?? 'any' })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow()
  return numInsertedOrUpdatedRows !== undefined && numInsertedOrUpdatedRows > 0n
}

/** A run begins in the boot image: consent is used up, whether the client will be heard again nobody knows, and what it told is over. */
export async function forgetClient(db: Kysely<Schema>, id: DeviceId): Promise<void> {
  await db.deleteFrom('clients_heard').where('device_id', '=', id).execute()
  await db.deleteFrom('reinstall_consents').where('device_id', '=', id).execute()
  await db.deleteFrom('occasions').where('device_id', '=', id).execute()
}

/** What the installed system was, the run replaces. */
export function replacedClient({ run, laneRun }: NewRun): DeviceId | undefined {
  return laneRun.where === 'boot-image' ? run.deviceId : undefined
}
