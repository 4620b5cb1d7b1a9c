/**
 * The rules that hold back starts of runs (site/start-guard.ts), each a question with a reason for an answer. Asked when a boot is
 * decided and when an agent says hello, and once more in the transaction that starts a run, where nothing comes in between.
 */

import type { StartGuard } from '../site/start-guard.ts'

/** Why something does not start now, in the words of each reader. */
export interface Guarded {
  /** For the machine's screen: nothing of what an administrator wrote or deployed (security A07). */
  readonly publicText: string
  /** For administrators: the page, the log, the preview. */
  readonly reason: string
}

/** Undefined: runs may start. */
export function whyStopped({ stopped }: StartGuard): Guarded | undefined {
  if (stopped === undefined) return undefined
  return {
    publicText: 'No task sequence starts at this site for now: an administrator has stopped all starts.',
    reason: `${stopped.by} has stopped all starts: ${stopped.reason}`,
  }
}

/** How long a start counts. */
export const countedMs = 3_600_000

/** `begun`: how many runs began in the last hour without a person. Undefined: there is room for one more. */
export function whyNoTurn({ maximumStartsPerHour }: StartGuard, begun: number): Guarded | undefined {
  if (maximumStartsPerHour === undefined || begun < maximumStartsPerHour) return undefined
  return {
    publicText: 'This machine waits for its turn and starts by itself.',
    reason: `it waits for its turn: ${begun} runs began in the last hour, and ${maximumStartsPerHour} may`,
  }
}
