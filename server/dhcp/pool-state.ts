/**
 * All pools of a server with their leases and reservations, and the question which pools belong to a client's link
 * (RFC 2131 section 4.3.1, RFC 3527). Built once from settings and the leases in the store.
 */

import { isInSubnet, unspecifiedAddress, type Ipv4Address } from '../address/ipv4-address.ts'
import { relayAgentInformationOf } from '../wire/relay-agent-information.ts'
import type { DhcpClient } from './dhcp-client.ts'
import { hardwareKey } from './hardware-key.ts'
import type { Lease } from './lease.ts'
import { LeaseTable } from './lease-table.ts'
import { reservationKey, type PoolSettings } from './pool-settings.ts'

export interface PoolState {
  readonly tables: readonly LeaseTable[]
  /** Key of the client by address, and addresses by key of the client. */
  readonly reservedFor: ReadonlyMap<Ipv4Address, string>
  readonly reservedBy: ReadonlyMap<string, readonly Ipv4Address[]>
}

/** What the listener knows about the arrival of a message, and the time. */
export interface PoolContext {
  readonly nowMs: number
  /** Our address on the receiving interface: server identifier, and the link of a client that no relay speaks for. */
  readonly serverAddress: Ipv4Address
}

export function createPoolState(settings: PoolSettings, leases: Iterable<Lease>): PoolState {
  const reserved = settings.reservations.map(({ address }) => address)
  const tables = settings.pools.map((pool) => new LeaseTable(pool, reserved))
  const inOrder = [...leases].filter(({ state }) => state !== 'offered').sort((a, b) => a.expiresAtMs - b.expiresAtMs)
  for (const lease of inOrder) tableOf(tables, lease.address)?.put(lease)
  const reservedBy = new Map<string, Ipv4Address[]>()
  for (const reservation of settings.reservations) {
    const key = reservationKey(reservation)
    reservedBy.set(key, [...(reservedBy.get(key) ?? []), reservation.address])
  }
  const reservedFor = new Map(settings.reservations.map((entry) => [entry.address, reservationKey(entry)]))
  return { tables, reservedFor, reservedBy }
}

/** Where the client is: what its relay says in option 82, else the relay's own address, else our interface (D4-19, L01). */
export function linkAddressOf(client: DhcpClient, context: PoolContext): Ipv4Address {
  const { linkSelection } = relayAgentInformationOf(client.packet)
  if (linkSelection !== undefined) return linkSelection
  return client.packet.giaddr === unspecifiedAddress ? context.serverAddress : client.packet.giaddr
}

export function tablesOfLink(state: PoolState, linkAddress: Ipv4Address): readonly LeaseTable[] {
  return state.tables.filter(({ pool }) => isInSubnet(linkAddress, pool.subnet))
}

/** The table that keeps an address: the one with it in its range, else the first of its subnet (reservations). */
export function tableOf(tables: readonly LeaseTable[], address: Ipv4Address): LeaseTable | undefined {
  let first: LeaseTable | undefined
  for (const table of tables) {
    if (!isInSubnet(address, table.pool.subnet)) continue
    if (table.isAssignable(address)) return table
    first ??= table
  }
  return first
}

export function reservationsOf(state: PoolState, client: DhcpClient): readonly Ipv4Address[] {
  if (state.reservedBy.size === 0) return []
  return keysOf(client).flatMap((key) => state.reservedBy.get(key) ?? [])
}

export function isReservedForOther(state: PoolState, address: Ipv4Address, client: DhcpClient): boolean {
  const key = state.reservedFor.get(address)
  return key !== undefined && !keysOf(client).includes(key)
}

function keysOf(client: DhcpClient): readonly string[] {
  return [...new Set([client.macAddress, client.clientKey, hardwareKey(client.macAddress)])]
}
