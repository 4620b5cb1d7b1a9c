/**
 * The tables, as Kysely sees them. Made by migrations/; portable to PostgreSQL: times and counters are 64-bit integers,
 * truth values are 0 or 1, documents are JSON in text columns, and no statement depends on the order of rows.
 * Columns ending in `_folded` hold a name as it is compared (names.ts).
 */

import type { CollectionId, DeploymentId, DeviceId, PackageId, RunId } from '../address/identifiers.ts'
import type { MacAddress } from '../address/mac-address.ts'
import type { RunEvent } from '../contract/agent.ts'
import type { Lane, LaneId } from '../contract/progress.ts'
import type { ContentFile } from '../site/content.ts'
import type { DriverIndex } from '../site/driver-index.ts'
import type { Inventory, KeptInventory } from '../site/inventory.ts'
import type { Occasion } from '../site/client-schedule.ts'
import type { ReinstallConsent } from '../targeting/healthy-machine.ts'
import type { DistributionSchema } from './distribution-schema.ts'
import type { JsonText } from './json-text.ts'
import type { MediumSchema } from './medium-schema.ts'

import type {
  DeviceTable,
  UnknownComputerMarkTable,
  CollectionTable,
  BootImageTable,
  OperatingSystemImageTable,
  ContentObjectTable,
  TaskSequenceTable,
  TaskSequenceFolderTable,
  TaskSequenceRevisionTable,
  TaskSequenceLockTable,
  DeploymentTable,
  DeploymentTemplateTable,
  RunIdentity,
  ListedIdentifierTable,
  LeaseTable,
  RunTokenTable,
  TokenTable,
  AgentSessionTable,
  AuditTable,
  StartGuardTable,
  StateStoreTable,
  AlertTable,
  StatusMessageTable,
  DebuggedRunTable,
  DebugCommandTable,
  RunTable,
} from './schema-tables.ts'

export interface Schema extends DistributionSchema, MediumSchema {
  site: { site_code: string }
  counters: { name: CounterName; next: number }
  devices: DeviceTable
  device_mac_addresses: { mac_address: MacAddress; device_id: DeviceId; position: number }
  device_inventories: {
    device_id: DeviceId
    inventory: JsonText<Inventory>
    heard_at_ms: number
    ip_address: string
    started_from: KeptInventory['startedFrom']
  }
  site_settings: { id: 1; provision_unknown: Flag; provision_into: JsonText<readonly CollectionId[]> }
  unknown_runs: { run_id: RunId; identity: JsonText<RunIdentity> }
  told_addresses: { mac_address: MacAddress; device_id: DeviceId }
  required_pxe_marks: { device_id: DeviceId; deployment_id: DeploymentId; started_at_ms: number }
  unknown_computer_marks: UnknownComputerMarkTable
  unknown_computer_addresses: { run_id: RunId; mac_address: MacAddress }
  collections: CollectionTable
  collection_members: { collection_id: CollectionId; device_id: DeviceId; position: number }
  boot_images: BootImageTable
  operating_system_images: OperatingSystemImageTable
  content_objects: ContentObjectTable
  driver_indexes: { content_id: PackageId; version: number; driver_index: JsonText<DriverIndex> }
  content_versions: { content_id: PackageId; version: number; files: JsonText<readonly ContentFile[]> }
  task_sequences: TaskSequenceTable
  task_sequence_references: { task_sequence_id: PackageId; package_id: PackageId }
  task_sequence_folders: TaskSequenceFolderTable
  task_sequence_revisions: TaskSequenceRevisionTable
  task_sequence_locks: TaskSequenceLockTable
  deployments: DeploymentTable
  deployment_templates: DeploymentTemplateTable
  canary_members: { deployment_id: DeploymentId; machine: string; run_id: RunId }
  occasions: { device_id: DeviceId; occasion: Occasion; at_ms: number }
  clients_heard: { device_id: DeviceId; at_ms: number }
  wake_ups: { deployment_id: DeploymentId; device_id: DeviceId; due_at_ms: number }
  reinstall_consents: { device_id: DeviceId; deployment: ReinstallConsent }
  listed_identifiers: ListedIdentifierTable
  unmarked_identifiers: { identifier: string }
  leases: LeaseTable
  administrators: { name_folded: string; name: string; password_phc: string }
  tokens: TokenTable
  agent_sessions: AgentSessionTable
  agent_session_tokens: { token_sha256: string; identity_key: string; nonce: string; issued: number }
  agent_counters: { identity_key: string; counter: number }
  runs: RunTable
  run_tokens: RunTokenTable
  resume_tickets: { ticket_sha256: string; run_id: RunId; used_by_key: string | null }
  run_events: { run_id: RunId; sequence: number; seq: number; received_at_ms: number; event: JsonText<RunEvent> }
  status_messages: StatusMessageTable
  alerts: AlertTable
  judged_success_alerts: { deployment_id: DeploymentId; cause: string }
  lanes: { id: LaneId; seq: number; lane: JsonText<Lane> }
  state_stores: StateStoreTable
  debugged_runs: DebuggedRunTable
  audit_entries: AuditTable
  start_guard: StartGuardTable
  debug_commands: DebugCommandTable
  debug_variables: { run_id: RunId; name_folded: string; name: string; value: string; secret: Flag }
}

/**
 * `watch` is the count that lanes and events of runs share (contract/progress.ts). `forgotten` is what `watch` was when lanes
 * were forgotten last; a site that never forgot one has no such row.
 */
export type CounterName =
  | 'device'
  | 'package'
  | 'collection'
  | 'deployment'
  | 'deployment-template'
  | 'distribution-point'
  | 'distribution-point-group'
  | 'task-sequence-folder'
  | 'watch'
  | 'forgotten'
  | 'session-token'
  | 'audit'
  | 'alert'

export type Flag = 0 | 1
