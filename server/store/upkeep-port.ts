/** What the clock's jobs ask of the store. */

import type { RunId } from '../address/identifiers.ts'

export interface Upkeep {
  /** Deletes what nobody can use any more. */
  forgetExpired(nowMs: number): Promise<Forgotten>
  /** Deletes lanes of machines that the site does not know and that ran nothing; says how many. */
  forgetStrangers(nowMs: number): Promise<number>
  /** Ends running runs that were not heard of since then; their lanes say so. */
  abandonSilentRuns(silence: Silence): Promise<readonly RunId[]>
  /** Stops runs whose time is up, or ends their monitoring; their lanes say so (S1-078). */
  endOverdueRuns(nowMs: number): Promise<OverdueRuns>
}

export interface OverdueRuns {
  readonly stopped: readonly RunId[]
  readonly noLongerMonitored: readonly RunId[]
}

/** How many there were of each. */
export interface Forgotten {
  readonly pageSessions: number
  readonly agentSessions: number
  readonly runTokens: number
  readonly resumeTickets: number
}

export interface Silence {
  readonly nowMs: number
  readonly silentMs: number
}
