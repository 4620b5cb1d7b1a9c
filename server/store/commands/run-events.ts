/** Events of runs: kept once each, in order, without gaps (I1, I2, I3). */

import type { RunId } from '../../address/identifiers.ts'
import type { Policy, RunEvent } from '../../contract/agent.ts'
import { isSilent } from '../../contract/status-message.ts'
import { assert } from '../../assert.ts'
import { compiledOnce } from '../compiled-once.ts'
import { encodeJson } from '../json-text.ts'
import type { RunRecord } from '../ports.ts'
import { readRunPolicy, readRunWithoutPolicy, type RunWithoutPolicy } from '../rows/run-rows.ts'
import type { Schema } from '../schema.ts'
import { takeNumbers } from './counters.ts'
import { noteEndInRing } from './canary-rings.ts'
import { noteDebugger } from './debugged-runs.ts'
import { observe, readLane } from './lanes.ts'
import { laneObservation, laneOf } from './runs.ts'
import type { KeptEvents } from '../provisioning-port.ts'
import { provisionDevice } from './provision-device.ts'
import { noteStatusMessages } from './status-messages.ts'
import type { Writing } from './writing.ts'

export interface AddEvents {
  readonly runId: RunId
  readonly events: readonly RunEvent[]
  readonly receivedAtMs: number
  /** Of one run. */
  readonly eventsMax: number
}

export async function addEvents(
  writing: Writing,
  { runId, events, receivedAtMs, eventsMax }: AddEvents,
): Promise<KeptEvents | 'event-gap' | 'too-many-events'> {
  const run = await readRunWithoutPolicy(writing.tx, runId)
  assert(run !== undefined, `no run ${runId}`)
  const whole = wholeRun(writing, run)
  const fresh = events.filter((event) => event.sequence > run.acknowledged)
  if (fresh.some((event, index) => event.sequence !== run.acknowledged + 1 + index)) return 'event-gap'
  const last = fresh.at(-1)
  if (last === undefined) return { acknowledged: run.acknowledged }
  const end = endOf(run, fresh, receivedAtMs)
  if (last.sequence > eventsMax && end.state === undefined) return 'too-many-events'
  const firstSeq = await takeNumbers(writing, 'watch', fresh.length)
  for (const [index, event] of fresh.entries()) {
    const seq = firstSeq + index
    const row = { run_id: runId, sequence: event.sequence, seq, received_at_ms: receivedAtMs, event: encodeJson(event) }
    await insertEvent(writing.tx, row)
    if (!isSilent(event.body))
      await noteStatusMessages(writing, await whole(), { seq, body: event.body, atMs: receivedAtMs })
    writing.changes.events.push({ seq, runId, receivedAtMs, event })
  }
  await noteDebugger(writing, { runId, bodies: fresh.map(({ body }) => body), receivedAtMs })
  await updateRun(writing, run, { acknowledged: last.sequence, ...end })
  if (end.state !== undefined) await noteEndInRing(writing, run)
  const observations = fresh.map(({ body }) => laneObservation(run, { kind: 'run-event', body }, receivedAtMs))
  // Late events of a run are kept, but the lane shows the run that its machine has started since.
  const lane = await readLane(writing, laneOf(run))
  if (lane?.run === undefined || lane.run.runId === run.id) await observe(writing, observations)
  const provisioned =
    end.state === 'succeeded' ? await provisionDevice(writing, await whole(), computerNameIn(fresh)) : undefined
  return { acknowledged: last.sequence, ...(provisioned === undefined ? {} : { provisioned }) }
}

function computerNameIn(events: readonly RunEvent[]): string | undefined {
  return events.flatMap(({ body }) => (body.kind === 'sequence-ended' ? (body.computerName ?? []) : []))[0]
}

interface RunChange {
  readonly acknowledged: number
  readonly state?: RunRecord['state']
  readonly ended_at_ms?: number
}

/** Its policy is read for the events that need it, once. */
function wholeRun({ tx }: Writing, run: RunWithoutPolicy): () => Promise<RunRecord> {
  let policy: Promise<Policy | undefined> | undefined
  return async () => {
    const known = await (policy ??= readRunPolicy(tx, run.id))
    assert(known !== undefined, `no policy of run ${run.id}`)
    return { ...run, policy: known }
  }
}

function endOf(
  run: RunWithoutPolicy,
  events: readonly RunEvent[],
  receivedAtMs: number,
): Omit<RunChange, 'acknowledged'> {
  if (run.state !== 'running') return {}
  for (const { body } of events) {
    if (body.kind === 'sequence-ended') return { state: body.outcome.kind, ended_at_ms: receivedAtMs }
  }
  return {}
}

async function updateRun({ tx }: Writing, { id }: RunWithoutPolicy, change: RunChange): Promise<void> {
  const { acknowledged } = change
  if (change.state === undefined) await acknowledge(tx, { id, acknowledged })
  else await tx.updateTable('runs').set(change).where('id', '=', id).execute()
}

const acknowledge = compiledOnce(
  (db, { id, acknowledged }: { readonly id: RunId; readonly acknowledged: number }) =>
    db.updateTable('runs').set({ acknowledged }).where('id', '=', id),
  ({ id, acknowledged }) => [acknowledged, id],
)

const insertEvent = compiledOnce(
  (db, row: Schema['run_events']) => db.insertInto('run_events').values(row),
  (row) => [row.run_id, row.sequence, row.seq, row.received_at_ms, row.event],
)
