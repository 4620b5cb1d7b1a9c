/** From where each agent was started: known after a restart of the server, too, and what makes the approval of a client last. */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const lastingClients: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table agent_sessions add column started_from text not null default 'boot-image'`.execute(db)
  },
}
