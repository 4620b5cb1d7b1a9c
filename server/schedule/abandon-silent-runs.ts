/**
 * Every minute: a run that was not heard of for longer than the site allows is over, so that none is running for ever (I10).
 * While the server itself was away nobody could be heard; its machines get some time to come back first.
 */

import type { RunId } from '../address/identifiers.ts'
import type { Job } from './job.ts'

/** Agents repeat their reports with a growing pause of at most some minutes. */
export const comeBackMs = 15 * 60_000

export interface RunKeeper {
  abandonSilentRuns(silence: { readonly nowMs: number; readonly silentMs: number }): Promise<readonly RunId[]>
}

export interface AllowedSilence {
  readonly silentMs: number
  /** Since when this server hears its machines. */
  readonly listeningSinceMs: number
}

export function abandonSilentRuns(store: RunKeeper, { silentMs, listeningSinceMs }: AllowedSilence): Job {
  return {
    name: 'abandon silent runs',
    // The page should say so soon after the limit; the question is one read of an index.
    due: '* * * * *',
    async run(nowMs) {
      if (nowMs < listeningSinceMs + comeBackMs) return {}
      const runs = await store.abandonSilentRuns({ nowMs, silentMs })
      if (runs.length === 0) return {}
      return { text: `Gave up ${runs.length} runs that were not heard of any more`, fields: { runs, silentMs } }
    },
  }
}
