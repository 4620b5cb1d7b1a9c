/** Many changes of lanes made into one: what a watcher ends up with is the same. */

import test from 'ava'
import * as fc from 'fast-check'
import { newestOfLanes } from '../../server/contract/newest-of-lanes.ts'
import type { ForgottenLane, Lane, LaneId } from '../../server/contract/progress.ts'

const ids = ['52:54:00:00:00:01', '52:54:00:00:00:02', '52:54:00:00:00:03'] as LaneId[]

function laneOf(id: LaneId, name: string): Lane {
  const times = { startedAtMs: 0, changedAtMs: 0, stageStartedAtMs: 0 }
  return { id, name, stage: 'dhcp', condition: 'moving', text: '', lines: [], ...times }
}

test('whoever is told the newest of many changes knows what the one knows who was told each', (t) => {
  const change = fc.record({ id: fc.constantFrom(...ids), isForgotten: fc.boolean() })
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
      const told = new Map<LaneId, number>()
      const lanes: { seq: number; lane: Lane }[] = []
      const forgotten: ForgottenLane[] = []
      for (const [index, { id, isForgotten }] of changes.entries()) {
        const seq = index + 1
        if (isForgotten) told.delete(id)
        else told.set(id, seq)
        if (isForgotten) forgotten.push({ seq, id })
        else lanes.push({ seq, lane: laneOf(id, `as of ${seq}`) })
      }
      const newest = newestOfLanes(lanes, forgotten)
      const inOrder = [...told].toSorted(([, one], [, other]) => one - other)
      t.deepEqual(
        newest.lanes.map(({ seq, lane }) => [lane.id, seq]),
        inOrder,
      )
      const gone = newest.forgotten.map(({ id }) => id)
      t.is(new Set(gone).size, gone.length)
      t.true(gone.every((id) => !told.has(id)))
      // Whoever saw it before must be told that it is gone.
      for (const id of ids) t.is(gone.includes(id), !told.has(id) && changes.some((one) => one.id === id))
    }),
  )
})
