/**
 * Nightly: user state that was restored is removed a day after its release, and what was never completed after a week
 * (S2-052). What is complete and not yet restored stays: it may be the only copy there is.
 */

import type { Job } from './job.ts'

const restoredKeptMs = 24 * 3_600_000
const incompleteKeptMs = 7 * 24 * 3_600_000

export interface UserStateRecords {
  forgetStateStores(
    states: readonly ('capturing' | 'captured' | 'restored')[],
    unchangedSinceMs: number,
  ): Promise<readonly string[]>
  stateStoreIds(): Promise<ReadonlySet<string>>
}

export interface UserStateFiles {
  remove(storeId: string): Promise<void>
  removeOthers(kept: ReadonlySet<string>): Promise<void>
}

export function forgetUserState(store: UserStateRecords, files: UserStateFiles): Job {
  return {
    name: 'forget user state',
    due: '20 3 * * *',
    async run(nowMs) {
      const forgotten = [
        ...(await store.forgetStateStores(['restored'], nowMs - restoredKeptMs)),
        ...(await store.forgetStateStores(['capturing', 'captured'], nowMs - incompleteKeptMs)),
      ]
      for (const id of forgotten) await files.remove(id)
      await files.removeOthers(await store.stateStoreIds())
      if (forgotten.length === 0) return {}
      return { text: `Removed ${forgotten.length} state stores that were restored or never completed`, fields: {} }
    },
  }
}
