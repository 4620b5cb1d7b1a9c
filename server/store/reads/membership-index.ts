/**
 * Members of every collection, for lists and counts: computed by the one function for one machine (targeting/membership.ts), kept in
 * memory, stored nowhere. Whoever asks gets what every edit acknowledged before says: an edit only notes what it touched,
 * and the next question computes that anew: all collections of a device, or a collection and those that follow from it. A
 * boot decision does not wait for this; it asks about its one machine.
 */

import type { Kysely } from 'kysely'
import type { CollectionId, DeviceId } from '../../address/identifiers.ts'
import type { Device } from '../../site/device.ts'
import { type DirectMembership, membershipsOf, placesBehind, placesThatFollow } from '../../targeting/membership.ts'
import { foldName } from '../names.ts'
import { readDevices } from '../rows/device-rows.ts'
import type { Schema } from '../schema.ts'
import { SlotSet } from './device-slots.ts'
import { inSlices } from './in-slices.ts'
import type { MembershipPlans, SitePlan } from './membership-plans.ts'
import type { Touched } from './touched-objects.ts'

/** A statement takes some thirty thousand values. */
const devicesPerQuery = 1_000

interface IndexedDevice {
  readonly device: Device
  readonly folded: string
}

/** What is asked of many devices, by places of the plan: looked up once, not for each of them. */
interface ToCompute {
  readonly plan: SitePlan
  /** Those that are asked for, and all that the answers depend on. */
  readonly behind: readonly number[]
  readonly direct: readonly (SlotSet | undefined)[]
  readonly members: readonly { readonly place: number; readonly set: SlotSet }[]
}

export class MembershipIndex {
  readonly #db: Kysely<Schema>
  readonly #plans: MembershipPlans
  readonly #slotOf = new Map<DeviceId, number>()
  #devices: (IndexedDevice | undefined)[] = []
  #free: number[] = []
  #direct = new Map<CollectionId, SlotSet>()
  #members = new Map<CollectionId, SlotSet>()
  #plan: SitePlan | undefined
  #isWhole = false
  #touchedDevices = new Set<DeviceId>()
  #touchedCollections = new Set<CollectionId>()
  #running: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined
  #byName: readonly number[] | undefined

  constructor(db: Kysely<Schema>, plans: MembershipPlans) {
    this.#db = db
    this.#plans = plans
  }

  /** Told of each command after its commit, before it is answered. */
  note({ device, collection }: Touched): void {
    if (device !== undefined) this.#touchedDevices.add(device)
    if (collection !== undefined) this.#touchedCollections.add(collection)
  }

  /** Resolves when everything noted before is computed. Asked again meanwhile, one more turn answers all who ask. */
  upToDate(): Promise<void> {
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined
        this.#running = this.#refresh()
        return this.#running
      })
    return this.#next
  }

  countOf(id: CollectionId): number {
    return this.#members.get(id)?.size ?? 0
  }

  /** By name. */
  membersOf(id: CollectionId): readonly Device[] {
    const members = this.#members.get(id)
    if (members === undefined) return []
    return this.#inOrder().flatMap((slot) => (members.has(slot) ? (this.#devices[slot]?.device ?? []) : []))
  }

  /** Every device, by name. */
  get devices(): readonly Device[] {
    return this.#inOrder().flatMap((slot) => this.#devices[slot]?.device ?? [])
  }

  isMember(collectionId: CollectionId, deviceId: DeviceId): boolean {
    const slot = this.#slotOf.get(deviceId)
    return slot !== undefined && this.#members.get(collectionId)?.has(slot) === true
  }

  isDirect(collectionId: CollectionId, deviceId: DeviceId): boolean {
    const slot = this.#slotOf.get(deviceId)
    return slot !== undefined && this.#direct.get(collectionId)?.has(slot) === true
  }

  async #refresh(): Promise<void> {
    const devices = [...this.#touchedDevices]
    const collections = [...this.#touchedCollections]
    this.#touchedDevices = new Set()
    this.#touchedCollections = new Set()
    try {
      if (!this.#isWhole) await this.#readWhole()
      else await this.#readTouched(devices, collections)
    } catch (error) {
      // What was noted is lost with this turn, so the next one begins anew.
      this.#isWhole = false
      throw error
    }
  }

  async #readWhole(): Promise<void> {
    this.#slotOf.clear()
    this.#devices = []
    this.#free = []
    this.#direct = new Map()
    this.#members = new Map()
    const plan = await this.#plans.now()
    this.#plan = plan
    for (const device of await readDevices(this.#db)) this.#put(device)
    const rows = await this.#db.selectFrom('collection_members').select(['collection_id', 'device_id']).execute()
    for (const row of rows) {
      const slot = this.#slotOf.get(row.device_id)
      if (slot !== undefined) setOf(this.#direct, row.collection_id).put(slot, true)
    }
    await this.#compute([...plan.steps.keys()])
    this.#isWhole = true
  }

  async #readTouched(devices: readonly DeviceId[], collections: readonly CollectionId[]): Promise<void> {
    const plan = await this.#plans.now()
    this.#plan = plan
    // Devices first: a collection may list one that is new.
    const slots = await this.#readDevices(devices)
    for (const id of collections) await this.#readDirectOf(id)
    const everything = [...plan.steps.keys()]
    const all = this.#toCompute(plan, everything, everything)
    await inSlices(slots, (slot) => this.#computeOne(slot, all))
    const places = collections.flatMap((id) => plan.placeOf.get(id) ?? [])
    if (places.length > 0) await this.#compute(placesThatFollow(plan, places))
  }

  /** Slots of those that are there. */
  async #readDevices(ids: readonly DeviceId[]): Promise<readonly number[]> {
    const slots: number[] = []
    for (let at = 0; at < ids.length; at += devicesPerQuery) {
      const some = ids.slice(at, at + devicesPerQuery)
      const found = new Map((await readDevices(this.#db, some)).map((device) => [device.id, device]))
      for (const id of some) {
        const device = found.get(id)
        if (device === undefined) this.#remove(id)
        else slots.push(this.#put(device))
      }
    }
    return slots
  }

  async #readDirectOf(id: CollectionId): Promise<void> {
    const rows = await this.#db
      .selectFrom('collection_members')
      .select('device_id')
      .where('collection_id', '=', id)
      .execute()
    const direct = new SlotSet()
    for (const { device_id } of rows) {
      const slot = this.#slotOf.get(device_id)
      if (slot !== undefined) direct.put(slot, true)
    }
    this.#direct.set(id, direct)
    if (this.#plan?.placeOf.has(id) === true) return
    this.#direct.delete(id)
    this.#members.delete(id)
  }

  async #compute(places: readonly number[]): Promise<void> {
    if (this.#plan === undefined) return
    const asked = this.#toCompute(this.#plan, places, placesBehind(this.#plan, places))
    await inSlices(this.#devices.keys(), (slot) => this.#computeOne(slot, asked))
  }

  #toCompute(plan: SitePlan, places: readonly number[], behind: readonly number[]): ToCompute {
    const ids = plan.steps.map(({ collection }) => collection.id)
    const direct = ids.map((id) => this.#direct.get(id))
    const members = places.flatMap((place) => {
      const id = ids[place]
      return id === undefined ? [] : [{ place, set: setOf(this.#members, id) }]
    })
    return { plan, behind, direct, members }
  }

  #computeOne(slot: number, { plan, behind, direct, members }: ToCompute): void {
    const device = this.#devices[slot]?.device
    if (device === undefined) return
    const isDirect: DirectMembership = (_, place) => direct[place]?.has(slot) === true
    const is = membershipsOf(plan, { machine: device, isDirect }, behind)
    for (const { place, set } of members) set.put(slot, is[place] === 1)
  }

  #put(device: Device): number {
    const slot = this.#slotOf.get(device.id) ?? this.#free.pop() ?? this.#devices.length
    this.#slotOf.set(device.id, slot)
    this.#devices[slot] = { device, folded: foldName(device.name) }
    this.#byName = undefined
    return slot
  }

  #remove(id: DeviceId): void {
    const slot = this.#slotOf.get(id)
    if (slot === undefined) return
    for (const set of [...this.#direct.values(), ...this.#members.values()]) set.put(slot, false)
    this.#slotOf.delete(id)
    this.#devices[slot] = undefined
    this.#free.push(slot)
    this.#byName = undefined
  }

  #inOrder(): readonly number[] {
    this.#byName ??= [...this.#slotOf.values()].toSorted((a, b) => {
      const [one, other] = [this.#devices[a]?.folded ?? '', this.#devices[b]?.folded ?? '']
      return one < other ? -1 : one > other ? 1 : 0
    })
    return this.#byName
  }
}

function setOf(sets: Map<CollectionId, SlotSet>, id: CollectionId): SlotSet {
  const known = sets.get(id)
  if (known !== undefined) return known
  const set = new SlotSet()
  sets.set(id, set)
  return set
}
