/** Observations become lanes: every machine that something was noticed about has one row, numbered by its last change. */

import { sql } from 'kysely'
import { advanceLane } from '../../contract/advance-lane.ts'
import type { DeviceId } from '../../address/identifiers.ts'
import type { Lane, LaneId, Observed } from '../../contract/progress.ts'
import { compiledOnce } from '../compiled-once.ts'
import { decodeJson, encodeJson } from '../json-text.ts'
import type { Schema } from '../schema.ts'
import { takeNumbers } from './counters.ts'
import type { Writing } from './writing.ts'

/** In the order given; a lane that several observations concern is written once, with one number. */
export async function observe(writing: Writing, observed: readonly Observed[]): Promise<void> {
  const lanes = new Map<LaneId, Lane>()
  for (const one of observed) {
    const before = lanes.get(one.lane) ?? (await readLane(writing, one.lane))
    // Moved to the end, so that the numbers follow the order of the last changes.
    lanes.delete(one.lane)
    lanes.set(one.lane, advanceLane(before, one))
  }
  if (lanes.size === 0) return
  let seq = await takeNumbers(writing, 'watch', lanes.size)
  for (const lane of lanes.values()) {
    await upsertLane(writing.tx, { id: lane.id, seq, lane: encodeJson(lane) })
    writing.changes.lanes.push({ seq, lane })
    seq += 1
  }
}

/** Of the lanes of a device, which are few: its cards, and those that it had. */
export async function rewriteLanes(writing: Writing, id: DeviceId, change: (lane: Lane) => Lane): Promise<void> {
  const rows = await writing.tx
    .selectFrom('lanes')
    .select('lane')
    .where(sql<boolean>`lane like ${`%"deviceId":"${id}"%`}`)
    .execute()
  for (const row of rows) await changeLane(writing, decodeJson(row.lane).id, change)
}

export async function changeLane(writing: Writing, id: LaneId, change: (lane: Lane) => Lane): Promise<void> {
  const before = await readLane(writing, id)
  if (before === undefined) return
  const lane = change(before)
  const seq = await takeNumbers(writing, 'watch', 1)
  await upsertLane(writing.tx, { id, seq, lane: encodeJson(lane) })
  writing.changes.lanes.push({ seq, lane })
}

export async function readLane({ tx }: Writing, id: LaneId): Promise<Lane | undefined> {
  const [row] = await laneText(tx, id)
  return row === undefined ? undefined : decodeJson(row.lane)
}

const laneText = compiledOnce(
  (db, id: LaneId) => db.selectFrom('lanes').select('lane').where('id', '=', id),
  (id) => [id],
)

const upsertLane = compiledOnce(
  (db, row: Schema['lanes']) =>
    db
      .insertInto('lanes')
      .values(row)
      .onConflict((conflict) =>
        conflict
          .column('id')
          .doUpdateSet((given) => ({ seq: given.ref('excluded.seq'), lane: given.ref('excluded.lane') })),
      ),
  ({ id, seq, lane }) => [id, seq, lane],
)
