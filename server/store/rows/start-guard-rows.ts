/** What holds back starts, and its one row. */

import type { Kysely, Selectable } from 'kysely'
import type { StartGuard } from '../../site/start-guard.ts'
import type { Schema } from '../schema.ts'

export async function readStartGuard(db: Kysely<Schema>): Promise<StartGuard> {
  return toStartGuard(await db.selectFrom('start_guard').selectAll().executeTakeFirstOrThrow())
}

export async function writeStartGuard(
  db: Kysely<Schema>,
  {
    stopped,
    maximumStartsPerHour,
    healthyHours,
    highRiskDefaultSize,
    highRiskMaximumSize,
    secondApprovalAbove,
    siteSystemServers,
  }: StartGuard,
): Promise<void> {
  await db
    .updateTable('start_guard')
    .set({
      stopped_reason: stopped?.reason ?? null,
      stopped_by: stopped?.by ?? null,
      stopped_at_ms: stopped?.atMs ?? null,
      maximum_starts_per_hour: maximumStartsPerHour ?? null,
      healthy_hours: healthyHours,
      high_risk_default_size: highRiskDefaultSize,
      high_risk_maximum_size: highRiskMaximumSize,
      second_approval_above: secondApprovalAbove,
      site_system_servers: siteSystemServers,
    })
    .execute()
}

function toStartGuard(row: Selectable<Schema['start_guard']>): StartGuard {
  const { stopped_reason: reason, stopped_by: by, stopped_at_ms: atMs, maximum_starts_per_hour: maximum } = row
  return {
    ...(reason === null || by === null || atMs === null ? {} : { stopped: { reason, by, atMs } }),
    ...(maximum === null ? {} : { maximumStartsPerHour: maximum }),
    healthyHours: row.healthy_hours,
    highRiskDefaultSize: row.high_risk_default_size,
    highRiskMaximumSize: row.high_risk_maximum_size,
    secondApprovalAbove: row.second_approval_above,
    siteSystemServers: row.site_system_servers,
  }
}

export async function countUnattendedStarts(db: Kysely<Schema>, sinceMs: number): Promise<number> {
  const { count } = await db
    .selectFrom('runs')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('unattended', '=', 1)
    .where('started_at_ms', '>', sinceMs)
    .executeTakeFirstOrThrow()
  return count
}
