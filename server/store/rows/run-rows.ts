/** Runs, their events and lanes, and their rows. */

import type { Insertable, Kysely, Selectable } from 'kysely'
import type { DeploymentId, RunId } from '../../address/identifiers.ts'
import type { Policy } from '../../contract/agent.ts'
import type { Lane, WatchedEvent } from '../../contract/progress.ts'
import { compiledOnce } from '../compiled-once.ts'
import { decodeJson, encodeJson } from '../json-text.ts'
import type { RunRecord } from '../ports.ts'
import type { Schema } from '../schema.ts'

export async function readRun(db: Kysely<Schema>, id: RunId): Promise<RunRecord | undefined> {
  const row = await db.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? undefined : toRun(row)
}

export type RunWithoutPolicy = Omit<RunRecord, 'policy'>

/** The policy may name ten thousand files, which takes its time to read. */
export async function readRunWithoutPolicy(db: Kysely<Schema>, id: RunId): Promise<RunWithoutPolicy | undefined> {
  const [row] = await rowWithoutPolicy(db, id)
  return row === undefined ? undefined : withoutPolicy(row)
}

const rowWithoutPolicy = compiledOnce(
  (db, id: RunId) =>
    db
      .selectFrom('runs')
      .select([
        'id',
        'deployment_id',
        'device_id',
        'lane',
        'machine_name',
        'state',
        'started_at_ms',
        'ended_at_ms',
        'acknowledged',
        'identity_key',
        'task_sequence_id',
        'task_sequence_revision',
        'run_time_ends_ms',
        'when_time_is_up',
        'monitoring_ended_ms',
      ])
      .where('id', '=', id),
  (id) => [id],
)

export async function readRunPolicy(db: Kysely<Schema>, id: RunId): Promise<Policy | undefined> {
  const row = await db.selectFrom('runs').select('policy').where('id', '=', id).executeTakeFirst()
  return row === undefined ? undefined : decodeJson(row.policy)
}

export async function readUnansweredRun(
  db: Kysely<Schema>,
  identityKey: string,
  deploymentId: DeploymentId,
): Promise<RunRecord | undefined> {
  const row = await db
    .selectFrom('runs')
    .selectAll()
    .where('identity_key', '=', identityKey)
    .where('state', '=', 'running')
    .where('deployment_id', '=', deploymentId)
    .where('acknowledged', '=', 0)
    .executeTakeFirst()
  return row === undefined ? undefined : toRun(row)
}

/** The newest first. */
export async function readRuns(db: Kysely<Schema>, limit: number): Promise<RunRecord[]> {
  const query = db.selectFrom('runs').selectAll().orderBy('started_at_ms', 'desc').orderBy('id').limit(limit)
  return (await query.execute()).map(toRun)
}

export async function readRunEvents(db: Kysely<Schema>, id: RunId, range: EventRange): Promise<WatchedEvent[]> {
  const rows = await db
    .selectFrom('run_events')
    .selectAll()
    .where('run_id', '=', id)
    .where('seq', '>', range.sinceSeq)
    .orderBy('seq')
    .limit(range.limit)
    .execute()
  return rows.map((row) => ({
    seq: row.seq,
    runId: row.run_id,
    receivedAtMs: row.received_at_ms,
    event: decodeJson(row.event),
  }))
}

export interface EventRange {
  readonly sinceSeq: number
  readonly limit: number
}

export interface NumberedLane {
  readonly seq: number
  readonly lane: Lane
}

export async function readLanes(db: Kysely<Schema>): Promise<NumberedLane[]> {
  const rows = await db.selectFrom('lanes').selectAll().orderBy('seq').execute()
  return rows.map((row) => ({ seq: row.seq, lane: decodeJson(row.lane) }))
}

export function toRunRow(run: RunRecord): Insertable<Schema['runs']> {
  return {
    id: run.id,
    deployment_id: run.deploymentId,
    device_id: run.deviceId ?? null,
    lane: run.lane,
    machine_name: run.machineName,
    policy: encodeJson(run.policy),
    state: run.state,
    started_at_ms: run.startedAtMs,
    ended_at_ms: run.endedAtMs ?? null,
    acknowledged: run.acknowledged,
    identity_key: run.identityKey,
    task_sequence_id: run.policy.taskSequenceId,
    task_sequence_revision: run.policy.taskSequenceRevision,
    run_time_ends_ms: run.runTime?.endsAtMs ?? null,
    when_time_is_up: run.runTime?.whenUp ?? null,
    monitoring_ended_ms: run.monitoringEndedAtMs ?? null,
  }
}

export function toRun(row: Selectable<Schema['runs']>): RunRecord {
  return { ...withoutPolicy(row), policy: decodeJson(row.policy) }
}

function withoutPolicy(row: Omit<Selectable<Schema['runs']>, 'policy' | 'unattended'>): RunWithoutPolicy {
  return {
    id: row.id,
    deploymentId: row.deployment_id,
    ...(row.device_id === null ? {} : { deviceId: row.device_id }),
    lane: row.lane,
    machineName: row.machine_name,
    state: row.state,
    startedAtMs: row.started_at_ms,
    ...(row.ended_at_ms === null ? {} : { endedAtMs: row.ended_at_ms }),
    acknowledged: row.acknowledged,
    identityKey: row.identity_key,
    ...(row.run_time_ends_ms === null || row.when_time_is_up === null
      ? {}
      : { runTime: { endsAtMs: row.run_time_ends_ms, whenUp: row.when_time_is_up } }),
    ...(row.monitoring_ended_ms === null ? {} : { monitoringEndedAtMs: row.monitoring_ended_ms }),
  }
}
