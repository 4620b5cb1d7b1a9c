/** The machines of canary rings, and their rows. */

import type { Kysely } from 'kysely'
import type { DeploymentId, RunId } from '../../address/identifiers.ts'
import type { CanaryMember } from '../../targeting/canary.ts'
import type { Schema } from '../schema.ts'

export interface NumberedMember extends CanaryMember {
  readonly deploymentId: DeploymentId
  readonly runId: RunId
}

export async function readCanaryMembers(
  db: Kysely<Schema>,
  ids: readonly DeploymentId[],
): Promise<readonly NumberedMember[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('canary_members')
    .innerJoin('runs', 'runs.id', 'canary_members.run_id')
    .select(['canary_members.deployment_id', 'canary_members.machine', 'canary_members.run_id', 'runs.state'])
    .where('canary_members.deployment_id', 'in', ids)
    .orderBy('canary_members.machine')
    .execute()
  return rows.map((row) => ({
    deploymentId: row.deployment_id,
    machine: row.machine,
    runId: row.run_id,
    state: row.state,
  }))
}

export async function emptyCanaryRing(db: Kysely<Schema>, id: DeploymentId): Promise<void> {
  await db.deleteFrom('canary_members').where('deployment_id', '=', id).execute()
}
