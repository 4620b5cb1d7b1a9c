/**
 * Which machine an IP address belongs to, as far as DHCP, scripts and agents told. It only decides under which lane a
 * download is shown, never what anybody may do. Bounded: the address not seen longest is forgotten first.
 */

import type { LaneId } from '../contract/progress.ts'

/** A large class C campus; some 200 octets each. */
const addressesMax = 16_384

export class MachineAddresses {
  readonly #lanes = new Map<string, LaneId>()

  remember(ipAddress: string, lane: LaneId): void {
    const key = plainAddress(ipAddress)
    this.#lanes.delete(key)
    this.#lanes.set(key, lane)
    if (this.#lanes.size <= addressesMax) return
    const [oldest] = this.#lanes.keys()
    if (oldest !== undefined) this.#lanes.delete(oldest)
  }

  find(ipAddress: string): LaneId | undefined {
    return this.#lanes.get(plainAddress(ipAddress))
  }
}

/** A dual-stack socket shows an IPv4 peer as `::ffff:192.0.2.1`. */
export function plainAddress(ipAddress: string): string {
  return ipAddress.replace(/^::ffff:/i, '')
}
