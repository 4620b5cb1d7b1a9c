/** Hourly: sessions and tokens whose time is over are deleted, with the tickets of runs that ended long ago. */

import type { Job } from './job.ts'

export interface ForgetfulStore {
  forgetExpired(nowMs: number): Promise<Forgotten>
}

/** How many there were of each. */
export interface Forgotten {
  readonly pageSessions: number
  readonly agentSessions: number
  readonly runTokens: number
  readonly resumeTickets: number
}

export function forgetExpired(store: ForgetfulStore): Job {
  return {
    name: 'forget expired sessions',
    // They are refused from the instant of their end; an hour later only their room matters.
    due: '10 * * * *',
    async run(nowMs) {
      const forgotten = await store.forgetExpired(nowMs)
      const some = Object.values(forgotten).some((count) => count > 0)
      return some ? { text: 'Deleted expired sessions, tokens and tickets', fields: { ...forgotten } } : {}
    },
  }
}
