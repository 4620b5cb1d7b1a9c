/** For which time devices were woken, and the rows of that. */

import type { Kysely } from 'kysely'
import type { DeploymentId, DeviceId } from '../../address/identifiers.ts'
import type { Schema } from '../schema.ts'
import type { WokenUp } from '../wake-up-port.ts'

export async function readWokenFor(db: Kysely<Schema>, id: DeploymentId): Promise<ReadonlyMap<DeviceId, number>> {
  const rows = await db
    .selectFrom('wake_ups')
    .select(['device_id', 'due_at_ms'])
    .where('deployment_id', '=', id)
    .execute()
  return new Map(rows.map((row) => [row.device_id, row.due_at_ms]))
}

export async function writeWokenUp(db: Kysely<Schema>, { deploymentId, deviceId, dueAtMs }: WokenUp): Promise<void> {
  await db
    .insertInto('wake_ups')
    .columns(['deployment_id', 'device_id', 'due_at_ms'])
    .expression((query) =>
      query
        .selectFrom(['deployments', 'devices'])
        .select((select) => ['deployments.id', 'devices.id', select.val(dueAtMs).as('due_at_ms')])
        .where('deployments.id', '=', deploymentId)
        .where('devices.id', '=', deviceId),
    )
    .onConflict((conflict) => conflict.columns(['deployment_id', 'device_id']).doUpdateSet({ due_at_ms: dueAtMs }))
    .execute()
}
