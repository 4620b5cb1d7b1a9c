/**
 * Every minute: a run that takes longer than its task sequence is allowed is stopped, or no longer monitored (S1-078). Which of
 * both was settled at its start. While the server itself was away a run may have ended in time: its machine may say so first.
 */

import type { RunId } from '../address/identifiers.ts'
import { comeBackMs } from './abandon-silent-runs.ts'
import type { Job } from './job.ts'

export interface RunTimeKeeper {
  endOverdueRuns(
    nowMs: number,
  ): Promise<{ readonly stopped: readonly RunId[]; readonly noLongerMonitored: readonly RunId[] }>
}

export function endOverdueRuns(store: RunTimeKeeper, listeningSinceMs: number): Job {
  return {
    name: 'end overdue runs',
    // The limit is in minutes; the question is one read of an index.
    due: '* * * * *',
    async run(nowMs) {
      if (nowMs < listeningSinceMs + comeBackMs) return {}
      const { stopped, noLongerMonitored } = await store.endOverdueRuns(nowMs)
      if (stopped.length + noLongerMonitored.length === 0) return {}
      return { text: 'Runs took longer than they are allowed to', fields: { stopped, noLongerMonitored } }
    },
  }
}
