/**
 * The tables, as Kysely sees them. Made by migrations/; portable to PostgreSQL: times and counters are 64-bit integers,
 * truth values are 0 or 1, documents are JSON in text columns, and no statement depends on the order of rows.
 * Columns ending in `_folded` hold a name as it is compared (names.ts).
 */

import type { Generated } from 'kysely'
import type {
  CollectionId,
  DeploymentId,
  DeploymentTemplateId,
  DeviceId,
  DistributionPointGroupId,
  PackageId,
  RunId,
  TaskSequenceFolderId,
} from '../address/identifiers.ts'
import type { Ipv4Address } from '../address/ipv4-address.ts'
import type { MacAddress } from '../address/mac-address.ts'
import type { SmbiosGuid } from '../address/smbios-guid.ts'
import type { Hardware, Hello, Policy, RunEvent } from '../contract/agent.ts'
import type { DebuggerState } from '../contract/debugger-state.ts'
import type { Lane, LaneId } from '../contract/progress.ts'
import type { Lease } from '../dhcp/lease.ts'
import type { DebugCommand } from '../sequence/debug.ts'
import type { TaskSequence } from '../sequence/task-sequence.ts'
import type { TaskSequenceObject } from '../sequence/task-sequence-object.ts'
import type { TaskSequenceSettings } from '../sequence/task-sequence-settings.ts'
import type { BootArchitecture, BootImage } from '../site/boot-image.ts'
import type { ClientSchedule } from '../site/client-schedule.ts'
import type { Collection } from '../site/collection.ts'
import type { ContentFile } from '../site/content.ts'
import type { ContentObjectKind } from '../site/content-object.ts'
import type { MakeAvailableTo, Purpose, SecondApproval } from '../site/deployment.ts'
import type { DeploymentOptions } from '../site/deployment-options.ts'
import type { TemplateSettings } from '../site/deployment-template.ts'
import type { MaintenanceWindow } from '../site/maintenance-window.ts'
import type { WhenTimeIsUp } from '../site/maximum-run-time.ts'
import type { DriverIndex } from '../site/driver-index.ts'
import type { Inventory, KeptInventory } from '../site/inventory.ts'
import type { OperatingSystemImage } from '../site/operating-system-image.ts'
import type { SiteSystemServerCheck } from '../site/start-guard.ts'
import type { SiteVariable } from '../site/site-variable.ts'
import type { FieldChange } from '../site/describe-change.ts'
import type { ReinstallConsent } from '../targeting/healthy-machine.ts'
import type { AuditAction, AuditedKind } from './audit-port.ts'
import type { DistributionSchema } from './distribution-schema.ts'
import type { JsonText } from './json-text.ts'
import type { NewToken, RunRecord, StateStoreRecord } from './ports.ts'

export interface Schema extends DistributionSchema {
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
  clients_heard: { device_id: DeviceId; at_ms: number }
  wake_ups: { deployment_id: DeploymentId; device_id: DeviceId; due_at_ms: number }
  reinstall_consents: { device_id: DeviceId; deployment: ReinstallConsent }
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

export type Flag = 0 | 1

interface DeviceTable {
  id: DeviceId
  name: string
  name_folded: string
  smbios_guid: SmbiosGuid | null
  serial_number: string | null
  variables: JsonText<readonly SiteVariable[]>
  created_at_ms: number
  revision: number
}

interface UnknownComputerMarkTable {
  run_id: RunId
  deployment_id: DeploymentId
  architecture: BootArchitecture
  smbios_guid: SmbiosGuid | null
  started_at_ms: number
}

interface CollectionTable {
  id: CollectionId
  name: string
  name_folded: string
  description: string
  kind: Collection['kind']
  /** Everything that says who is a member but the devices listed by name. */
  rules: JsonText<CollectionRuleLists>
  limiting_collection_id: CollectionId | null
  maintenance_windows: JsonText<readonly MaintenanceWindow[]>
  variables: JsonText<readonly SiteVariable[]>
  variable_priority: number
  default_distribution_point_groups: JsonText<readonly DistributionPointGroupId[]>
  revision: number
}

export type CollectionRuleLists = Pick<Collection, 'unknownComputers' | 'includes' | 'excludes' | 'queries'>

interface BootImageTable {
  id: PackageId
  name: string
  name_folded: string
  description: string
  architecture: BootImage['architecture']
  kind: BootImage['kind']
  enabled_for_pxe: Flag
  kernel_arguments: JsonText<readonly string[]>
  revision: number
}

interface OperatingSystemImageTable {
  id: PackageId
  name: string
  name_folded: string
  description: string
  architecture: OperatingSystemImage['architecture']
  format: OperatingSystemImage['format']
  revision: number
}

interface ContentObjectTable {
  id: PackageId
  kind: ContentObjectKind
  name: string
  name_folded: string
  /** Everything but the other columns and the content. */
  definition: JsonText<object>
  revision: number
}

interface TaskSequenceTable {
  id: PackageId
  name: string
  name_folded: string
  boot_image_id: PackageId | null
  enabled: Flag
  sequence: JsonText<TaskSequence>
  revision: number
  settings: JsonText<TaskSequenceSettings>
  folder_id: TaskSequenceFolderId | null
}

interface TaskSequenceFolderTable {
  id: TaskSequenceFolderId
  name: string
  name_folded: string
  parent_id: TaskSequenceFolderId | null
  revision: number
}

interface TaskSequenceRevisionTable {
  task_sequence_id: PackageId
  revision: number
  /** Null, and nobody's: made before revisions were kept. */
  changed_at_ms: number | null
  changed_by: string | null
  comment: string
  object: JsonText<TaskSequenceObject>
}

interface TaskSequenceLockTable {
  task_sequence_id: PackageId
  holder_key: string
  holder_name: string
  token_sha256: string
  taken_at_ms: number
  expires_at_ms: number
}

interface DeploymentTable {
  id: DeploymentId
  task_sequence_id: PackageId
  collection_id: CollectionId
  purpose: Purpose
  make_available_to: MakeAvailableTo
  comment: string
  enabled: Flag
  available_at_ms: number
  expires_at_ms: number | null
  client_schedule: JsonText<ClientSchedule>
  /** Those that were written; the others are as a new deployment has them. */
  options: JsonText<Partial<DeploymentOptions>>
  risk_accepted_by: string | null
  second_approval: JsonText<SecondApproval> | null
  created_at_ms: number
  revision: number
  obey_schedule_in_boot_image: Flag
  canary_machines: number | null
  canary_failures_max: number | null
  reinstall_healthy: Flag
}

interface DeploymentTemplateTable {
  id: DeploymentTemplateId
  name: string
  name_folded: string
  description: string
  settings: JsonText<TemplateSettings>
  revision: number
}

interface LeaseTable {
  address: Ipv4Address
  client_key: string
  mac_address: MacAddress | null
  relay_information: string | null
  host_name: string | null
  state: Lease['state']
  expires_at_ms: number
}

interface RunTokenTable {
  token_sha256: string
  run_id: RunId
  idle_ms: number
  expires_at_ms: number
  used_at_ms: number
  /** Whether anything was asked with it; until then the ticket that bought it stays good. */
  used: Flag
}

interface TokenTable {
  sha256: string
  kind: NewToken['kind']
  name: string
  created_at_ms: number
  idle_ms: number | null
  expires_at_ms: number | null
  used_at_ms: number
}

interface AgentSessionTable {
  identity_key: string
  nonce: string
  sealing_key: string
  server_nonce: string
  hardware: JsonText<Hardware>
  ip_address: string
  device_id: DeviceId | null
  approved: Flag
  code: string
  created_at_ms: number
  expires_at_ms: number
  heard_at_ms: number
  started_from: Hello['startedFrom']
}

interface AuditTable {
  number: number
  at_ms: number
  by_name: string | null
  action: AuditAction
  object_kind: AuditedKind
  object_id: string
  object_name: string
  changes: JsonText<readonly FieldChange[]>
}

/** One row. */
interface StartGuardTable {
  id: 1
  stopped_reason: string | null
  stopped_by: string | null
  stopped_at_ms: number | null
  maximum_starts_per_hour: number | null
  high_risk_default_size: number
  high_risk_maximum_size: number
  second_approval_above: number
  site_system_servers: SiteSystemServerCheck
  healthy_hours: number
}

interface StateStoreTable {
  id: string
  run_id: RunId
  device_id: DeviceId | null
  lane: string
  machine_name: string
  state: StateStoreRecord['state']
  store_key: string
  chunks: number
  restoring_run_id: RunId | null
  created_at_ms: number
  changed_at_ms: number
}

interface DebuggedRunTable {
  run_id: RunId
  state: JsonText<DebuggerState>
  /** Null: it is not held now. */
  held_since_ms: number | null
  /** How long it was held before that, in all. */
  held_ms: number
}

interface DebugCommandTable {
  run_id: RunId
  number: number
  command: JsonText<DebugCommand>
  given_by: string
  given_at_ms: number
}

interface RunTable {
  id: RunId
  deployment_id: DeploymentId
  device_id: DeviceId | null
  lane: string
  machine_name: string
  policy: JsonText<Policy>
  state: RunRecord['state']
  started_at_ms: number
  ended_at_ms: number | null
  acknowledged: number
  identity_key: string
  /** Of the policy, so that the revision is kept as long as the run. */
  task_sequence_id: PackageId | null
  task_sequence_revision: number | null
  run_time_ends_ms: number | null
  when_time_is_up: WhenTimeIsUp | null
  monitoring_ended_ms: number | null
  /** It began without a person. */
  unattended: Generated<Flag>
}
