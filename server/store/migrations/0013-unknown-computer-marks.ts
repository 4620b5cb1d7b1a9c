/** Marks of required deployments that have started on computers which are no devices of the site. */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const unknownComputerMarks: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

const statements = [
  `create table unknown_computer_marks (run_id text not null primary key,
    deployment_id text not null references deployments (id) on delete cascade, architecture text not null,
    smbios_guid text, started_at_ms bigint not null)`,
  `create index unknown_computer_marks_by_deployment on unknown_computer_marks (deployment_id)`,
  `create index unknown_computer_marks_by_guid on unknown_computer_marks (smbios_guid)`,
  `create table unknown_computer_addresses (run_id text not null references unknown_computer_marks (run_id) on delete cascade,
    mac_address text not null, primary key (run_id, mac_address))`,
  `create index unknown_computer_addresses_by_address on unknown_computer_addresses (mac_address)`,
]
