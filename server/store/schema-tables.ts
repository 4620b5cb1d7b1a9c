/** The tables with more than a few columns (schema.ts). */

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
import type { Hardware, Hello, Policy, PreferredByAgent } from '../contract/agent.ts'
import type { DebuggerState } from '../contract/debugger-state.ts'
import type { MediumId } from '../contract/medium.ts'
import type { StatusMessageId } from '../contract/status-message.ts'
import type { AlertKind, AlertSeverity } from '../site/alert.ts'
import type { Lease } from '../dhcp/lease.ts'
import type { DebugCommand } from '../sequence/debug.ts'
import type { TaskSequence } from '../sequence/task-sequence.ts'
import type { TaskSequenceObject } from '../sequence/task-sequence-object.ts'
import type { TaskSequenceSettings } from '../sequence/task-sequence-settings.ts'
import type { BootArchitecture, BootImage } from '../site/boot-image.ts'
import type { ClientSchedule } from '../site/client-schedule.ts'
import type { Collection } from '../site/collection.ts'
import type { ContentObjectKind } from '../site/content-object.ts'
import type { MakeAvailableTo, Purpose, SecondApproval } from '../site/deployment.ts'
import type { DeploymentOptions } from '../site/deployment-options.ts'
import type { TemplateSettings } from '../site/deployment-template.ts'
import type { MaintenanceWindow } from '../site/maintenance-window.ts'
import type { WhenTimeIsUp } from '../site/maximum-run-time.ts'
import type { ComputerIdentity } from '../site/unknown-computer-mark.ts'
import type { IdentifierList } from '../site/listed-identifier.ts'
import type { OperatingSystemImage } from '../site/operating-system-image.ts'
import type { SiteSystemServerCheck } from '../site/start-guard.ts'
import type { SiteVariable } from '../site/site-variable.ts'
import type { FieldChange } from '../site/describe-change.ts'
import type { AuditAction, AuditedKind } from './audit-port.ts'
import type { JsonText } from './json-text.ts'
import type { NewToken } from './credentials-port.ts'
import type { RunRecord, StateStoreRecord } from './ports.ts'

import type { Flag } from './schema.ts'

export interface DeviceTable {
  id: DeviceId
  name: string
  name_folded: string
  smbios_guid: SmbiosGuid | null
  serial_number: string | null
  /** As they are compared; null: there is none. */
  serial_number_folded: string | null
  variables: JsonText<readonly SiteVariable[]>
  created_at_ms: number
  revision: number
}

export interface UnknownComputerMarkTable {
  run_id: RunId
  deployment_id: DeploymentId
  architecture: BootArchitecture
  smbios_guid: SmbiosGuid | null
  started_at_ms: number
}

export interface CollectionTable {
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

export interface BootImageTable {
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

export interface OperatingSystemImageTable {
  id: PackageId
  name: string
  name_folded: string
  description: string
  architecture: OperatingSystemImage['architecture']
  format: OperatingSystemImage['format']
  revision: number
}

export interface ContentObjectTable {
  id: PackageId
  kind: ContentObjectKind
  name: string
  name_folded: string
  /** Everything but the other columns and the content. */
  definition: JsonText<object>
  revision: number
}

export interface TaskSequenceTable {
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

export interface TaskSequenceFolderTable {
  id: TaskSequenceFolderId
  name: string
  name_folded: string
  parent_id: TaskSequenceFolderId | null
  revision: number
}

export interface TaskSequenceRevisionTable {
  task_sequence_id: PackageId
  revision: number
  /** Null, and nobody's: made before revisions were kept. */
  changed_at_ms: number | null
  changed_by: string | null
  comment: string
  object: JsonText<TaskSequenceObject>
}

export interface TaskSequenceLockTable {
  task_sequence_id: PackageId
  holder_key: string
  holder_name: string
  token_sha256: string
  taken_at_ms: number
  expires_at_ms: number
}

export interface DeploymentTable {
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

export interface DeploymentTemplateTable {
  id: DeploymentTemplateId
  name: string
  name_folded: string
  description: string
  settings: JsonText<TemplateSettings>
  revision: number
}

/** By which an unknown computer will be found as a device, should its run succeed. */
export type RunIdentity = ComputerIdentity & { readonly serialNumber?: string }

export interface ListedIdentifierTable {
  list: IdentifierList
  identifier: string
  comment: string
  /** Null: the site itself. */
  by_name: string | null
  at_ms: number
}

export interface LeaseTable {
  address: Ipv4Address
  client_key: string
  mac_address: MacAddress | null
  relay_information: string | null
  host_name: string | null
  state: Lease['state']
  expires_at_ms: number
}

export interface RunTokenTable {
  token_sha256: string
  run_id: RunId
  idle_ms: number
  expires_at_ms: number
  used_at_ms: number
  /** Whether anything was asked with it; until then the ticket that bought it stays good. */
  used: Flag
}

export interface TokenTable {
  sha256: string
  kind: NewToken['kind']
  name: string
  created_at_ms: number
  idle_ms: number | null
  expires_at_ms: number | null
  used_at_ms: number
}

export interface AgentSessionTable {
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
  medium_id: MediumId | null
  preferred: JsonText<PreferredByAgent> | null
}

export interface AuditTable {
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
export interface StartGuardTable {
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

export interface StateStoreTable {
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

export interface AlertTable {
  id: number
  kind: AlertKind
  cause: string
  severity: AlertSeverity
  deployment_id: DeploymentId | null
  text: string
  raised_at_ms: number
  cleared_at_ms: number | null
  acknowledged_at_ms: number | null
  acknowledged_by: string | null
}

/** Which events of runs are status messages, for queries; `seq` is the event's, or a number of its own when the site made it. */
export interface StatusMessageTable {
  seq: number
  message_id: StatusMessageId
  run_id: RunId
  deployment_id: DeploymentId
  device_id: DeviceId | null
  at_ms: number
}

export interface DebuggedRunTable {
  run_id: RunId
  state: JsonText<DebuggerState>
  /** Null: it is not held now. */
  held_since_ms: number | null
  /** How long it was held before that, in all. */
  held_ms: number
}

export interface DebugCommandTable {
  run_id: RunId
  number: number
  command: JsonText<DebugCommand>
  given_by: string
  given_at_ms: number
}

export interface RunTable {
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
