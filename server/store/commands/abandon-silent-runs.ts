/**
 * Ends runs whose machines fell silent for good, so that none is running for ever (I10). A run is heard of when it starts,
 * whenever its token is used, when it comes back after a restart (which gives it a new token), and with each event.
 */

import type { RunId } from '../../address/identifiers.ts'
import type { RunRecord } from '../ports.ts'
import type { Silence } from '../upkeep-port.ts'
import { readRun } from '../rows/run-rows.ts'
import { noteEndInRing } from './canary-rings.ts'
import { observe, readLane } from './lanes.ts'
import { laneObservation, laneOf } from './runs.ts'
import { noteGivenUp } from './status-messages.ts'
import type { Writing } from './writing.ts'

export async function abandonSilentRuns(writing: Writing, { nowMs, silentMs }: Silence): Promise<readonly RunId[]> {
  const abandoned: RunId[] = []
  for (const id of await runsSilentSince(writing, nowMs - silentMs)) {
    const lastEventMs = await lastEventAt(writing, id)
    if (lastEventMs !== undefined && lastEventMs > nowMs - silentMs) continue
    const run = await readRun(writing.tx, id)
    if (run === undefined) continue
    await abandon(writing, run, { nowMs, silentMs })
    abandoned.push(id)
  }
  return abandoned
}

/** Tokens are forgotten some time after their end, so their absence says nothing; events have the last word. */
async function runsSilentSince({ tx }: Writing, sinceMs: number): Promise<readonly RunId[]> {
  const rows = await tx
    .selectFrom('runs')
    .select('id')
    .where('state', '=', 'running')
    .where('started_at_ms', '<=', sinceMs)
    .where('id', 'not in', tx.selectFrom('run_tokens').select('run_id').where('used_at_ms', '>', sinceMs))
    .orderBy('started_at_ms')
    .execute()
  return rows.map((row) => row.id)
}

async function lastEventAt({ tx }: Writing, id: RunId): Promise<number | undefined> {
  const newest = tx.selectFrom('run_events').select('received_at_ms').where('run_id', '=', id)
  return (await newest.orderBy('seq', 'desc').limit(1).executeTakeFirst())?.received_at_ms
}

async function abandon(writing: Writing, run: RunRecord, { nowMs, silentMs }: Silence): Promise<void> {
  await writing.tx
    .updateTable('runs')
    .set({ state: 'abandoned', ended_at_ms: nowMs })
    .where('id', '=', run.id)
    .execute()
  await noteGivenUp(writing, run, nowMs)
  await noteEndInRing(writing, run)
  const lane = await readLane(writing, laneOf(run))
  if (lane?.run?.runId !== run.id) return
  await observe(writing, [laneObservation(run, { kind: 'run-abandoned', runId: run.id, silentMs }, nowMs)])
}
