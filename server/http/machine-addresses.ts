/**
 * Which machine an IP address belongs to, as far as DHCP, the neighbour table and agents told. It only decides under
 * which lane a download is shown, never what anybody may do; but a lane is moved by its own machine alone, so what a URL
 * says about its sender is not believed by itself. Bounded: what was not heard of for long is forgotten first.
 */

import type { LaneId } from '../contract/progress.ts'

/** A large class C campus; some 200 octets each, up to twice as many. */
const addressesMax = 16_384
/** From a machine's DISCOVER to the script it asks for: a slow loader, and a switch port that opens late. */
export const expectedMs = 10 * 60_000

export class MachineAddresses {
  readonly #lanes = new RecentMap<string, LaneId>()
  /** Machines that asked DHCP for a boot, and since when nobody knows where they are. */
  readonly #expected = new RecentMap<LaneId, number>()
  readonly #neighbourAt: (ipAddress: string) => LaneId | undefined

  constructor(neighbourAt: (ipAddress: string) => LaneId | undefined = () => undefined) {
    this.#neighbourAt = neighbourAt
  }

  remember(ipAddress: string, lane: LaneId): void {
    this.#expected.delete(lane)
    this.#lanes.set(plainAddress(ipAddress), lane)
  }

  find(ipAddress: string): LaneId | undefined {
    return this.#lanes.get(plainAddress(ipAddress))
  }

  /** Beside another DHCP server nobody tells us the address that this machine gets. */
  expect(lane: LaneId, nowMs: number): void {
    this.#expected.set(lane, nowMs)
  }

  /**
   * Whether a request from this address that names this lane is that machine's own. Behind a relay an address that is
   * nobody's is taken for the one of a machine that has just asked DHCP for a boot, once.
   */
  isOf(ipAddress: string, lane: LaneId, nowMs: number): boolean {
    const owner = this.find(ipAddress)
    if (owner === lane) return true
    const neighbour = this.#neighbourAt(plainAddress(ipAddress))
    const expectedAtMs = this.#expected.get(lane) ?? Number.NEGATIVE_INFINITY
    const isNobodys = owner === undefined && neighbour === undefined
    const isOf = neighbour === lane || (isNobodys && nowMs - expectedAtMs <= expectedMs)
    if (isOf) this.remember(ipAddress, lane)
    return isOf
  }
}

/** When the recent ones are too many they become the earlier ones: taking the oldest out of a Map walks over its holes. */
class RecentMap<Key, Value> {
  #recent = new Map<Key, Value>()
  #earlier = new Map<Key, Value>()

  get(key: Key): Value | undefined {
    return this.#recent.get(key) ?? this.#earlier.get(key)
  }

  set(key: Key, value: Value): void {
    this.#recent.set(key, value)
    if (this.#recent.size < addressesMax) return
    this.#earlier = this.#recent
    this.#recent = new Map()
  }

  delete(key: Key): void {
    this.#recent.delete(key)
    this.#earlier.delete(key)
  }
}

/** A dual-stack socket shows an IPv4 peer as `::ffff:192.0.2.1`. */
export function plainAddress(ipAddress: string): string {
  return ipAddress.startsWith(':') ? ipAddress.replace(/^::ffff:/i, '') : ipAddress
}
