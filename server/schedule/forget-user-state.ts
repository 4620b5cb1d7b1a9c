/**
 * Nightly: user state that was restored is removed a day after its release, and what was never completed after a week
 * (S2-052). What is complete and not yet restored stays: it may be the only copy there is.
 */

import type { Job } from './job.ts'

const restoredKeptMs = 24 * 3_600_000
const incompleteKeptMs = 7 * 24 * 3_600_000

export interface UserStateFiles {
  remove(storeId: string): Promise<void>
  /** Of what is on the disk, also of stores whose records are gone: the server was killed between the two. */
  storeIds(): Promise<readonly string[]>
}

export interface UserStateKeeper {
  /** The stores in one of these states since before then, which are forgotten now. */
  forgetStateStores(states: readonly ('capturing' | 'restored')[], beforeMs: number): Promise<readonly string[]>
  stateStoreIds(): Promise<ReadonlySet<string>>
}

export function forgetUserState(store: UserStateKeeper, files: UserStateFiles): Job {
  return {
    name: 'forget user state',
    due: '20 3 * * *',
    async run(nowMs) {
      const forgotten = [
        ...(await store.forgetStateStores(['restored'], nowMs - restoredKeptMs)),
        ...(await store.forgetStateStores(['capturing'], nowMs - incompleteKeptMs)),
      ]
      for (const id of forgotten) await files.remove(id)
      // Folders first: a store that is begun meanwhile has its record before it has a folder.
      const there = await files.storeIds()
      const kept = await store.stateStoreIds()
      for (const id of there) if (!kept.has(id)) await files.remove(id)
      if (forgotten.length === 0) return {}
      return { text: `Removed ${forgotten.length} state stores that were restored or never completed`, fields: {} }
    },
  }
}
