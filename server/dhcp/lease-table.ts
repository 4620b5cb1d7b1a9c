/**
 * The leases of one pool, found by address, by device and by client key, and the order in which addresses become
 * free again. Every operation costs the same for a /28 and a /16. The table is changed in place: whoever is given one
 * may use only what comes back. It reads no clock; `nowMs` is always handed in.
 */

import { broadcastOf, ipv4FromNumber, ipv4ToNumber, type Ipv4Address } from '../address/ipv4-address.ts'
import type { MacAddress } from '../address/mac-address.ts'
import { isHardwareKey } from './hardware-key.ts'
import type { Lease } from './lease.ts'
import { LeaseQueue, type LeaseEntry } from './lease-queue.ts'
import type { AddressPool } from './pool-settings.ts'

/** Moved to the free addresses in one call: enough for the next offer, little enough for one packet's time. */
const endedPerCall = 64
/** Of a pool: clients that decline whatever they get must leave enough for the others (security C01). */
const restingShareMax = 1 / 4

/** Why an address waits. `probed`: we found it in use ourselves, where `declined` is a client's word. */
type Waiting = 'offered' | 'bound' | 'declined' | 'declinedOffer' | 'probed'

export class LeaseTable {
  readonly pool: AddressPool
  readonly #byAddress = new Map<number, LeaseEntry>()
  readonly #byDevice = new Map<MacAddress, LeaseEntry>()
  /** Of clients that sent an identifier: the others are found as devices. */
  readonly #byKey = new Map<string, LeaseEntry>()
  /** Each in the order in which its leases end, because each has one length of time. */
  readonly #queues = {
    offered: new LeaseQueue(),
    bound: new LeaseQueue(),
    declined: new LeaseQueue(),
    declinedOffer: new LeaseQueue(),
    probed: new LeaseQueue(),
  } as const satisfies Record<Waiting, LeaseQueue>
  readonly #restingMax: number
  /** Free addresses that somebody had: the one longest unused comes first. */
  readonly #idle = new LeaseQueue()
  /** Addresses that are never given to anyone by choice: reserved, or taken by the network itself. */
  readonly #kept: ReadonlySet<number>
  readonly #first: number
  readonly #last: number
  /** Below it, every address of the range has been looked at; it never goes back. */
  #nextUnused: number

  constructor(pool: AddressPool, reserved: readonly Ipv4Address[]) {
    this.pool = pool
    const taken = [...reserved, ...pool.routers, pool.subnet.network, broadcastOf(pool.subnet)]
    this.#kept = new Set(taken.map(ipv4ToNumber))
    this.#first = ipv4ToNumber(pool.first)
    this.#nextUnused = this.#first
    this.#last = ipv4ToNumber(pool.last)
    this.#restingMax = Math.max(1, Math.floor((this.#last - this.#first + 1) * restingShareMax))
  }

  leaseAt(address: Ipv4Address): Lease | undefined {
    return this.#byAddress.get(ipv4ToNumber(address))?.lease
  }

  leaseOfDevice(macAddress: MacAddress): Lease | undefined {
    return this.#byDevice.get(macAddress)?.lease
  }

  leaseOfKey(clientKey: string): Lease | undefined {
    return isHardwareKey(clientKey) ? undefined : this.#byKey.get(clientKey)?.lease
  }

  get leases(): readonly Lease[] {
    return Array.from(this.#byAddress.values(), ({ lease }) => lease)
  }

  /** In the range, not reserved, and not an address of the network itself. */
  isAssignable(address: Ipv4Address): boolean {
    const number = ipv4ToNumber(address)
    return number >= this.#first && number <= this.#last && !this.#kept.has(number)
  }

  /** Replaces what was known about the address. Of leases from the store, all that rest count as declined by clients. */
  put(lease: Lease, waiting?: Waiting): void {
    const entry = this.#entryAt(ipv4ToNumber(lease.address), lease)
    entry.lease = lease
    if (lease.macAddress !== undefined) this.#byDevice.set(lease.macAddress, entry)
    if (!isHardwareKey(lease.clientKey)) this.#byKey.set(lease.clientKey, entry)
    if (lease.state === 'released') return this.#free(entry)
    this.#queues[waiting ?? lease.state].add(entry)
    if (lease.state === 'declined') this.#limitResting()
  }

  /**
   * When too many rest, the one that rests longest is free again, those that nobody had leased first; it is asked for on the
   * network before anybody gets it.
   */
  #limitResting(): void {
    const { declined, declinedOffer } = this.#queues
    if (declined.size + declinedOffer.size <= this.#restingMax) return
    const first = declinedOffer.first ?? declined.first
    if (first === undefined) return
    first.lease = { ...first.lease, expiresAtMs: 0 }
    this.#free(first)
  }

  /** Its client is no longer found by it, unless it is the same. */
  #entryAt(address: number, lease: Lease): LeaseEntry {
    const known = this.#byAddress.get(address)
    if (known === undefined) {
      const entry = { address, lease, queue: undefined, previous: undefined, next: undefined }
      this.#byAddress.set(address, entry)
      return entry
    }
    const { macAddress, clientKey } = known.lease
    if (macAddress !== undefined && macAddress !== lease.macAddress && this.#byDevice.get(macAddress) === known) {
      this.#byDevice.delete(macAddress)
    }
    if (clientKey !== lease.clientKey && this.#byKey.get(clientKey) === known) this.#byKey.delete(clientKey)
    return known
  }

  /** An address for a newcomer: one never used, else the one longest unused. Undefined: the pool is exhausted. */
  takeFree(nowMs: number, isExcluded: (address: Ipv4Address) => boolean): Ipv4Address | undefined {
    while (this.#nextUnused <= this.#last) {
      const number = this.#nextUnused
      this.#nextUnused += 1
      const address = ipv4FromNumber(number)
      if (!this.#byAddress.has(number) && this.isAssignable(address) && !isExcluded(address)) return address
    }
    this.#endLeases(nowMs)
    const first = this.#idle.first
    return first?.lease.address
  }

  #endLeases(nowMs: number): void {
    for (const queue of Object.values(this.#queues)) {
      for (let count = 0; count < endedPerCall; count += 1) {
        const { first } = queue
        if (first === undefined || first.lease.expiresAtMs > nowMs) break
        this.#free(first)
      }
    }
  }

  #free(entry: LeaseEntry): void {
    entry.queue?.remove(entry)
    if (this.isAssignable(entry.lease.address)) this.#idle.add(entry)
  }
}

/** Somebody may be using the address now. */
export function isHeld(lease: Lease, nowMs: number): boolean {
  return lease.state !== 'released' && lease.expiresAtMs > nowMs
}
