/** Of many changes what watchers need: each lane once, in its newest state, or as forgotten. */

import type { ForgottenLane, Lane, LaneId } from './progress.ts'

interface NumberedLane {
  readonly seq: number
  readonly lane: Lane
}

export interface NewestOfLanes {
  readonly lanes: readonly NumberedLane[]
  readonly forgotten: readonly ForgottenLane[]
}

/** Both in the order of their numbers. */
export function newestOfLanes(lanes: readonly NumberedLane[], forgotten: readonly ForgottenLane[]): NewestOfLanes {
  const newest = new Map<LaneId, NumberedLane>()
  for (const row of lanes) {
    // Moved to the end.
    newest.delete(row.lane.id)
    newest.set(row.lane.id, row)
  }
  const gone = new Map<LaneId, ForgottenLane>()
  for (const one of forgotten) {
    const known = newest.get(one.id)
    if (known !== undefined && known.seq > one.seq) continue
    newest.delete(one.id)
    gone.set(one.id, one)
  }
  return { lanes: [...newest.values()], forgotten: [...gone.values()] }
}
