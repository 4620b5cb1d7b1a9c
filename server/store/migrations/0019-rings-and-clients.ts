/**
 * Canary rings of deployments: how large each is, and the machines in it with the run that counts. When clients in installed
 * systems were heard, and who consented to install a machine anew all the same.
 */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const ringsAndClients: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

const statements = [
  `alter table deployments add column canary_machines integer`,
  `alter table deployments add column canary_failures_max integer`,
  `create table canary_members (deployment_id text not null references deployments (id) on delete cascade,
    machine text not null, run_id text not null, primary key (deployment_id, machine))`,
  `create index canary_members_by_run on canary_members (run_id)`,
  `alter table deployments add column reinstall_healthy integer not null default 0`,
  `alter table start_guard add column healthy_hours integer not null default 24`,
  `create table clients_heard (device_id text not null primary key references devices (id) on delete cascade,
    at_ms bigint not null)`,
  `create table reinstall_consents (device_id text not null references devices (id) on delete cascade,
    deployment text not null, primary key (device_id, deployment))`,
]
