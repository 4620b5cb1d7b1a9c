/** A deployment and its row. */

import type { Insertable, Kysely, Selectable } from 'kysely'
import type { DeploymentId } from '../../address/identifiers.ts'
import type { Deployment } from '../../site/deployment.ts'
import { defaultDeploymentOptions, optionsOf } from '../../site/deployment-options.ts'
import { decodeJson, encodeJson } from '../json-text.ts'
import type { Schema } from '../schema.ts'

export async function readDeployments(db: Kysely<Schema>): Promise<Deployment[]> {
  const rows = await db.selectFrom('deployments').selectAll().orderBy('id').execute()
  return rows.map(toDeployment)
}

export async function readDeployment(db: Kysely<Schema>, id: DeploymentId): Promise<Deployment | undefined> {
  const row = await db.selectFrom('deployments').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? undefined : toDeployment(row)
}

export async function writeDeployment(db: Kysely<Schema>, deployment: Deployment): Promise<void> {
  const row = toRow(deployment)
  await db
    .insertInto('deployments')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute()
}

export function toDeployment(row: Selectable<Schema['deployments']>): Deployment {
  return {
    ...defaultDeploymentOptions,
    ...decodeJson(row.options),
    id: row.id,
    taskSequenceId: row.task_sequence_id,
    collectionId: row.collection_id,
    purpose: row.purpose,
    makeAvailableTo: row.make_available_to,
    comment: row.comment,
    enabled: row.enabled === 1,
    availableAtMs: row.available_at_ms,
    ...(row.expires_at_ms === null ? {} : { expiresAtMs: row.expires_at_ms }),
    obeyScheduleInBootImage: row.obey_schedule_in_boot_image === 1,
    ...(row.risk_accepted_by === null ? {} : { riskAcceptedBy: row.risk_accepted_by }),
    ...(row.second_approval === null ? {} : { secondApproval: decodeJson(row.second_approval) }),
    clientSchedule: decodeJson(row.client_schedule),
    ...(row.canary_machines === null || row.canary_failures_max === null
      ? {}
      : { canary: { machines: row.canary_machines, failuresMax: row.canary_failures_max } }),
    ...(row.reinstall_healthy === 1 ? { reinstallHealthy: true } : {}),
    createdAtMs: row.created_at_ms,
    revision: row.revision,
  }
}

function toRow(deployment: Deployment): Insertable<Schema['deployments']> {
  return {
    id: deployment.id,
    task_sequence_id: deployment.taskSequenceId,
    collection_id: deployment.collectionId,
    purpose: deployment.purpose,
    make_available_to: deployment.makeAvailableTo,
    comment: deployment.comment,
    enabled: deployment.enabled ? 1 : 0,
    available_at_ms: deployment.availableAtMs,
    expires_at_ms: deployment.expiresAtMs ?? null,
    obey_schedule_in_boot_image: deployment.obeyScheduleInBootImage ? 1 : 0,
    risk_accepted_by: deployment.riskAcceptedBy ?? null,
    second_approval: deployment.secondApproval === undefined ? null : encodeJson(deployment.secondApproval),
    client_schedule: encodeJson(deployment.clientSchedule),
    options: encodeJson(optionsOf(deployment)),
    canary_machines: deployment.canary?.machines ?? null,
    canary_failures_max: deployment.canary?.failuresMax ?? null,
    reinstall_healthy: deployment.reinstallHealthy === true ? 1 : 0,
    created_at_ms: deployment.createdAtMs,
    revision: deployment.revision,
  }
}
