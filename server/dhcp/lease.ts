/** One address's life in `full` mode: offered, bound, released, declined (RFC 2131 section 4.3). Pure data. */

import type { Ipv4Address } from '../address/ipv4-address.ts'

export interface Lease {
  readonly address: Ipv4Address
  /** Option 61 as hexadecimal when it was sent, else `htype:chaddr` (D4-17). */
  readonly clientKey: string
  /** Option 82 as hexadecimal, when the lease came through a relay that adds it. */
  readonly relayInformation?: string
  readonly hostName?: string
  /** Offers are kept in memory only (security C01). */
  readonly state: 'offered' | 'bound' | 'released' | 'declined'
  /** Milliseconds since the epoch; a released lease keeps its client's binding until the address is needed. */
  readonly expiresAtMs: number
}

/** An address kept for one client, inside or outside the pool. */
export interface Reservation {
  readonly address: Ipv4Address
  readonly clientKey: string
}
