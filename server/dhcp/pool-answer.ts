/** What the server of `full` mode says to one message, what is to be done before it is said, and what it works with. */

import type { Ipv4Address } from '../address/ipv4-address.ts'
import type { MacAddress } from '../address/mac-address.ts'
import type { DhcpAnswer } from './dhcp-answer.ts'
import type { DhcpClient } from './dhcp-client.ts'
import type { LeaseTable } from './lease-table.ts'
import type { Lease } from './lease.ts'
import { linkAddressOf, type PoolContext, type PoolState } from './pool-state.ts'

type PoolAnswer = Exclude<DhcpAnswer, { kind: 'proxy-offer' | 'proxy-ack' }> | Silent

interface Silent {
  readonly kind: 'silent'
  readonly reason: string
}

export type PoolEffect =
  /** To be on the disk before the answer leaves (D4-27). */
  | { readonly kind: 'save-lease'; readonly lease: Lease }
  | { readonly kind: 'report-exhausted'; readonly pools: readonly string[] }
  | {
      readonly kind: 'report-conflict'
      readonly address: Ipv4Address
      readonly macAddress: MacAddress
      readonly how: 'declined' | 'probed' | 'reservation-in-use'
    }
  /**
   * Before the offer leaves: ask the network for this address for a moment. When somebody answers, call
   * `addressInUse` and then `answerDhcp` again with the same message; else send the offer.
   */
  | { readonly kind: 'probe'; readonly address: Ipv4Address }

/** The pool has changed already when this comes back; the effects are what the outside has to do. */
export interface PoolResult {
  readonly answer: PoolAnswer
  readonly effects: readonly PoolEffect[]
}

/** One message on its way through the server. */
export interface Exchange extends PoolContext {
  readonly state: PoolState
  readonly client: DhcpClient
  /** The pools of the client's link, in the order of the settings. None: its network is not ours to speak for. */
  readonly tables: readonly LeaseTable[]
}

export function silent(reason: string): PoolResult {
  return { answer: { kind: 'silent', reason }, effects: [] }
}

export function nak(reason: string): PoolResult {
  return { answer: { kind: 'nak', reason }, effects: [] }
}

export function noPool(exchange: Exchange): PoolResult {
  return silent(`no pool for the network of ${linkAddressOf(exchange.client, exchange)}`)
}
