/**
 * Which machine an IP address belongs to, as far as DHCP, scripts and agents told. It only decides under which lane a
 * download is shown, never what anybody may do. Bounded: addresses that were not seen for long are forgotten first.
 */

import type { LaneId } from '../contract/progress.ts'

/** A large class C campus; some 200 octets each, twice. */
const addressesMax = 16_384

export class MachineAddresses {
  #recent = new Map<string, LaneId>()
  /** What was recent before; it goes when the recent ones are too many. */
  #earlier: ReadonlyMap<string, LaneId> = new Map()

  remember(ipAddress: string, lane: LaneId): void {
    this.#recent.set(plainAddress(ipAddress), lane)
    if (this.#recent.size < addressesMax) return
    this.#earlier = this.#recent
    this.#recent = new Map()
  }

  find(ipAddress: string): LaneId | undefined {
    const key = plainAddress(ipAddress)
    return this.#recent.get(key) ?? this.#earlier.get(key)
  }
}

/** A dual-stack socket shows an IPv4 peer as `::ffff:192.0.2.1`. */
export function plainAddress(ipAddress: string): string {
  return ipAddress.replace(/^::ffff:/i, '')
}
