/** State stores and their rows. */

import type { Kysely, Selectable } from 'kysely'
import type { RunId } from '../../address/identifiers.ts'
import type { StateStoreRecord } from '../ports.ts'
import type { Schema } from '../schema.ts'

type Row = Selectable<Schema['state_stores']>

export async function readStateStore(db: Kysely<Schema>, id: string): Promise<StateStoreRecord | undefined> {
  const row = await db.selectFrom('state_stores').selectAll().where('id', '=', id).executeTakeFirst()
  return row && fromRow(row)
}

export async function readStateStoresOfRun(db: Kysely<Schema>, runId: RunId): Promise<readonly StateStoreRecord[]> {
  const rows = await db.selectFrom('state_stores').selectAll().where('run_id', '=', runId).execute()
  return rows.map((row) => fromRow(row))
}

export async function readNewestStateStore(
  db: Kysely<Schema>,
  { deviceId, lane }: Pick<StateStoreRecord, 'deviceId' | 'lane'>,
  states: readonly StateStoreRecord['state'][],
): Promise<StateStoreRecord | undefined> {
  const wanted = db.selectFrom('state_stores').selectAll().where('state', 'in', states)
  const own =
    deviceId === undefined
      ? wanted.where('device_id', 'is', null).where('lane', '=', lane)
      : wanted.where('device_id', '=', deviceId)
  const row = await own.orderBy('created_at_ms', 'desc').orderBy('id').limit(1).executeTakeFirst()
  return row && fromRow(row)
}

export function toRow(store: StateStoreRecord): Row {
  return {
    id: store.id,
    run_id: store.runId,
    device_id: store.deviceId ?? null,
    lane: store.lane,
    machine_name: store.machineName,
    state: store.state,
    store_key: store.key,
    chunks: store.chunks,
    restoring_run_id: store.restoringRunId ?? null,
    created_at_ms: store.createdAtMs,
    changed_at_ms: store.changedAtMs,
  }
}

function fromRow(row: Row): StateStoreRecord {
  return {
    id: row.id,
    runId: row.run_id,
    ...(row.device_id === null ? {} : { deviceId: row.device_id }),
    lane: row.lane,
    machineName: row.machine_name,
    state: row.state,
    key: row.store_key,
    chunks: row.chunks,
    ...(row.restoring_run_id === null ? {} : { restoringRunId: row.restoring_run_id }),
    createdAtMs: row.created_at_ms,
    changedAtMs: row.changed_at_ms,
  }
}
