/** Runs and marks of one deployment, by the thousand: read in pages, each from an index that has all of it, so that others are served between. */

import { setImmediate } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import type { DeploymentId, DeviceId, RunId } from '../../address/identifiers.ts'
import type { RunRecord } from '../ports.ts'
import type { Schema } from '../schema.ts'

export interface RunOfDeployment {
  readonly id: RunId
  readonly deviceId: DeviceId | undefined
  readonly lane: string
  readonly machineName: string
  readonly state: RunRecord['state']
  readonly startedAtMs: number
  readonly endedAtMs: number | undefined
}

/** A page takes two milliseconds. */
const rowsPerPage = 1_000

/** By device, or by lane where the computer was none: what started last there. */
export interface LastRuns {
  readonly ofDevices: ReadonlyMap<DeviceId, RunOfDeployment>
  readonly ofUnknownComputers: ReadonlyMap<string, RunOfDeployment>
}

export async function readLastRuns(db: Kysely<Schema>, id: DeploymentId): Promise<LastRuns> {
  const ofDevices = new Map<DeviceId, RunOfDeployment>()
  const ofUnknownComputers = new Map<string, RunOfDeployment>()
  let last: RunOfDeployment | undefined
  do {
    const page = await readPage(db, id, last)
    for (const run of page) {
      if (run.deviceId === undefined) ofUnknownComputers.set(run.lane, run)
      else ofDevices.set(run.deviceId, run)
    }
    last = page.length < rowsPerPage ? undefined : page.at(-1)
    await setImmediate()
  } while (last !== undefined)
  return { ofDevices, ofUnknownComputers }
}

async function readPage(
  db: Kysely<Schema>,
  id: DeploymentId,
  after: Pick<RunOfDeployment, 'startedAtMs' | 'id'> | undefined,
): Promise<readonly RunOfDeployment[]> {
  let query = db
    .selectFrom('runs')
    .select(['id', 'device_id', 'lane', 'machine_name', 'state', 'started_at_ms', 'ended_at_ms'])
    .where('deployment_id', '=', id)
  if (after !== undefined) {
    const { startedAtMs } = after
    query = query
      .where('started_at_ms', '>=', startedAtMs)
      .where((where) => where.or([where('started_at_ms', '>', startedAtMs), where('id', '>', after.id)]))
  }
  const rows = await query.orderBy('started_at_ms').orderBy('id').limit(rowsPerPage).execute()
  return rows.map((row) => ({
    id: row.id,
    deviceId: row.device_id ?? undefined,
    lane: row.lane,
    machineName: row.machine_name,
    state: row.state,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms ?? undefined,
  }))
}

/** Devices that a required deployment has started on, and that nobody has cleared. */
export async function readMarkedDevices(db: Kysely<Schema>, id: DeploymentId): Promise<ReadonlySet<DeviceId>> {
  const marked = new Set<DeviceId>()
  let last: DeviceId | undefined
  do {
    let query = db.selectFrom('required_pxe_marks').select('device_id').where('deployment_id', '=', id)
    if (last !== undefined) query = query.where('device_id', '>', last)
    const page = await query.orderBy('device_id').limit(rowsPerPage).execute()
    for (const row of page) marked.add(row.device_id)
    last = page.length < rowsPerPage ? undefined : page.at(-1)?.device_id
    await setImmediate()
  } while (last !== undefined)
  return marked
}
