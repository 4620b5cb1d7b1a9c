/** An alert and its row. */

import type { Kysely, Selectable } from 'kysely'
import type { Alert, AlertState } from '../../site/alert.ts'
import type { AlertQuery } from '../alert-port.ts'
import type { Schema } from '../schema.ts'

/** The newest first. */
export async function readAlerts(db: Kysely<Schema>, { state, limit, offset }: AlertQuery): Promise<readonly Alert[]> {
  const query = ofState(db, state).selectAll().orderBy('id', 'desc').limit(limit).offset(offset)
  return (await query.execute()).map(toAlert)
}

export async function readLiveAlerts(db: Kysely<Schema>): Promise<readonly Alert[]> {
  const rows = await db.selectFrom('alerts').selectAll().where('cleared_at_ms', 'is', null).orderBy('id').execute()
  return rows.map(toAlert)
}

export async function readAlert(db: Kysely<Schema>, id: number): Promise<Alert | undefined> {
  const row = await db.selectFrom('alerts').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? undefined : toAlert(row)
}

export async function countRaisedAlerts(db: Kysely<Schema>): Promise<number> {
  const counted = ofState(db, 'raised').select((alert) => alert.fn.countAll<number>().as('count'))
  return (await counted.executeTakeFirst())?.count ?? 0
}

function ofState(db: Kysely<Schema>, state: AlertState | undefined) {
  const alerts = db.selectFrom('alerts')
  switch (state) {
    case undefined:
      return alerts
    case 'cleared':
      return alerts.where('cleared_at_ms', 'is not', null)
    case 'acknowledged':
      return alerts.where('cleared_at_ms', 'is', null).where('acknowledged_at_ms', 'is not', null)
    case 'raised':
      return alerts.where('cleared_at_ms', 'is', null).where('acknowledged_at_ms', 'is', null)
    default:
      return state satisfies never
  }
}

function toAlert(row: Selectable<Schema['alerts']>): Alert {
  return {
    id: row.id,
    kind: row.kind,
    cause: row.cause,
    severity: row.severity,
    ...(row.deployment_id === null ? {} : { deploymentId: row.deployment_id }),
    text: row.text,
    raisedAtMs: row.raised_at_ms,
    ...(row.cleared_at_ms === null ? {} : { clearedAtMs: row.cleared_at_ms }),
    ...(row.acknowledged_at_ms === null || row.acknowledged_by === null
      ? {}
      : { acknowledged: { by: row.acknowledged_by, atMs: row.acknowledged_at_ms } }),
  }
}
