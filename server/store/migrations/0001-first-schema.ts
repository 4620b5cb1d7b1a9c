/**
 * The first schema, and what every site has from its first day: its code, the counters of identifiers, and the two
 * built-in collections. Plain SQL that SQLite and PostgreSQL read alike. Migrations only go forward; this one is
 * never edited after a release.
 */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { firstNumber, printIdentifier } from '../../address/identifiers.ts'
import type { SiteCode } from '../../address/identifiers.ts'

/** Where the field's resource numbers of computers begin. */
const firstDeviceId = 16_777_217

const builtInCollections = [
  { name: 'All Systems', kind: 'all-systems', description: 'Every device of the site' },
  { name: 'All Unknown Computers', kind: 'all-unknown-computers', description: 'Computers that are not in the site' },
] as const

export function firstSchema(siteCode: SiteCode): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      for (const statement of statements) await sql.raw(statement).execute(db)
      await firstRows(db, siteCode)
    },
  }
}

const named = `id text not null primary key, name text not null, name_folded text not null unique`

const objectTables = [
  `create table site (site_code text not null primary key)`,
  `create table counters (name text not null primary key, next bigint not null)`,
  `create table devices (${named}, smbios_guid text, serial_number text, variables text not null,
    created_at_ms bigint not null, revision bigint not null)`,
  `create table device_mac_addresses (mac_address text not null primary key,
    device_id text not null references devices (id) on delete cascade, position bigint not null)`,
  `create table collections (${named}, description text not null, kind text not null, variables text not null,
    variable_priority bigint not null, revision bigint not null)`,
  `create table collection_members (collection_id text not null references collections (id) on delete cascade,
    device_id text not null references devices (id), position bigint not null, primary key (collection_id, device_id))`,
  `create table boot_images (${named}, description text not null, architecture text not null, kind text not null,
    enabled_for_pxe bigint not null, kernel_arguments text not null, revision bigint not null)`,
  `create table operating_system_images (${named}, description text not null, architecture text not null,
    format text not null, revision bigint not null)`,
  `create table content_versions (content_id text not null, version bigint not null, files text not null,
    primary key (content_id, version))`,
  `create table task_sequences (${named}, boot_image_id text references boot_images (id), enabled bigint not null,
    sequence text not null, revision bigint not null)`,
  `create table task_sequence_references (task_sequence_id text not null references task_sequences (id) on delete cascade,
    package_id text not null, primary key (task_sequence_id, package_id))`,
  `create table deployments (id text not null primary key, task_sequence_id text not null references task_sequences (id),
    collection_id text not null references collections (id), purpose text not null, make_available_to text not null,
    comment text not null, enabled bigint not null, available_at_ms bigint not null, expires_at_ms bigint,
    created_at_ms bigint not null, revision bigint not null)`,
  `create table required_pxe_marks (device_id text not null references devices (id) on delete cascade,
    deployment_id text not null references deployments (id) on delete cascade, started_at_ms bigint not null,
    primary key (device_id, deployment_id))`,
]

const accessTables = [
  `create table leases (address text not null primary key, client_key text not null, mac_address text, relay_information text,
    host_name text, state text not null, expires_at_ms bigint not null)`,
  `create table administrators (name_folded text not null primary key, name text not null, password_phc text not null)`,
  `create table tokens (sha256 text not null primary key, kind text not null, name text not null,
    created_at_ms bigint not null, idle_ms bigint, expires_at_ms bigint, used_at_ms bigint not null)`,
  `create table agent_sessions (identity_key text not null, nonce text not null, sealing_key text not null,
    server_nonce text not null, hardware text not null, ip_address text not null, device_id text,
    approved bigint not null, code text not null, created_at_ms bigint not null, expires_at_ms bigint not null,
    primary key (identity_key, nonce))`,
  `create table agent_session_tokens (token_sha256 text not null primary key, identity_key text not null,
    nonce text not null, issued bigint not null,
    foreign key (identity_key, nonce) references agent_sessions (identity_key, nonce) on delete cascade)`,
  `create table agent_counters (identity_key text not null primary key, counter bigint not null)`,
]

const runTables = [
  // A run outlives its device and its deployment: what happened stays on record.
  `create table runs (id text not null primary key, deployment_id text not null, device_id text, lane text not null,
    machine_name text not null, policy text not null, state text not null, started_at_ms bigint not null,
    ended_at_ms bigint, acknowledged bigint not null, identity_key text not null)`,
  `create table run_tokens (token_sha256 text not null primary key, run_id text not null references runs (id) on delete cascade,
    idle_ms bigint not null, expires_at_ms bigint not null, used_at_ms bigint not null,
    used integer not null)`,
  `create table resume_tickets (ticket_sha256 text not null primary key,
    run_id text not null references runs (id) on delete cascade, used_by_key text)`,
  // Unique by run and sequence: an event sent twice is kept once (I2).
  `create table run_events (run_id text not null references runs (id) on delete cascade, sequence bigint not null,
    seq bigint not null unique, received_at_ms bigint not null, event text not null, primary key (run_id, sequence))`,
  `create table lanes (id text not null primary key, seq bigint not null unique, lane text not null)`,
]

const indexes = [
  `create index collections_by_kind on collections (kind)`,
  `create index devices_by_smbios_guid on devices (smbios_guid)`,
  `create index mac_addresses_by_device on device_mac_addresses (device_id)`,
  `create index members_by_device on collection_members (device_id)`,
  `create index references_by_package on task_sequence_references (package_id)`,
  `create index task_sequences_by_boot_image on task_sequences (boot_image_id)`,
  `create index deployments_by_collection on deployments (collection_id)`,
  `create index deployments_by_task_sequence on deployments (task_sequence_id)`,
  `create index marks_by_deployment on required_pxe_marks (deployment_id)`,
  `create index session_tokens_by_session on agent_session_tokens (identity_key, nonce)`,
  `create index sessions_by_code on agent_sessions (code)`,
  `create index runs_by_lane on runs (lane, state)`,
  `create index runs_by_device on runs (device_id, state)`,
  `create index runs_by_start on runs (started_at_ms)`,
  `create index run_tokens_by_run on run_tokens (run_id)`,
  `create index resume_tickets_by_run on resume_tickets (run_id)`,
  `create index run_events_by_seq on run_events (run_id, seq)`,
]

const statements = [...objectTables, ...accessTables, ...runTables, ...indexes]

async function firstRows(db: Kysely<unknown>, siteCode: SiteCode): Promise<void> {
  await sql`insert into site (site_code) values (${siteCode})`.execute(db)
  const counters = {
    device: firstDeviceId,
    package: firstNumber.package,
    collection: firstNumber.collection + builtInCollections.length,
    deployment: firstNumber.deployment,
    watch: 1,
    'session-token': 1,
  }
  for (const [name, next] of Object.entries(counters)) {
    await sql`insert into counters (name, next) values (${name}, ${next})`.execute(db)
  }
  for (const [position, { name, kind, description }] of builtInCollections.entries()) {
    const id = printIdentifier(siteCode, firstNumber.collection + position)
    await sql`insert into collections
      (id, name, name_folded, description, kind, variables, variable_priority, revision)
      values (${id}, ${name}, ${name.toLowerCase()}, ${description}, ${kind}, '[]', 1, 1)`.execute(db)
  }
}
