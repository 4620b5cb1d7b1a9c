/** The hourly tidying: page sessions and agents whose time is over, tickets of runs that ended long ago, and the oldest of the audit. */

import { forgetOldAudit } from './audit.ts'
import type { Forgotten } from '../upkeep-port.ts'
import { forgetExpiredAgents } from './forget-expired-agents.ts'
import { forgetRunIdentities } from '../rows/run-identity-rows.ts'
import type { Writing } from './writing.ts'

/**
 * A machine that was away over a holiday and comes back with the ticket of an ended run is told that its run ended. Tickets of
 * running runs stay, also used ones: by them a copy of the disk is recognised.
 */
const ticketsKeptMs = 30 * 24 * 3_600_000

export async function forgetExpired({ tx }: Writing, nowMs: number): Promise<Forgotten> {
  const pageSessions = await tx
    .deleteFrom('tokens')
    .where('kind', '=', 'page-session')
    .where((where) =>
      where.or([
        where('expires_at_ms', '<=', nowMs),
        where(where('used_at_ms', '+', where.ref('idle_ms')), '<=', nowMs),
      ]),
    )
    .executeTakeFirst()
  const endedRuns = tx
    .selectFrom('runs')
    .select('id')
    .where('state', '!=', 'running')
    .where('ended_at_ms', '<=', nowMs - ticketsKeptMs)
  const tickets = await tx.deleteFrom('resume_tickets').where('run_id', 'in', endedRuns).executeTakeFirst()
  await forgetOldAudit({ tx, nowMs })
  await forgetRunIdentities(tx)
  return {
    pageSessions: Number(pageSessions.numDeletedRows),
    ...(await forgetExpiredAgents({ tx, nowMs })),
    resumeTickets: Number(tickets.numDeletedRows),
  }
}
