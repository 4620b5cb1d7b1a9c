/** One address's life in `full` mode: offered, bound, released, declined (RFC 2131 section 4.3). Pure data. */

import type { Ipv4Address } from '../address/ipv4-address.ts'
import type { MacAddress } from '../address/mac-address.ts'

export interface Lease {
  readonly address: Ipv4Address
  /** Option 61 as hexadecimal when it was sent, else `htype:chaddr` (D4-17). */
  readonly clientKey: string
  /** The device behind the key: ROM, iPXE and system send different keys from one interface (D12). */
  readonly macAddress?: MacAddress
  /** Option 82 as hexadecimal, when the lease came through a relay that adds it. */
  readonly relayInformation?: string
  readonly hostName?: string
  /** Offers are kept in memory only (security C01). */
  readonly state: 'offered' | 'bound' | 'released' | 'declined'
  /** Milliseconds since the epoch; a released lease keeps its client's binding until the address is needed. */
  readonly expiresAtMs: number
}

/** An address kept for one client, inside or outside the pool's range. */
export interface Reservation {
  readonly address: Ipv4Address
  /** A MAC address, or option 61 as hexadecimal. */
  readonly clientKey: string
}
