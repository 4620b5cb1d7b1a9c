/**
 * What the agent and the server say to each other under `/agent/v1` (design sections 4 and 6, security 6.4, 6.9).
 *
 * The agent makes an Ed25519 key (identity) and an X25519 key (sealing of secrets) when it starts; the client of an installed
 * system keeps its own, and the nonce with them, so its session and its approval last. Each request
 * carries `headers.signature` over `signedText(...)`, made with the identity key. Hello carries the public key
 * itself; every later request carries the token that hello or the start of the run gave, which the server
 * keeps as a hash and accepts only together with a signature of the same key. The counter of a key must grow with
 * every request, hello included. A hello may be answered 429 with `Retry-After`: too many machines that nobody
 * approved are heard, at the site or from this address.
 *
 * 1. `POST hello`     who I am              -> session token, state of the machine, the deployments it may run
 * 2. `POST runs`      start this deployment -> run token, policy, resume ticket      (sets the one-shot mark;
 *    said again before the first event it is the same run, with a new token and ticket)
 * 3. `POST events`    what happened         -> highest contiguous sequence kept       (stored before answered;
 *    at least every 30 s, without events while a step is quiet)
 * 4. `POST resume`    after a restart: ticket of the run -> new run token, next ticket
 * 5. `POST debugger/next-command`   while the debugger holds the run (S1-101): the first command with a number above `after`,
 *    if there is one. Asking with a higher number takes those up to it; said again, it is the same command.
 * Content is fetched from `/content/{id}/{version}/{file}` with the run token, unsigned, so that Range works.
 *
 * A run whose sequence has Capture Operating System Image may send an image (S2-064): `PUT captured-images/file` takes its
 * octets with the run token, unsigned as they are not known before they are sent, and answers their hash; `POST
 * captured-images`, signed, makes an operating system image of what this run sent.
 *
 * User state (S2-049 to S2-052), for a run whose sequence asks for a state store; all but the octets signed:
 * `POST state-stores` a store for this run, or the one that was captured for this computer; `…/key` its key, sealed to a
 * key that the agent made for this one answer; `PUT …/chunk?store=&index=` and `GET …/captured-chunk?store=&index=` sealed
 * octets with the run token; `POST …/captured` all of them are there; `…/release` they may be restored, or have been.
 */

import type { DeploymentId, PackageId, RunId } from '../address/identifiers.ts'
import type { DebugCommand } from '../sequence/debug.ts'
import type { SequenceReport } from '../sequence/effect.ts'
import type { TaskSequence } from '../sequence/task-sequence.ts'
import type { Application } from '../site/application.ts'
import type { BootArchitecture } from '../site/boot-image.ts'
import type { Inventory, InventoryDisk } from '../site/inventory.ts'
import type { Occasion } from '../site/client-schedule.ts'
import type { ContentFile, Sha256 } from '../site/content.ts'
import type { ReferredKind } from '../site/content-object.ts'
import type { Purpose } from '../site/deployment.ts'
import type { WindowSpan } from '../site/maximum-run-time.ts'
import type { OperatingSystemImage } from '../site/operating-system-image.ts'
import type { DriverFit } from '../site/driver-package.ts'
import type { Program } from '../site/package.ts'
import type { SystemFamily } from '../site/platform.ts'
import type { MediumClaim } from './medium.ts'

export const agentProtocolVersion = 1

export const headers = {
  /** `Bearer <token>`, absent on hello and resume. */
  authorization: 'authorization',
  /** Grows by at least one with each request made with one key; the first is 1. */
  counter: 'reveille-counter',
  /** Base64 of the Ed25519 signature of `signedText`. */
  signature: 'reveille-signature',
} as const

/** The octets that are signed: method, path with query, counter and the SHA-256 of the body, one a line. */
export function signedText(method: string, target: string, counter: number, bodySha256Hex: string): string {
  return `reveille-agent-1\n${method}\n${target}\n${counter}\n${bodySha256Hex}\n`
}

export interface Hello {
  readonly protocol: number
  /** Raw 32 octets each, base64. */
  readonly identityKey: string
  readonly sealingKey: string
  /** 16 random octets, base64; a hello that is said again, signed with the next counter, gets the same session. */
  readonly nonce: string
  readonly hardware: Hardware
  readonly startedFrom: 'boot-image' | 'installed-system' | 'media'
  /** Version of the agent itself. */
  readonly agentVersion: string
  /** Of a client: what has happened since a server answered it last (S5-019); absent: nothing. */
  readonly occasions?: readonly Occasion[]
  /** `startedFrom` is `media`: which one, and that this key was started from it. */
  readonly medium?: MediumClaim
  /** `SMSTSPreferredAdvertID` as the medium's variables or a prestart command have it (S6-040); it selects, and never authorises. */
  readonly preferred?: { readonly medium?: string; readonly prestart?: string }
}

/** Hints about the machine, none of them a proof: the site keeps what is told. At most `hardwareDisksMax` disks. */
export type Hardware = Inventory

/** The first ones are told; a storage network may show hundreds. */
export const hardwareDisksMax = 64

/** The first ones are told; a host of containers has hundreds. */
export const hardwareNetworksMax = 16

/** Firmware trusts a handful; what it says is not believed beyond that. */
export const hardwareAuthoritiesMax = 32

export type HardwareDisk = InventoryDisk

export interface HelloAnswer {
  readonly session: string
  /** 40 bits of a hash over both sides' keys and nonces, as 8 base32 letters, shown on both screens (A17). */
  readonly code: string
  /** Milliseconds since the epoch; the agent shows server time. */
  readonly serverTimeMs: number
  readonly machine: MachineStanding
}

export type MachineStanding =
  /** Known, or unknown with a deployment to unknown computers: `choices` may be started. */
  | { readonly kind: 'armed'; readonly name: string; readonly selection: Selection }
  /** An administrator must approve this machine first; ask again after the interval. */
  | { readonly kind: 'waiting-for-approval'; readonly askAgainSeconds: number }
  /** Nothing is deployed here. The agent says so and asks again on request. */
  | { readonly kind: 'nothing-to-run'; readonly reason: string; readonly askAgainSeconds: number }

export type Selection =
  /** Preferred by `SMSTSPreferredAdvertID`, or required: start it without asking (S6-040, S6-041, S6-050). */
  | { readonly kind: 'start'; readonly choice: Choice; readonly because: 'preferred' | 'required' }
  | { readonly kind: 'choose'; readonly choices: readonly Choice[] }

export interface Choice {
  readonly deploymentId: DeploymentId
  readonly taskSequenceName: string
  readonly description: string
  readonly purpose: Purpose
  /** For a client only: what its users are told before it starts by itself (S1-081, S1-083). */
  readonly notification?: UserNotification
  /** Of a required one that a person may start before it starts by itself: when that is, if the clock alone decides (S5-008). */
  readonly startsAtMs?: number
  /** What a person who chooses it is asked for (S1-068); absent: nothing. */
  readonly emptyVariables?: readonly EmptyVariable[]
}

export interface UserNotification {
  readonly lines: readonly string[]
  /** How long they have to save what is open. */
  readonly waitSeconds: number
}

/** A variable of the site without a value. */
export interface EmptyVariable {
  readonly name: string
  /** Typed without an echo, and masked from then on. */
  readonly secret: boolean
}

/** The first ones are told, so that their longest values fit into one request. */
export const emptyVariablesMax = 64

export interface StartRun {
  readonly deploymentId: DeploymentId
  /** Values the person at the machine gave, or a prestart command. */
  readonly variables: readonly PolicyVariable[]
  /** Of the medium it was started from: of lowest precedence, before those of collections (S1-067). */
  readonly mediumVariables?: readonly PolicyVariable[]
  /** Of the machine's devices, for Auto Apply Drivers (S2-068): modaliases, and the same as Windows writes them. */
  readonly hardwareIds?: readonly string[]
  /** Of a client: task sequences whose "run another program first" has succeeded on it (S1-075). */
  readonly programsRunFirst?: readonly string[]
}

/** The first ones are told. */
export const hardwareIdsMax = 1_000

export interface StartRunAnswer {
  readonly runId: RunId
  readonly runToken: string
  /** Single use; goes onto the target disk with the run, and buys the next run token after a restart. */
  readonly resumeTicket: string
  readonly policy: Policy
}

/** What a machine is told to do, complete: nothing else is asked while the sequence runs, but content and user state. */
export interface Policy {
  readonly deploymentId: DeploymentId
  readonly taskSequenceId: PackageId
  readonly taskSequenceRevision: number
  readonly sequence: TaskSequence
  /**
   * Collection, then device variables, then what was given, merged; of secret ones too, with their values, because a machine
   * that would get any is approved before it may start (S1-071).
   */
  readonly variables: readonly PolicyVariable[]
  readonly content: readonly PolicyContent[]
  readonly siteCode: string
  /** S3.1, `_SMSTSOrgName`; absent: the site has not said. */
  readonly organizationName?: string
  /** Of the site (S3.1, `_SMSTSTimezone`); absent: it is not known. */
  readonly timeZone?: string
  /** Of the task sequence (S3.1, `_SMSTSBootImageID`); absent: it has none. */
  readonly bootImageId?: PackageId
  /** S3.1, `_SMSTSUserStarted`: whether a person started it; absent: not in an installed system. */
  readonly userStarted?: boolean
  /** S1-049; absent: no. */
  readonly highPerformancePowerPlan?: boolean
  /** It may restart an installed system in these alone, and once it has restarted one, at any time (S9-017); absent: at any time. */
  readonly restartWindows?: readonly WindowSpan[]
  /** Whoever works at the machine cannot follow its steps (S5-028); absent: can, unless the run hides it. */
  readonly hidesProgress?: boolean
  /** The first step fetches all content, which later ones find there (S5-030); absent: each step fetches its own. */
  readonly downloadsFirst?: boolean
  /** The first step but that one is the program that runs before the sequence (S1-075); absent: there is none. */
  readonly runsProgramFirst?: boolean
}

export interface PolicyVariable {
  readonly name: string
  readonly value: string
  readonly secret: boolean
}

/** Content the sequence refers to. Files are at `contentPath(...)` of each base, tried in order; then of the server itself. */
export interface PolicyContent {
  readonly id: PackageId
  readonly name: string
  readonly version: number
  /** None, and version 0: a package or an application that needs no files. */
  readonly files: readonly ContentFile[]
  readonly kind: ReferredKind | 'boot-image'
  /** Distribution points that have it, the nearest first, and the site (S5-033); absent: the site alone. */
  readonly bases?: readonly string[]
  /** Of a package. */
  readonly programs?: readonly Program[]
  /** Of an application; what it depends on and what it supersedes are entries of their own (S2-030, S2-031). */
  readonly application?: Pick<
    Application,
    'version' | 'allowInstallFromTaskSequence' | 'deploymentTypes' | 'dependencies' | 'supersedes'
  >
  /** Of a driver package. */
  readonly driverSystem?: SystemFamily
  /** Of a driver package for Auto Apply Drivers: how well it fits the machine of this run (S2-068). */
  readonly driverFit?: DriverFit
  readonly driverCategories?: readonly string[]
}

export interface Resume {
  /** Its hardware must be that of the run's device, or have the card of the run's lane. */
  readonly hello: Hello
  readonly runId: RunId
  readonly resumeTicket: string
}

export interface ResumeAnswer {
  readonly runToken: string
  readonly resumeTicket: string
  /** Highest event sequence the server holds. */
  readonly acknowledged: number
}

export interface ReportEvents {
  readonly runId: RunId
  /** Ascending, without gaps; at most `eventsPerReportMax`. None: the machine is alive, said every 30 s while a step is quiet. */
  readonly events: readonly RunEvent[]
}

export const eventsPerReportMax = 500
/**
 * A run has no more events than these; later ones are refused with `invalid`, but for the end of the run. At four a second,
 * which is the most that progress makes, this is half a day.
 */
export const eventsPerRunMax = 200_000
/** From here on the agent leaves out progress and output, so that what the engine reports always has room. */
export const optionalEventsPerRunMax = 150_000
/** A line of output, or any text of an event, is cut to this. */
export const eventTextCharactersMax = 4_000

export interface ReportEventsAnswer {
  /** Everything up to this sequence is stored for good; the agent trims its journal to it. */
  readonly acknowledged: number
}

export interface NextCommand {
  readonly runId: RunId
  /** Number of the last command that the machine has taken for good, 0 before the first. */
  readonly after: number
}

export interface NextCommandAnswer {
  /** Absent: there is none yet. */
  readonly next?: { readonly number: number; readonly command: DebugCommand }
}

export interface CapturedFile {
  readonly sha256: Sha256
  readonly bytes: number
}

export interface CapturedImage {
  readonly runId: RunId
  readonly name: string
  readonly description: string
  readonly architecture: BootArchitecture
  readonly format: OperatingSystemImage['format']
  readonly file: CapturedFile
}

export const capturedImageNameCharactersMax = 255
export const capturedImageDescriptionCharactersMax = 512

export interface CapturedImageAnswer {
  readonly imageId: PackageId
  readonly version: number
}

export const stateStorePurposes = ['capture', 'restore'] as const
export type StateStorePurpose = (typeof stateStorePurposes)[number]

export interface RequestStateStore {
  readonly runId: RunId
  readonly purpose: StateStorePurpose
}

export interface StateStoreAnswer {
  /** 32 hexadecimal digits; '' for a restore when no state was captured for this computer at all. */
  readonly storeId: string
}

export interface OpenStateStore {
  readonly runId: RunId
  readonly storeId: string
  /** Absent: a capture. Only that makes the store anew. */
  readonly purpose?: StateStorePurpose
  /** Raw X25519 key, base64, made for this request. */
  readonly sealingKey: string
}

export interface OpenStateStoreAnswer {
  /** The server's raw X25519 key for this answer, base64. */
  readonly ephemeralKey: string
  /** The store's 32 octets, sealed: AES-256-GCM with zero nonce under HKDF-SHA-256 of both keys' secret. Base64. */
  readonly sealedKey: string
  /** 0: nothing was captured yet. */
  readonly chunks: number
}

/** HKDF's `info`; its salt is the server's key, then the agent's. */
export const stateKeyInfo = 'reveille-state-store-key-1'

export interface StateCaptured {
  readonly runId: RunId
  readonly storeId: string
  readonly chunks: number
}

export interface ReleaseStateStore {
  readonly runId: RunId
  readonly storeId: string
}

/** Of at most `stateChunkBytesMax` octets each: a store has up to 64 GiB. */
export const stateChunksMax = 16_384
/** 4 MiB with what seals them. */
export const stateChunkBytesMax = 4 * 1024 * 1024 + 64

/** One thing that happened in a run. `sequence` counts from 1 without gaps; `atMs` is the machine's own clock. */
export interface RunEvent {
  readonly sequence: number
  readonly atMs: number
  readonly body: RunEventBody
}

export type RunEventBody =
  | SequenceReport
  /** Progress inside a step; the newest counts. */
  | {
      readonly kind: 'step-progress'
      readonly text: string
      readonly done: number
      readonly total?: number
      readonly unit: 'bytes' | 'percent' | 'items'
    }
  | { readonly kind: 'output'; readonly stream: 'stdout' | 'stderr' | 'log'; readonly lines: readonly string[] }
  /** Variables after a step, secrets with value `***`; only those that changed. */
  | { readonly kind: 'variables-changed'; readonly variables: readonly PolicyVariable[] }

/** Errors are problem+json with one of these codes in `code`. */
export const agentErrorCodes = [
  'bad-signature',
  'replayed',
  'unknown-token',
  'expired',
  'not-found',
  'not-armed',
  'ticket-used',
  'run-ended',
  'invalid',
  'event-gap',
] as const
export type AgentErrorCode = (typeof agentErrorCodes)[number]
