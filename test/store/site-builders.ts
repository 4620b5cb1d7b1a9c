/** Site objects and runs with good defaults; a test states only what matters to it. */

import { parseIpv4Address } from '../../server/address/ipv4-address.ts'
import type { Ipv4Address } from '../../server/address/ipv4-address.ts'
import {
  parseCollectionId,
  parseDeploymentId,
  parseDeviceId,
  parsePackageId,
  parseRunId,
} from '../../server/address/identifiers.ts'
import type {
  CollectionId,
  DeploymentId,
  DeviceId,
  PackageId,
  RunId,
  TaskSequenceFolderId,
} from '../../server/address/identifiers.ts'
import { parseMacAddress } from '../../server/address/mac-address.ts'
import type { MacAddress } from '../../server/address/mac-address.ts'
import { parseSmbiosGuid } from '../../server/address/smbios-guid.ts'
import type { SmbiosGuid } from '../../server/address/smbios-guid.ts'
import { assert } from '../../server/assert.ts'
import type { PxeClient } from '../../server/boot/pxe-client.ts'
import type { RunEvent, RunEventBody } from '../../server/contract/agent.ts'
import type { AgentSession, Draft, Edit, NewRun, RunRecord, Store } from '../../server/store/ports.ts'
import type { TaskSequenceObject } from '../../server/sequence/task-sequence-object.ts'
import type { Node } from '../../server/sequence/task-sequence.ts'
import { defaultSettings, type TaskSequenceSettings } from '../../server/sequence/task-sequence-settings.ts'
import type { Application, DeploymentType } from '../../server/site/application.ts'
import type { BootImage } from '../../server/site/boot-image.ts'
import type { Collection } from '../../server/site/collection.ts'
import { parseSha256 } from '../../server/site/content.ts'
import type { ContentFile, Sha256 } from '../../server/site/content.ts'
import type { Deployment } from '../../server/site/deployment.ts'
import { defaultDeploymentOptions } from '../../server/site/deployment-options.ts'
import type { Device } from '../../server/site/device.ts'
import type { DriverPackage } from '../../server/site/driver-package.ts'
import type { KeptInventory } from '../../server/site/inventory.ts'
import type { OperatingSystemImage } from '../../server/site/operating-system-image.ts'
import type { OperatingSystemUpgradePackage } from '../../server/site/operating-system-upgrade-package.ts'
import type { Package, Program, ProgramReference } from '../../server/site/package.ts'
import { startMs } from './open-test-store.ts'
import { actionOf } from '../support/actions.ts'

export const mac = (text: string): MacAddress => certain(parseMacAddress(text))
export const guid = (text: string): SmbiosGuid => certain(parseSmbiosGuid(text))
export const ip = (text: string): Ipv4Address => certain(parseIpv4Address(text))
export const packageId = (text: string): PackageId => certain(parsePackageId(text))
export const deploymentId = (text: string): DeploymentId => certain(parseDeploymentId(text))
export const collectionId = (text: string): CollectionId => certain(parseCollectionId(text))
export const deviceId = (text: string): DeviceId => certain(parseDeviceId(text))
export const runId = (digit: string): RunId => certain(parseRunId(digit.repeat(32)))
export const hash = (digit: string): Sha256 => certain(parseSha256(digit.repeat(64)))

function certain<T>(value: T | undefined): T {
  assert(value !== undefined, 'the test gave text of the wrong form')
  return value
}

/** The value of an edit that was to succeed. */
export function saved<T>(edit: Edit<T>): T {
  assert(edit.kind === 'saved', `the edit was ${JSON.stringify(edit)}`)
  return edit.value
}

export const device = (fields: Partial<Draft<Device>> = {}): Draft<Device> => ({
  name: 'PC-1',
  macAddresses: [mac('52:54:00:00:00:01')],
  variables: [],
  ...fields,
})

export const collection = (fields: Partial<Draft<Collection>> = {}): Draft<Collection> => ({
  name: 'Lab',
  description: '',
  kind: 'user',
  directMembers: [],
  unknownComputers: [],
  includes: [],
  excludes: [],
  queries: [],
  maintenanceWindows: [],
  variables: [],
  variablePriority: 1,
  defaultDistributionPointGroups: [],
  ...fields,
})

export const inventory = (fields: Partial<KeptInventory> = {}): KeptInventory => ({
  architecture: 'x64',
  firmware: 'uefi',
  secureBoot: false,
  macAddresses: ['52:54:00:00:00:01'],
  manufacturer: 'LENOVO',
  model: '20XW',
  memoryBytes: 2 ** 33,
  disks: [{ name: 'sda', bytes: 2 ** 38, removable: false }],
  heardAtMs: startMs,
  ipAddress: '192.168.7.20',
  startedFrom: 'boot-image',
  ...fields,
})

export const bootImage = (fields: Partial<Draft<BootImage>> = {}): Draft<BootImage> => ({
  name: 'Boot x64',
  description: '',
  architecture: 'x64',
  kind: 'linux',
  enabledForPxe: true,
  kernelArguments: ['quiet'],
  ...fields,
})

export const operatingSystemImage = (
  fields: Partial<Draft<OperatingSystemImage>> = {},
): Draft<OperatingSystemImage> => ({
  name: 'Debian 12',
  description: '',
  architecture: 'x64',
  format: 'root-archive',
  ...fields,
})

export const softwarePackage = (fields: Partial<Draft<Package>> = {}): Draft<Package> => ({
  name: 'Agent',
  description: '',
  manufacturer: '',
  language: '',
  version: '1',
  programs: [],
  ...fields,
})

export const program = (name: string, runFirst?: ProgramReference): Program => ({
  name,
  description: '',
  commandLine: './install.sh',
  workingDirectory: '',
  runMode: 'local-system',
  maxRunTimeMinutes: 120,
  allowedPlatforms: [{ system: 'linux' }],
  ...(runFirst === undefined ? {} : { runFirst }),
  allowInstallFromTaskSequence: false,
  afterRunning: 'restart-by-exit-code',
  successCodes: [0],
})

export const upgradePackage = (
  fields: Partial<Draft<OperatingSystemUpgradePackage>> = {},
): Draft<OperatingSystemUpgradePackage> => ({
  name: 'Debian 14',
  description: '',
  version: '14',
  architecture: 'x64',
  editions: ['Server'],
  ...fields,
})

export const driverPackage = (fields: Partial<Draft<DriverPackage>> = {}): Draft<DriverPackage> => ({
  name: 'Network cards',
  description: '',
  version: '1',
  system: 'linux',
  enabled: true,
  models: [{ manufacturer: 'LENOVO', model: '20XW' }],
  categories: ['Network'],
  ...fields,
})

export const application = (fields: Partial<Draft<Application>> = {}): Draft<Application> => ({
  name: 'Editor',
  description: '',
  publisher: '',
  version: '1',
  enabled: true,
  allowInstallFromTaskSequence: false,
  deploymentTypes: [],
  dependencies: [],
  supersedes: [],
  ...fields,
})

export const scriptType = (fields: Partial<DeploymentType> = {}): DeploymentType => ({
  kind: 'script',
  name: 'Script',
  installCommandLine: './install',
  uninstallCommandLine: '',
  maxRunTimeMinutes: 120,
  successCodes: [0],
  detection: { kind: 'path-exists', path: '/usr/bin/editor', type: 'file' },
  requirements: [],
  ...fields,
})

export interface SequenceFields {
  readonly name?: string
  readonly bootImageId?: PackageId
  readonly enabled?: boolean
  readonly children?: readonly Node[]
  readonly settings?: Partial<TaskSequenceSettings>
  readonly folderId?: TaskSequenceFolderId
}

export function taskSequence(fields: SequenceFields = {}): Draft<TaskSequenceObject> {
  const { name = 'Install Debian', enabled = true, children = [], bootImageId } = fields
  return {
    enabled,
    settings: { ...defaultSettings, ...fields.settings },
    sequence: { name, description: '', children },
    ...(bootImageId === undefined ? {} : { bootImageId }),
    ...(fields.folderId === undefined ? {} : { folderId: fields.folderId }),
  }
}

export const applyImage = (imageId: string): Node => ({
  kind: 'step',
  name: 'Apply Operating System Image',
  description: '',
  disabled: false,
  continueOnError: false,
  action: actionOf({ type: 'apply-operating-system-image', imageId }),
})

export const group = (children: readonly Node[]): Node => ({
  kind: 'group',
  name: 'Install',
  description: '',
  disabled: false,
  continueOnError: false,
  children,
})

export function deployment(
  taskSequenceId: PackageId,
  collectionId: CollectionId,
  fields: Partial<Draft<Deployment>> = {},
): Draft<Deployment> {
  return {
    taskSequenceId,
    collectionId,
    purpose: 'available',
    makeAvailableTo: 'media-and-pxe',
    comment: '',
    enabled: true,
    availableAtMs: startMs,
    ...defaultDeploymentOptions,
    obeyScheduleInBootImage: false,
    clientSchedule: { assignments: [], rerun: 'always' },
    ...fields,
  }
}

export const file = (name: string, digit = 'a'): ContentFile => ({ name, sha256: hash(digit), bytes: 10 })

export const client = (fields: Partial<PxeClient> = {}): PxeClient => ({
  macAddress: mac('52:54:00:00:00:01'),
  platform: { architecture: 'x64', firmware: 'uefi', transport: 'tftp', code: 7 },
  stage: 'firmware',
  ...fields,
})

export const session = (fields: Partial<AgentSession> = {}): AgentSession => ({
  tokenSha256: hash('1'),
  identityKey: 'key-1',
  sealingKey: 'sealing-1',
  nonce: 'nonce-1',
  serverNonce: 'server-nonce',
  hardware: {
    architecture: 'x64',
    firmware: 'uefi',
    secureBoot: false,
    macAddresses: ['52:54:00:00:00:01'],
    memoryBytes: 2 ** 31,
    disks: [{ name: 'sda', bytes: 2 ** 35, removable: false }],
  },
  ipAddress: '192.168.7.20',
  approved: false,
  code: 'ABCDEFGH',
  createdAtMs: startMs,
  expiresAtMs: startMs + 3_600_000,
  startedFrom: 'boot-image',
  ...fields,
})

export interface RunFields {
  readonly id?: RunId
  readonly deviceId?: DeviceId
  readonly deploymentId?: DeploymentId
  readonly lane?: MacAddress
  readonly identityKey?: string
  readonly required?: boolean
  readonly mayReplaceLive?: boolean
  readonly token?: string
  readonly ticket?: string
  readonly startedAtMs?: number
}

export function newRun(fields: RunFields = {}): NewRun {
  const id = fields.id ?? runId('a')
  const deployment = fields.deploymentId ?? deploymentId('RVL20001')
  const taskSequenceId = packageId('RVL00001')
  return {
    run: {
      id,
      deploymentId: deployment,
      ...(fields.deviceId === undefined ? {} : { deviceId: fields.deviceId }),
      lane: fields.lane ?? mac('52:54:00:00:00:01'),
      machineName: 'PC-1',
      policy: {
        deploymentId: deployment,
        taskSequenceId,
        taskSequenceRevision: 1,
        sequence: { name: 'Install Debian', description: '', children: [] },
        variables: [],
        content: [],
        siteCode: 'RVL',
      },
      startedAtMs: fields.startedAtMs ?? startMs,
      identityKey: fields.identityKey ?? 'key-1',
    },
    laneRun: {
      runId: id,
      deploymentId: deployment,
      taskSequenceId,
      taskSequenceName: 'Install Debian',
      stepName: '',
      stepsEnded: 0,
      stepsTotal: 3,
      where: 'boot-image',
    },
    required: fields.required ?? false,
    mayReplaceLive: fields.mayReplaceLive ?? false,
    runTokenSha256: fields.token ?? hash('b'),
    resumeTicketSha256: fields.ticket ?? hash('c'),
    idleMs: 15 * 60_000,
    expiresAtMs: (fields.startedAtMs ?? startMs) + 8 * 3_600_000,
  }
}

/** Starts a run that is to start. */
export async function startedRun(store: Pick<Store, 'startRun'>, start: NewRun = newRun()): Promise<RunRecord> {
  const run = await store.startRun(start)
  assert(typeof run !== 'string', 'the run cannot start')
  return run
}

export const event = (sequence: number, body?: RunEventBody): RunEvent => ({
  sequence,
  atMs: startMs + sequence,
  body: body ?? { kind: 'output', stream: 'stdout', lines: [`line ${sequence}`] },
})

export const events = (first: number, last: number): readonly RunEvent[] =>
  Array.from({ length: last - first + 1 }, (_, index) => event(first + index))

/** A boot image, a task sequence that boots with it, and a collection with one device in it. */
export async function smallSite(store: Store) {
  const image = saved(await store.bootImages.create(bootImage()))
  const sequence = saved(await store.taskSequences.create(taskSequence({ bootImageId: image.id })))
  const pc = saved(await store.devices.create(device()))
  const lab = saved(await store.collections.create(collection({ directMembers: [pc.id] })))
  return { image, sequence, pc, lab }
}
