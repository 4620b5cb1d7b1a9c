/**
 * Runs whose maximum allowed run time is over (S1-078): stopped, or no longer monitored, as their start has settled. A stopped
 * one ends like any that the site gives up: its agent is told with its next report, and ends the step under way.
 */

import { monitoringEndedText } from '../../contract/advance-lane.ts'
import type { RunRecord } from '../ports.ts'
import type { OverdueRuns } from '../upkeep-port.ts'
import { toRun } from '../rows/run-rows.ts'
import { noteEndInRing } from './canary-rings.ts'
import { observe, readLane } from './lanes.ts'
import { laneObservation, laneOf } from './runs.ts'
import { noteGivenUp } from './status-messages.ts'
import type { Writing } from './writing.ts'

export async function endOverdueRuns(writing: Writing, nowMs: number): Promise<OverdueRuns> {
  const rows = await writing.tx
    .selectFrom('runs')
    .leftJoin('debugged_runs', 'debugged_runs.run_id', 'runs.id')
    .selectAll('runs')
    .where('runs.state', '=', 'running')
    // What the debugger holds takes no time.
    .where('debugged_runs.held_since_ms', 'is', null)
    .where((where) =>
      where('run_time_ends_ms', '<=', where(where.val(nowMs), '-', where.fn.coalesce('held_ms', where.val(0)))),
    )
    .where('monitoring_ended_ms', 'is', null)
    .orderBy('run_time_ends_ms')
    .orderBy('id')
    .execute()
  const runs = rows.map(toRun)
  const stopped = runs.filter((run) => run.runTime?.whenUp === 'stop')
  const others = runs.filter((run) => run.runTime?.whenUp !== 'stop')
  for (const run of stopped) await end(writing, run, nowMs)
  for (const run of others) await endMonitoring(writing, run, nowMs)
  return { stopped: stopped.map(({ id }) => id), noLongerMonitored: others.map(({ id }) => id) }
}

async function end(writing: Writing, run: RunRecord, nowMs: number): Promise<void> {
  await writing.tx
    .updateTable('runs')
    .set({ state: 'abandoned', ended_at_ms: nowMs, monitoring_ended_ms: nowMs })
    .where('id', '=', run.id)
    .execute()
  await noteGivenUp(writing, run, nowMs)
  await noteEndInRing(writing, run)
  if (!(await isShown(writing, run))) return
  const observation = { kind: 'run-stopped', runId: run.id, allowedMinutes: allowedMinutes(run) } as const
  await observe(writing, [laneObservation(run, observation, nowMs)])
}

async function endMonitoring(writing: Writing, run: RunRecord, nowMs: number): Promise<void> {
  await writing.tx.updateTable('runs').set({ monitoring_ended_ms: nowMs }).where('id', '=', run.id).execute()
  if (!(await isShown(writing, run))) return
  const text = monitoringEndedText(allowedMinutes(run))
  await observe(writing, [laneObservation(run, { kind: 'note', text }, nowMs)])
}

/** The lane may show a later run of its machine by now. */
async function isShown(writing: Writing, run: RunRecord): Promise<boolean> {
  return (await readLane(writing, laneOf(run)))?.run?.runId === run.id
}

/** Of a run that waits with its restart for a window it counts from there (http/agent/run-time.ts). */
function allowedMinutes({ runTime, startedAtMs, policy }: RunRecord): number {
  const beginsAtMs = Math.max(startedAtMs, policy.restartWindows?.[0]?.startsAtMs ?? startedAtMs)
  return Math.round(((runTime?.endsAtMs ?? beginsAtMs) - beginsAtMs) / 60_000)
}
