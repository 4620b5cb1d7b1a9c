/**
 * Runs and marks of a deployment are read by the thousand for its status: from indexes that hold all that is asked, because a row of
 * `runs` has the whole policy before its state.
 */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const statusOfDeployments: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

const statements = [
  `create index runs_of_deployment on runs
    (deployment_id, started_at_ms, id, device_id, lane, machine_name, state, ended_at_ms)`,
  `drop index marks_by_deployment`,
  `create index marks_by_deployment on required_pxe_marks (deployment_id, device_id)`,
]
