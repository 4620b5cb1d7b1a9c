/**
 * What the site knows about a client that asks for a boot: the devices that share an identifier with it, the marks of one that
 * is none, the deployments that reach it, and its variables. The only read on the way of a packet, so every question in it has an
 * index, the rules of collections are at hand (membership-plans.ts), and its answer is remembered (boot-facts-cache.ts).
 * Identifiers that are to be left out of the look-up are left out by the caller
 * (boot/identify-device.ts).
 */

import type { Kysely } from 'kysely'
import type { CollectionId, DeviceId } from '../../address/identifiers.ts'
import { isMeaningfulMacAddress } from '../../address/mac-address.ts'
import { foldSerialNumber } from '../../address/serial-number.ts'
import { isMeaningfulSmbiosGuid, swapSmbiosGuid } from '../../address/smbios-guid.ts'
import type { CandidateDeployment } from '../../boot/boot-facts.ts'
import { addressesOf, identifyDevice } from '../../boot/identify-device.ts'
import { bootArchitectureOf } from '../../boot/platform-architecture.ts'
import type { PxeClient } from '../../boot/pxe-client.ts'
import type { CollectionRules } from '../../site/collection.ts'
import type { Device } from '../../site/device.ts'
import type { IdentifierLists } from '../../site/listed-identifier.ts'
import { type UnknownComputer, unknownComputers } from '../../site/unknown-computer.ts'
import type { ComputerIdentity } from '../../site/unknown-computer-mark.ts'
import { effectiveVariables } from '../../targeting/effective-variables.ts'
import { collectionsOf } from '../../targeting/membership.ts'
import { readBootImages } from '../rows/boot-image-rows.ts'
import { readDirectMemberships } from '../rows/collection-rows.ts'
import { readCanaryMembers } from '../rows/canary-rows.ts'
import { readConsents } from '../rows/client-rows.ts'
import { toDeployment } from '../rows/deployment-rows.ts'
import { readDevices } from '../rows/device-rows.ts'
import { readStartGuard } from '../rows/start-guard-rows.ts'
import { readMarksOf } from '../rows/unknown-computer-mark-rows.ts'
import { decodeJson } from '../json-text.ts'
import type { Schema } from '../schema.ts'
import type { LastingFacts } from './boot-facts-cache.ts'
import type { CandidatesOfCollections } from './candidates-of-collections.ts'
import type { SitePlan } from './membership-plans.ts'

export interface FactsAsked {
  readonly client: PxeClient
  /** False: no device and no mark can share an identifier with the client, and none is looked for. */
  readonly isKnown: boolean
  readonly lists: IdentifierLists
  readonly plan: SitePlan
  readonly candidates: CandidatesOfCollections
}

export async function readBootFacts(db: Kysely<Schema>, asked: FactsAsked): Promise<LastingFacts> {
  const ids = asked.isKnown ? await deviceIdsOf(db, asked.client) : []
  const devices = await readDevices(db, ids)
  const marks = asked.isKnown && devices.length === 0 ? await readMarksOf(db, identityOf(asked.client)) : []
  const unknownComputerMarks = marks.map(({ deploymentId, startedAtMs }) => ({ deploymentId, startedAtMs }))
  const identified = identifyDevice(asked.client, devices, asked.lists)
  const device = identified.kind === 'known' ? identified.device : undefined
  // Where nobody is chosen the decision refuses, so whose collections these are does not matter then.
  const collections = await collectionsAround(db, device === undefined ? devices : [device], asked)
  const variables = effectiveVariables(collections, device)
  const maintenanceWindows = collections.flatMap((collection) => collection.maintenanceWindows)
  const candidates = await asked.candidates.of(collections.map(({ id }) => id))
  const startGuard = await readStartGuard(db)
  const reinstallConsents = device === undefined ? [] : await readConsents(db, device.id)
  return {
    devices,
    ...(device === undefined ? {} : { deviceId: device.id }),
    unknownComputerMarks,
    startGuard,
    reinstallConsents,
    candidates,
    maintenanceWindows,
    variables,
  }
}

/** Dummies of a maker would be a mark on all its machines. */
function identityOf({ smbiosGuid, ...client }: PxeClient): ComputerIdentity {
  return {
    macAddresses: addressesOf(client).filter(isMeaningfulMacAddress),
    ...(smbiosGuid !== undefined && isMeaningfulSmbiosGuid(smbiosGuid) ? { smbiosGuid } : {}),
  }
}

/** Those that any of the devices is in; of a client that matches none, those of its unknown computer. */
async function collectionsAround(
  db: Kysely<Schema>,
  devices: readonly Device[],
  { client, plan }: FactsAsked,
): Promise<readonly CollectionRules[]> {
  if (devices.length === 0) return collectionsOf(plan, unknownComputerOf(client), () => false)
  const direct = await readDirectMemberships(
    db,
    devices.map(({ id }) => id),
  )
  const around = devices.flatMap((device) =>
    collectionsOf(plan, device, (collectionId) => direct.get(device.id)?.has(collectionId) === true),
  )
  return [...new Set(around)]
}

/** Of an architecture that nobody can serve the first: it gets nothing to boot, whatever it is a member of. */
function unknownComputerOf({ platform }: PxeClient): UnknownComputer {
  const architecture = bootArchitectureOf(platform)
  const [fallback] = unknownComputers
  return unknownComputers.find((computer) => computer.architecture === architecture) ?? fallback
}

async function deviceIdsOf(db: Kysely<Schema>, client: PxeClient): Promise<readonly DeviceId[]> {
  const { smbiosGuid, serialNumber } = client
  const addresses = addressesOf(client).filter(isMeaningfulMacAddress)
  const byMac =
    addresses.length === 0
      ? []
      : await db.selectFrom('device_mac_addresses').select('device_id').where('mac_address', 'in', addresses).execute()
  // Some machines swap the first three fields between firmware and loader (peers.md D10).
  const guids = smbiosGuid === undefined ? [] : [smbiosGuid, swapSmbiosGuid(smbiosGuid)]
  const byGuid =
    guids.length === 0
      ? []
      : await db.selectFrom('devices').select('id as device_id').where('smbios_guid', 'in', guids).execute()
  const bySerial =
    serialNumber === undefined
      ? []
      : await db
          .selectFrom('devices')
          .select('id as device_id')
          .where('serial_number_folded', '=', foldSerialNumber(serialNumber))
          .limit(sameSerialMax)
          .execute()
  return [...new Set([...byMac, ...byGuid, ...bySerial].map((row) => row.device_id))]
}

/** Two would do: a number that so many devices have tells none of them apart. */
const sameSerialMax = 16

/** Deployments to these collections that are enabled. */
export async function readCandidates(
  db: Kysely<Schema>,
  ids: readonly CollectionId[],
): Promise<readonly CandidateDeployment[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('deployments')
    .innerJoin('task_sequences', 'task_sequences.id', 'deployments.task_sequence_id')
    .selectAll('deployments')
    .select([
      'task_sequences.name as task_sequence_name',
      'task_sequences.enabled as task_sequence_enabled',
      'task_sequences.boot_image_id',
      'task_sequences.settings as task_sequence_settings',
    ])
    .where('deployments.collection_id', 'in', ids)
    .where('deployments.enabled', '=', 1)
    .orderBy('deployments.id')
    .execute()
  const bootImageIds = new Set(rows.map((row) => row.boot_image_id).filter((id) => id !== null))
  const bootImages = await readBootImages(db, [...bootImageIds])
  const withRing = rows.filter((row) => row.canary_machines !== null).map(({ id }) => id)
  const members = Map.groupBy(await readCanaryMembers(db, withRing), ({ deploymentId }) => deploymentId)
  return rows.map((row) => {
    const canaryRing = members.get(row.id)
    const bootImage = bootImages.find((image) => image.id === row.boot_image_id)
    const { platforms, maximumRunMinutes } = decodeJson(row.task_sequence_settings)
    return {
      deployment: toDeployment(row),
      taskSequenceName: row.task_sequence_name,
      taskSequenceEnabled: row.task_sequence_enabled === 1,
      maximumRunMinutes,
      ...(bootImage === undefined ? {} : { bootImage }),
      ...(platforms === undefined ? {} : { platforms }),
      ...(canaryRing === undefined ? {} : { canaryRing }),
    }
  })
}
