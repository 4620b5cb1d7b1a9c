/**
 * The leases of one pool, found by address, by device and by client key, and the order in which addresses become
 * free again. Every operation costs the same for a /28 and a /16. The table is changed in place: whoever is given one
 * may use only what comes back. It reads no clock; `nowMs` is always handed in.
 */

import { broadcastOf, ipv4FromNumber, ipv4ToNumber, type Ipv4Address } from '../address/ipv4-address.ts'
import type { MacAddress } from '../address/mac-address.ts'
import { AddressQueue } from './address-queue.ts'
import type { Lease } from './lease.ts'
import type { AddressPool } from './pool-settings.ts'

/** Moved to the free addresses in one call: enough for the next offer, little enough for one packet's time. */
const endedPerCall = 64

export class LeaseTable {
  readonly pool: AddressPool
  readonly #byAddress = new Map<number, Lease>()
  readonly #byDevice = new Map<MacAddress, number>()
  readonly #byKey = new Map<string, number>()
  /** Each in the order in which its leases end, because each has one length of time. */
  readonly #queues = { offered: new AddressQueue(), bound: new AddressQueue(), declined: new AddressQueue() }
  /** Free addresses that somebody had: the one longest unused comes first. */
  readonly #idle = new AddressQueue()
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
  }

  leaseAt(address: Ipv4Address): Lease | undefined {
    return this.#byAddress.get(ipv4ToNumber(address))
  }

  leaseOfDevice(macAddress: MacAddress): Lease | undefined {
    return this.#byAddress.get(this.#byDevice.get(macAddress) ?? -1)
  }

  leaseOfKey(clientKey: string): Lease | undefined {
    return this.#byAddress.get(this.#byKey.get(clientKey) ?? -1)
  }

  get leases(): IterableIterator<Lease> {
    return this.#byAddress.values()
  }

  /** In the range, not reserved, and not an address of the network itself. */
  isAssignable(address: Ipv4Address): boolean {
    const number = ipv4ToNumber(address)
    return number >= this.#first && number <= this.#last && !this.#kept.has(number)
  }

  /** Replaces what was known about the address. */
  put(lease: Lease): void {
    const number = ipv4ToNumber(lease.address)
    this.#forget(number)
    this.#byAddress.set(number, lease)
    if (lease.macAddress !== undefined) this.#byDevice.set(lease.macAddress, number)
    this.#byKey.set(lease.clientKey, number)
    if (lease.state === 'released') this.#free(lease)
    else this.#queues[lease.state].add(number)
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
    return first === undefined ? undefined : ipv4FromNumber(first)
  }

  #endLeases(nowMs: number): void {
    for (const queue of Object.values(this.#queues)) {
      for (let count = 0; count < endedPerCall && queue.first !== undefined; count += 1) {
        const lease = this.#byAddress.get(queue.first)
        if (lease === undefined || lease.expiresAtMs > nowMs) break
        queue.remove(queue.first)
        this.#free(lease)
      }
    }
  }

  #free(lease: Lease): void {
    if (this.isAssignable(lease.address)) this.#idle.add(ipv4ToNumber(lease.address))
  }

  #forget(number: number): void {
    const before = this.#byAddress.get(number)
    if (before === undefined) return
    if (before.state !== 'released') this.#queues[before.state].remove(number)
    // An ended lease waits there under the state it had.
    this.#idle.remove(number)
    if (before.macAddress !== undefined && this.#byDevice.get(before.macAddress) === number) {
      this.#byDevice.delete(before.macAddress)
    }
    if (this.#byKey.get(before.clientKey) === number) this.#byKey.delete(before.clientKey)
  }
}

/** Somebody may be using the address now. */
export function isHeld(lease: Lease, nowMs: number): boolean {
  return lease.state !== 'released' && lease.expiresAtMs > nowMs
}
