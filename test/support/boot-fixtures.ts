/** Builders of site objects for tests of targeting and boot: good defaults, state only what matters. */

import {
  parseCollectionId,
  parseDeploymentId,
  parseDeviceId,
  parsePackageId,
} from '../../server/address/identifiers.ts'
import { parseMacAddress } from '../../server/address/mac-address.ts'
import { parseSmbiosGuid } from '../../server/address/smbios-guid.ts'
import { assert } from '../../server/assert.ts'
import type { BootFacts, BootPolicy } from '../../server/boot/boot-facts.ts'
import type { Platform, PxeClient } from '../../server/boot/pxe-client.ts'
import { type BootImage, bootImageFiles } from '../../server/site/boot-image.ts'
import type { CandidateDeployment } from '../../server/targeting/candidate-deployment.ts'
import type { Collection } from '../../server/site/collection.ts'
import { type ContentFile, type ContentVersion, parseSha256 } from '../../server/site/content.ts'
import type { Deployment } from '../../server/site/deployment.ts'
import { defaultDeploymentOptions } from '../../server/site/deployment-options.ts'
import type { Device, RequiredPxeMark } from '../../server/site/device.ts'
import { type IdentifierLists, nothingListed } from '../../server/site/listed-identifier.ts'
import { nothingGuarded } from '../../server/site/start-guard.ts'
import type { SiteVariable } from '../../server/site/site-variable.ts'

function must<T>(value: T | undefined, text: string): T {
  assert(value !== undefined, `a test names ${text}, which is none`)
  return value
}

export const mac = (text: string) => must(parseMacAddress(text), text)
export const guid = (text: string) => must(parseSmbiosGuid(text), text)
export const deploymentId = (text: string) => must(parseDeploymentId(text), text)
export const packageId = (text: string) => must(parsePackageId(text), text)
export const deviceId = (text: string) => must(parseDeviceId(text), text)
export const collectionId = (text: string) => must(parseCollectionId(text), text)

export const now = 1_800_000_000_000
export const hour = 3_600_000
export const macA = mac('52:54:00:00:00:0a')
export const macB = mac('52:54:00:00:00:0b')
export const guidA = guid('AAAAAAAA-0001-0002-0003-00000000000A')
export const guidB = guid('BBBBBBBB-0001-0002-0003-00000000000B')

export const platforms = {
  bios: { architecture: 'x86', firmware: 'bios', transport: 'tftp', code: 0 },
  biosX86: { architecture: 'x86', firmware: 'bios', longMode: false, transport: 'http', code: 0 },
  biosX64: { architecture: 'x64', firmware: 'bios', longMode: true, transport: 'http', code: 0 },
  uefiX86: { architecture: 'x86', firmware: 'uefi', transport: 'tftp', code: 6 },
  uefiX64: { architecture: 'x64', firmware: 'uefi', transport: 'tftp', code: 7 },
  uefiArm64: { architecture: 'arm64', firmware: 'uefi', transport: 'tftp', code: 11 },
  uefiArm32: { architecture: 'arm32', firmware: 'uefi', transport: 'tftp', code: 10 },
  httpX86: { architecture: 'x86', firmware: 'uefi', transport: 'http', code: 15 },
  httpX64: { architecture: 'x64', firmware: 'uefi', transport: 'http', code: 16 },
  httpArm64: { architecture: 'arm64', firmware: 'uefi', transport: 'http', code: 19 },
  httpBios: { architecture: 'x86', firmware: 'bios', transport: 'http', code: 20 },
  riscv: { architecture: 'other', firmware: 'uefi', transport: 'tftp', code: 27 },
} as const satisfies Record<string, Platform>

export function client(change: Partial<PxeClient> = {}): PxeClient {
  return { macAddress: macA, platform: platforms.uefiX64, stage: 'firmware', ...change }
}

export function device(change: Partial<Device> = {}): Device {
  return {
    id: deviceId('16777217'),
    name: 'PC-A',
    macAddresses: [macA],
    variables: [],
    requiredPxeMarks: [],
    createdAtMs: 0,
    revision: 1,
    ...change,
  }
}

export function mark(id: string): RequiredPxeMark {
  return { deploymentId: deploymentId(id), startedAtMs: now - hour }
}

export function content(names: readonly string[], version = 3): ContentVersion {
  const sha256 = must(parseSha256('0'.repeat(64)), 'a hash')
  const files = names.map((name): ContentFile => ({ name, sha256, bytes: 1 }))
  return { contentId: packageId('RVL00001'), version, files }
}

export const completeContent = content(Object.values(bootImageFiles))

export function bootImage(change: Partial<BootImage> = {}): BootImage {
  return {
    id: packageId('RVL00001'),
    name: 'Boot image',
    description: '',
    architecture: 'x64',
    kind: 'linux',
    enabledForPxe: true,
    kernelArguments: [],
    content: completeContent,
    revision: 1,
    ...change,
  }
}

export function deployment(id: string, change: Partial<Deployment> = {}): Deployment {
  return {
    id: deploymentId(id),
    taskSequenceId: packageId('RVL00002'),
    collectionId: collectionId('RVL10001'),
    purpose: 'available',
    makeAvailableTo: 'clients-media-and-pxe',
    comment: '',
    enabled: true,
    availableAtMs: now - hour,
    ...defaultDeploymentOptions,
    obeyScheduleInBootImage: false,
    clientSchedule: { assignments: [], rerun: 'always' },
    createdAtMs: 0,
    revision: 1,
    ...change,
  }
}

interface CandidateChange extends Partial<Deployment> {
  readonly image?: BootImage | 'none'
  readonly sequenceEnabled?: boolean
}

export function candidate(id: string, change: CandidateChange = {}): CandidateDeployment {
  const { image = bootImage(), sequenceEnabled = true, ...rest } = change
  return {
    deployment: deployment(id, rest),
    taskSequenceName: 'Install',
    taskSequenceEnabled: sequenceEnabled,
    maximumRunMinutes: 120,
    ...(image === 'none' ? {} : { bootImage: image }),
  }
}

export const required = { purpose: 'required' } as const
export const hidden = { makeAvailableTo: 'media-and-pxe-hidden' } as const

export function variable(name: string, value: string, secret = false): SiteVariable {
  return { name, value, secret }
}

export const preferred = (value: string) => variable('SMSTSPreferredAdvertID', value)

export function collection(id: string, change: Partial<Collection> = {}): Collection {
  return {
    id: collectionId(id),
    name: id,
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
    revision: 1,
    ...change,
  }
}

/** A known device, unless told otherwise. */
export function facts(candidates: readonly CandidateDeployment[], change: Partial<BootFacts> = {}): BootFacts {
  const nothing = {
    unknownComputerMarks: [],
    variables: [],
    maintenanceWindows: [],
    startGuard: nothingGuarded,
    reinstallConsents: [],
    identifierLists: nothingListed,
  }
  return { devices: [device()], candidates, nowMs: now, ...nothing, ...change }
}

export function lists(change: Partial<IdentifierLists>): IdentifierLists {
  return { ...nothingListed, ...change }
}

export function policy(change: Partial<BootPolicy> = {}): BootPolicy {
  return {
    unknownComputerSupport: true,
    respond: true,
    promptSeconds: 10,
    ...change,
  }
}
