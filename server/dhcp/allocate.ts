/**
 * Which address a DISCOVER is offered: the reserved one, the one the device has or had, the one it asks for, one
 * that nobody had, the one longest unused (RFC 2131 section 4.3.1).
 */

import type { Ipv4Address } from '../address/ipv4-address.ts'
import { OptionCode } from '../wire/dhcp-option-code.ts'
import { addressOption } from '../wire/dhcp-option-values.ts'
import { isHeld, type LeaseTable } from './lease-table.ts'
import type { Exchange } from './pool-answer.ts'
import { reservationsOf, tableOf } from './pool-state.ts'

export type FoundAddress =
  | {
      readonly kind: 'found'
      readonly table: LeaseTable
      readonly address: Ipv4Address
      /** The client's reserved address on this link, when another device still has it. */
      readonly inUse?: Ipv4Address
    }
  | { readonly kind: 'exhausted' }

export function findAddress(exchange: Exchange): FoundAddress {
  const reserved = reservationsOf(exchange.state, exchange.client)
  for (const address of reserved) {
    const table = tableOf(exchange.tables, address)
    if (table !== undefined && isOpen(exchange, table, address)) return { kind: 'found', table, address }
  }
  const missed = reserved.find((address) => tableOf(exchange.tables, address) !== undefined)
  const conflict = missed === undefined ? {} : { inUse: missed }
  for (const address of preferredAddresses(exchange)) {
    const table = tableOf(exchange.tables, address)
    if (table?.isAssignable(address) !== true || address === exchange.serverAddress) continue
    if (isOpen(exchange, table, address)) return { kind: 'found', table, address, ...conflict }
  }
  for (const table of exchange.tables) {
    const address = table.takeFree(exchange.nowMs, (candidate) => candidate === exchange.serverAddress)
    if (address !== undefined) return { kind: 'found', table, address, ...conflict }
  }
  return { kind: 'exhausted' }
}

/** The device's own address comes before the identifier's, and both before what the client would like. */
function preferredAddresses({ client, tables }: Exchange): readonly Ipv4Address[] {
  const addresses: Ipv4Address[] = []
  const add = (address: Ipv4Address | undefined): void => void (address !== undefined && addresses.push(address))
  for (const table of tables) add(table.leaseOfDevice(client.macAddress)?.address)
  for (const table of tables) add(table.leaseOfKey(client.clientKey)?.address)
  add(addressOption(client.packet, OptionCode.requestedAddress))
  return addresses
}

/** Nobody else has it, and it does not rest after a conflict. */
function isOpen({ client, nowMs }: Exchange, table: LeaseTable, address: Ipv4Address): boolean {
  const lease = table.leaseAt(address)
  if (lease === undefined || !isHeld(lease, nowMs)) return true
  return lease.state !== 'declined' && lease.macAddress === client.macAddress
}
