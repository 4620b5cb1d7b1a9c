/** A large site for the bench: 10,000 devices that were all heard, 500 collections with rules of every kind, 200 deployments. */

import type { CollectionId, DeviceId, PackageId } from '../../server/address/identifiers.ts'
import { type MacAddress, parseMacAddress } from '../../server/address/mac-address.ts'
import { assert } from '../../server/assert.ts'
import { defaultSettings } from '../../server/sequence/task-sequence-settings.ts'
import { defaultDeploymentOptions } from '../../server/site/deployment-options.ts'
import { defaultClientSchedule } from '../../server/site/client-schedule.ts'
import type { Collection } from '../../server/site/collection.ts'
import type { KeptInventory } from '../../server/site/inventory.ts'
import type { Draft, Edit, Store } from '../../server/store/ports.ts'

export const siteSize = { devices: 10_000, collections: 500, deployments: 200 } as const
/** The store takes at most this many at once; so many share a few commits. */
const atOnce = 1_000
const gibibyte = 1_024 ** 3

export interface LargeSite {
  readonly devices: readonly DeviceId[]
  /** Of the user. */
  readonly collections: readonly CollectionId[]
}

export async function fillSite(store: Store): Promise<LargeSite> {
  const devices = await inBatches(siteSize.devices, async (number) => {
    const variables = [{ name: 'Room', value: `R${number % 300}`, secret: false }]
    return saved(await store.devices.create({ name: `pc-${number}`, macAddresses: [macOf(number)], variables })).id
  })
  await inBatches(devices.length, async (number) => {
    const id = devices[number]
    if (id !== undefined) await store.keepInventory(id, inventoryOf(number))
  })
  const collections: CollectionId[] = []
  for (let number = 0; number < siteSize.collections; number += 1) {
    collections.push(saved(await store.collections.create(collectionOf(number, { devices, collections }))).id)
  }
  const sequence = await addSequence(store)
  await inBatches(siteSize.deployments, async (number) => {
    const collectionId = collections[number * 2]
    assert(collectionId !== undefined, 'there are more collections than deployments')
    const offered = { purpose: 'available', makeAvailableTo: 'media-and-pxe', comment: '' } as const
    const deployment = {
      taskSequenceId: sequence,
      collectionId,
      enabled: true,
      ...defaultDeploymentOptions,
      obeyScheduleInBootImage: false,
      clientSchedule: defaultClientSchedule,
      availableAtMs: 0,
      ...offered,
    }
    saved(await store.deployments.create(deployment))
  })
  return { devices, collections }
}

export function macOf(number: number): MacAddress {
  const mac = parseMacAddress(`5254${number.toString(16).padStart(8, '0')}`)
  assert(mac !== undefined, 'it has twelve digits')
  return mac
}

export function inventoryOf(number: number, heardAtMs = 0): KeptInventory {
  return {
    architecture: 'x64',
    firmware: number % 5 === 0 ? 'bios' : 'uefi',
    secureBoot: number % 3 === 0,
    macAddresses: [macOf(number)],
    manufacturer: `Maker ${number % 7}`,
    model: `Model ${number % 90}`,
    serialNumber: `S${number}`,
    memoryBytes: (4 << (number % 4)) * gibibyte,
    disks: [{ name: 'sda', bytes: 256 * 10 ** 9, removable: false }],
    heardAtMs,
    ipAddress: '192.0.2.1',
    startedFrom: 'boot-image',
  }
}

/** A fifth lists 200 devices, three fifths have queries, the last fifth is made of others; every tenth is limited to another. */
export function collectionOf(number: number, { devices, collections }: LargeSite): Draft<Collection> {
  const before = (steps: number): readonly CollectionId[] => collections.slice(-steps).slice(0, 1)
  const kind = number % 5
  const [limit] = number % 10 === 9 ? before(20) : []
  return {
    name: `Collection ${number}`,
    description: '',
    kind: 'user',
    directMembers: kind === 0 ? devices.slice(number * 17, number * 17 + 200) : [],
    unknownComputers: [],
    includes: kind === 4 ? [...before(2), ...before(7)] : [],
    excludes: kind === 4 ? before(5) : [],
    queries: kind > 0 && kind < 4 ? [queryOf(number)] : [],
    ...(limit === undefined ? {} : { limitingCollectionId: limit }),
    maintenanceWindows: [],
    variables: [{ name: `Setting${number % 40}`, value: String(number), secret: false }],
    variablePriority: 1 + (number % 9),
    defaultDistributionPointGroups: [],
  }
}

export function queryOf(number: number): string {
  return (
    [
      `model like "Model ${number % 90}%" and memoryBytes >= 8 GiB and not name like "%${number % 10}"`,
      `variable.Room in ("R${number % 300}", "R${(number * 7) % 300}") or manufacturer = "maker ${number % 7}" and secureBoot = true`,
      `firmware = "bios" and diskBytes > 100 GB and serialNumber like "S${number % 100}%"`,
    ][number % 3] ?? ''
  )
}

async function addSequence(store: Store): Promise<PackageId> {
  const image = saved(
    await store.bootImages.create({
      name: 'Boot',
      description: '',
      architecture: 'x64',
      kind: 'linux',
      enabledForPxe: true,
      kernelArguments: [],
    }),
  )
  const sequence = { name: 'Install', description: '', children: [] }
  const draft = { sequence, settings: defaultSettings, enabled: true, bootImageId: image.id }
  return saved(await store.taskSequences.create(draft)).id
}

async function inBatches<T>(count: number, work: (number: number) => Promise<T>): Promise<readonly T[]> {
  const done: T[] = []
  for (let at = 0; at < count; at += atOnce) {
    const numbers = Array.from({ length: Math.min(atOnce, count - at) }, (_, index) => at + index)
    done.push(...(await Promise.all(numbers.map(work))))
  }
  return done
}

export function saved<T>(edit: Edit<T>): T {
  assert(edit.kind === 'saved', `the bench could not make its site: ${JSON.stringify(edit)}`)
  return edit.value
}
