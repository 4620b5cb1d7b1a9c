/**
 * The questions others may ask of the store, as small interfaces; each caller takes only the ones it needs.
 * Every write resolves after its transaction (of a lease: its record in the journal) is on the disk (group commit of at most 20 ms), so an answer sent
 * afterwards acknowledges something that a kill cannot undo.
 */

import type {
  CollectionId,
  DeploymentId,
  DeploymentTemplateId,
  DeviceId,
  DistributionPointGroupId,
  DistributionPointId,
  PackageId,
  RunId,
  TaskSequenceFolderId,
} from '../address/identifiers.ts'
import type { BootFacts } from '../boot/boot-facts.ts'
import type { PxeClient } from '../boot/pxe-client.ts'
import type { Hardware, Hello, Policy, PreferredByAgent, RunEvent } from '../contract/agent.ts'
import type { MediumId } from '../contract/medium.ts'
import type { ForgottenLane, Lane, LaneRun, Observed, WatchedEvent } from '../contract/progress.ts'
import type { Lease } from '../dhcp/lease.ts'
import type { KeptTaskSequence, TaskSequenceObject, TaskSequenceRevision } from '../sequence/task-sequence-object.ts'
import type { Application } from '../site/application.ts'
import type { BootImage } from '../site/boot-image.ts'
import type { Collection } from '../site/collection.ts'
import type { ContentFile, Sha256 } from '../site/content.ts'
import type { Deployment } from '../site/deployment.ts'
import type { DeploymentTemplate } from '../site/deployment-template.ts'
import type { Device } from '../site/device.ts'
import type { DistributionPoint, DistributionPointGroup } from '../site/distribution-point.ts'
import type { EditLock, Editor, LockAnswer, LockRequest } from '../site/edit-lock.ts'
import type { WhenTimeIsUp } from '../site/maximum-run-time.ts'
import type { TaskSequenceFolder } from '../site/task-sequence-folder.ts'
import type { DriverIndex } from '../site/driver-index.ts'
import type { DriverPackage } from '../site/driver-package.ts'
import type { OperatingSystemImage } from '../site/operating-system-image.ts'
import type { OperatingSystemUpgradePackage } from '../site/operating-system-upgrade-package.ts'
import type { Package } from '../site/package.ts'
import type { Alerts } from './alert-port.ts'
import type { Audit } from './audit-port.ts'
import type { CanaryRings } from './canary-port.ts'
import type { UnknownComputerMark } from '../site/unknown-computer-mark.ts'
import type { Credentials } from './credentials-port.ts'
import type { DebuggedRuns } from './debugger-port.ts'
import type { DeviceRecords } from './device-records-port.ts'
import type { KeptEvents, SiteSettingsStore } from './provisioning-port.ts'
import type { IdentifierListing } from './identifier-list-port.ts'
import type { Distribution } from './distribution-port.ts'
import type { DeviceImports } from './import-port.ts'
import type { Media } from './media-port.ts'
import type { ClientHistory, RequiredPxeMarks } from './marks-port.ts'
import type { StartGuards, StartRefusal } from './start-guard-port.ts'
import type { DeploymentStatuses } from './deployment-status-port.ts'
import type { StatusMessages } from './status-port.ts'
import type { Upkeep } from './upkeep-port.ts'
import type { Memberships } from './membership-port.ts'
import type { WakeUps } from './wake-up-port.ts'
import type { WorkingStore } from './load-port.ts'

/** A write that can be refused. `revision-mismatch`: somebody else edited first (If-Match). */
export type Edit<T> =
  | { readonly kind: 'saved'; readonly value: T }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'revision-mismatch'; readonly current: T }
  /** In the administrator's words: what stands in the way, such as "deployment RVL20001 uses it". */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Somebody else has it open for editing (S1-095); of task sequences only. */
  | { readonly kind: 'locked'; readonly lock: EditLock }

/** Fields the store gives itself. */
type Given = 'id' | 'revision' | 'createdAtMs' | 'requiredPxeMarks' | 'content' | 'inventory'
export type Draft<T> = Omit<T, Given>

/** One kind of site object. `revision` undefined: edit whatever is there. */
export interface Objects<Id, T> {
  list(): Promise<readonly T[]>
  get(id: Id): Promise<T | undefined>
  create(draft: Draft<T>): Promise<Edit<T>>
  replace(id: Id, draft: Draft<T>, revision: number | undefined): Promise<Edit<T>>
  remove(id: Id, revision: number | undefined): Promise<Edit<T>>
}

/** Who edits, and why; the revision that the edit makes says so for good. Absent: the server itself. */
export interface EditOrigin {
  readonly editor: Editor
  readonly comment?: string
}

/** Edits of a task sequence are refused as `locked` while another editor's lock stands. */
export interface TaskSequences extends Objects<PackageId, TaskSequenceObject> {
  create(draft: Draft<TaskSequenceObject>, origin?: EditOrigin): Promise<Edit<TaskSequenceObject>>
  replace(
    id: PackageId,
    draft: Draft<TaskSequenceObject>,
    revision: number | undefined,
    origin?: EditOrigin,
  ): Promise<Edit<TaskSequenceObject>>
  remove(id: PackageId, revision: number | undefined, origin?: EditOrigin): Promise<Edit<TaskSequenceObject>>
  /** What is as wanted already makes no revision. */
  amend(amendment: TaskSequenceAmendment, origin?: EditOrigin): Promise<Edit<TaskSequenceObject>>
  /** Everything but the folder; without a name it gets one that is free. */
  copy(id: PackageId, name?: string, origin?: EditOrigin): Promise<Edit<TaskSequenceObject>>
  /** Those that are kept, newest first. */
  revisions(id: PackageId): Promise<readonly TaskSequenceRevision[]>
  revision(id: PackageId, revision: number): Promise<KeptTaskSequence | undefined>
  /** Also one whose time is over. */
  editLock(id: PackageId): Promise<EditLock | undefined>
  takeEditLock(id: PackageId, request: LockRequest): Promise<LockAnswer | { readonly kind: 'not-found' }>
  /** Undefined: it is gone, or there was none. A lock: it is another editor's, and stays. */
  discardEditLock(id: PackageId, editor: Editor): Promise<EditLock | undefined>
}

export interface TaskSequenceAmendment {
  readonly id: PackageId
  readonly revision: number | undefined
  readonly enabled?: boolean
  /** Null: the root folder. */
  readonly folderId?: TaskSequenceFolderId | null
}

export interface ContentAddition {
  /** The version has the files below it, in place of those that were there, and the other files of the newest version. */
  readonly folder?: string
  readonly driverIndex?: DriverIndex
}

export interface SiteObjects {
  readonly devices: Objects<DeviceId, Device>
  readonly collections: Objects<CollectionId, Collection>
  readonly bootImages: Objects<PackageId, BootImage>
  readonly operatingSystemImages: Objects<PackageId, OperatingSystemImage>
  readonly taskSequences: TaskSequences
  readonly taskSequenceFolders: Objects<TaskSequenceFolderId, TaskSequenceFolder>
  readonly operatingSystemUpgradePackages: Objects<PackageId, OperatingSystemUpgradePackage>
  readonly packages: Objects<PackageId, Package>
  readonly driverPackages: Objects<PackageId, DriverPackage>
  readonly applications: Objects<PackageId, Application>
  readonly deployments: Objects<DeploymentId, Deployment>
  readonly distributionPoints: Objects<DistributionPointId, DistributionPoint>
  readonly distributionPointGroups: Objects<DistributionPointGroupId, DistributionPointGroup>
  readonly deploymentTemplates: Objects<DeploymentTemplateId, DeploymentTemplate>
  /** Adds a version to whatever has content; blobs are in the library already. */
  addContent(
    id: PackageId,
    files: readonly ContentFile[],
    addition?: ContentAddition,
  ): Promise<Edit<{ readonly version: number }>>
  /** Of the newest version of a driver package's content; undefined: it has none. */
  driverIndex(id: PackageId): Promise<DriverIndex | undefined>
  /**
   * Files of a given version of a boot image, also of an older one than the newest. Undefined: there is none, or it is content
   * that is for running task sequences only; anybody on the network may read what this names (security A03).
   */
  bootImageFiles(id: PackageId, version: number): Promise<readonly ContentFile[] | undefined>
  /** Every hash that a version of any object names, also an older version than the newest. */
  keptContent(): Promise<ReadonlySet<Sha256>>
}

export interface BootFactsSource {
  /** One indexed read; the only wait on the way of a packet, and none for what is remembered. */
  about(client: PxeClient): BootFacts | Promise<BootFacts>
}

export interface LeaseStore {
  leases(): Promise<readonly Lease[]>
  /** Resolves when kept for good: an ACK follows it. */
  saveLease(lease: Lease): Promise<void>
}

/** A machine's session after hello; bound to its key. */
export interface AgentSession {
  readonly tokenSha256: string
  readonly identityKey: string
  readonly sealingKey: string
  readonly nonce: string
  readonly serverNonce: string
  readonly hardware: Hardware
  readonly ipAddress: string
  readonly deviceId?: DeviceId
  readonly approved: boolean
  readonly code: string
  readonly createdAtMs: number
  readonly expiresAtMs: number
  readonly startedFrom: Hello['startedFrom']
  /** Whose claim was found right. */
  readonly mediumId?: MediumId
  readonly preferred?: PreferredByAgent
}

export interface RunRecord {
  readonly id: RunId
  readonly deploymentId: DeploymentId
  readonly deviceId?: DeviceId
  readonly lane: string
  readonly machineName: string
  readonly policy: Policy
  readonly state: 'running' | 'succeeded' | 'failed' | 'abandoned'
  readonly startedAtMs: number
  readonly endedAtMs?: number
  readonly acknowledged: number
  readonly identityKey: string
  /** When its maximum allowed run time is over, and what happens then (S1-078). */
  readonly runTime?: { readonly endsAtMs: number; readonly whenUp: WhenTimeIsUp }
  /** It ran longer than it was allowed to. */
  readonly monitoringEndedAtMs?: number
}

/** What the agent's routes need. A refusal is a value. */
export interface AgentStore {
  /**
   * The same identity key and nonce give the same session again. `replayed`: the counter of the hello did not grow;
   * `too-many`: so many machines that nobody approved are heard, there or from this address, that none makes room.
   */
  addSession(session: AgentSession, counter: number): Promise<AgentSession | 'replayed' | 'too-many'>
  /** Only to see whose signature it must be: nothing is checked or changed. */
  sessionOfToken(tokenSha256: string): Promise<AgentSession | undefined>
  /** Checks and advances the counter of the token's key in one transaction. */
  useSession(
    tokenSha256: string,
    counter: number,
    nowMs: number,
  ): Promise<AgentSession | 'unknown-token' | 'replayed' | 'expired'>
  approveSession(code: string): Promise<AgentSession | undefined>
  listSessions(): Promise<readonly AgentSession[]>
  /**
   * Creates the run, sets the one-shot mark when the deployment is required, ends the machine's older live runs as abandoned.
   * Asked again before the run's first event it is the same run. `machine-busy`: another agent's run was used within two minutes;
   * `too-many-marks`: an unknown computer needs a mark, and there is no room (site/unknown-computer-mark.ts).
   */
  startRun(run: NewRun): Promise<RunRecord | 'machine-busy' | 'too-many-marks' | StartRefusal>
  /** The live run of this agent and deployment that has not reported yet. */
  unansweredRun(identityKey: string, deploymentId: DeploymentId): Promise<RunRecord | undefined>
  useRunToken(
    tokenSha256: string,
    counter: number,
    nowMs: number,
  ): Promise<RunRecord | 'unknown-token' | 'replayed' | 'expired' | 'run-ended'>
  /** Only to see whose signature it must be: nothing is checked or changed. */
  runOfToken(tokenSha256: string): Promise<RunRecord | undefined>
  /** For content: no counter and no signature, but a use of the token. */
  peekRunToken(tokenSha256: string, nowMs: number): Promise<RunRecord | undefined>
  /** Burns the ticket, binds the run to the new key, stores the next ticket and token. */
  resumeRun(resume: ResumeRun): Promise<ResumedRun | 'ticket-used' | 'not-found' | 'run-ended'>
  /** One transaction; events already there are skipped, a gap is refused, and so is what is too many, but for the end of the run. */
  addEvents(
    runId: RunId,
    events: readonly RunEvent[],
    receivedAtMs: number,
  ): Promise<KeptEvents | 'event-gap' | 'too-many-events'>
  getRun(id: RunId): Promise<RunRecord | undefined>
  listRuns(limit: number): Promise<readonly RunRecord[]>
  runEvents(id: RunId, sinceSeq: number, limit: number): Promise<readonly WatchedEvent[]>
}

export interface NewRun {
  readonly run: Omit<RunRecord, 'acknowledged' | 'state' | 'endedAtMs' | 'monitoringEndedAtMs'>
  readonly laneRun: LaneRun
  /** It leaves a mark (S6-025). */
  readonly required: boolean
  /** What a person starts is none of the starts that are counted. */
  readonly startedByPerson?: boolean
  /** What the mark is kept with, when no device is, and what becomes a device when the run succeeds. */
  readonly unknownComputer?: Pick<UnknownComputerMark, 'macAddresses' | 'smbiosGuid' | 'architecture'> & {
    readonly serialNumber?: string
  }
  /** An administrator decided for this agent: it takes the machine's place even from one that is alive. */
  readonly mayReplaceLive: boolean
  readonly runTokenSha256: string
  readonly resumeTicketSha256: string
  readonly idleMs: number
  readonly expiresAtMs: number
}

export interface ResumedRun extends RunRecord {
  /** Another key had used the ticket, and lost its power before it used the token: or somebody has a copy of the disk. */
  readonly ticketUsedBefore: boolean
}

export interface ResumeRun {
  readonly runId: RunId
  readonly ticketSha256: string
  readonly identityKey: string
  readonly runTokenSha256: string
  readonly nextTicketSha256: string
  readonly counter: number
  readonly nowMs: number
  readonly idleMs: number
  readonly expiresAtMs: number
  /** Of a client: approved from now on when the agent that had the run until now was (contract/agent.ts). */
  readonly client?: AgentSession
}

/** What a machine captured of its users (S2-049 to S2-052). */
export interface StateStoreRecord {
  /** 32 hexadecimal digits. */
  readonly id: string
  readonly runId: RunId
  readonly deviceId?: DeviceId
  readonly lane: string
  readonly machineName: string
  /**
   * `captured`: all chunks are there; `complete`: released, and may be restored; `restored`: released again, and kept for a
   * short time.
   */
  readonly state: 'capturing' | 'captured' | 'complete' | 'restored'
  /** 32 octets, base64. */
  readonly key: string
  readonly chunks: number
  /** Which run may read it. */
  readonly restoringRunId?: RunId
  readonly createdAtMs: number
  readonly changedAtMs: number
}

export interface StateStoreChange {
  readonly id: string
  readonly from: readonly StateStoreRecord['state'][]
  readonly to: StateStoreRecord['state']
  readonly chunks?: number
  readonly restoringRunId?: RunId
  readonly nowMs: number
}

export interface StateStores {
  addStateStore(store: StateStoreRecord): Promise<void>
  getStateStore(id: string): Promise<StateStoreRecord | undefined>
  stateStoresOfRun(runId: RunId): Promise<readonly StateStoreRecord[]>
  /** The newest that was completed for this device, or for this lane when no device of the site was known. */
  restorableStateStore(of: Pick<StateStoreRecord, 'deviceId' | 'lane'>): Promise<StateStoreRecord | undefined>
  /** The newest of the same whose capture is complete and was never released. */
  unreleasedStateStore(of: Pick<StateStoreRecord, 'deviceId' | 'lane'>): Promise<StateStoreRecord | undefined>
  /** Undefined: it is not there, or in none of the states it may be changed from. */
  changeStateStore(change: StateStoreChange): Promise<StateStoreRecord | undefined>
  /** Deletes the records that were left in one of these states and not changed since then, and names them. */
  forgetStateStores(states: readonly StateStoreRecord['state'][], unchangedSinceMs: number): Promise<readonly string[]>
  stateStoreIds(): Promise<ReadonlySet<string>>
}

/** Lanes and what happens in them. */
export interface ProgressStore {
  /**
   * Lanes follow from these. What agents say is stored in order with writes. What packets and downloads tell is stored in its
   * own order, at a pace that leaves room for those who answer machines, and in a flood the least telling is dropped. No
   * answer to a machine waits for it, so what was observed last may be lost with the process.
   */
  observe(observed: readonly Observed[]): Promise<void>
  lanes(): Promise<AllLanes>
  /** After each commit that changed something for watchers; returns the way to stop. */
  onChange(listener: (change: ProgressChange) => void): () => void
}

export interface AllLanes {
  readonly seq: number
  /** Whoever saw less than this may hold lanes that have been forgotten; 0: none ever was. */
  readonly forgottenSeq: number
  readonly lanes: readonly { readonly seq: number; readonly lane: Lane }[]
}

/** A lane is among `lanes` or among `forgotten`, never both. */
export interface ProgressChange {
  readonly seq: number
  readonly lanes: readonly { readonly seq: number; readonly lane: Lane }[]
  readonly forgotten: readonly ForgottenLane[]
  readonly events: readonly WatchedEvent[]
}

export interface Store
  extends SiteObjects,
    BootFactsSource,
    LeaseStore,
    Credentials,
    AgentStore,
    StateStores,
    DebuggedRuns,
    RequiredPxeMarks,
    DeviceImports,
    DeviceRecords,
    IdentifierListing,
    SiteSettingsStore,
    ClientHistory,
    Memberships,
    StartGuards,
    CanaryRings,
    WakeUps,
    Distribution,
    Media,
    ProgressStore,
    StatusMessages,
    DeploymentStatuses,
    Alerts,
    Audit,
    Upkeep,
    WorkingStore {
  /** Waits for what is queued, then closes. */
  close(): Promise<void>
}
