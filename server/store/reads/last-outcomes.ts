/** How the newest run of each deployment on a device ended: what rerun behaviours ask (S5-024). */

import type { Kysely } from 'kysely'
import type { DeploymentId, DeviceId } from '../../address/identifiers.ts'
import type { Schema } from '../schema.ts'

/** One that was given up is a failure; one that goes on has no outcome. */
export async function readLastOutcomes(
  db: Kysely<Schema>,
  id: DeviceId,
): Promise<ReadonlyMap<DeploymentId, 'succeeded' | 'failed'>> {
  const rows = await db
    .selectFrom('runs')
    .select(['deployment_id', 'state'])
    .where('device_id', '=', id)
    .orderBy('started_at_ms')
    .execute()
  const newest = new Map(rows.map(({ deployment_id, state }) => [deployment_id, state]))
  return new Map(
    [...newest].flatMap(([deployment, state]) =>
      state === 'running' ? [] : [[deployment, state === 'succeeded' ? 'succeeded' : 'failed'] as const],
    ),
  )
}
