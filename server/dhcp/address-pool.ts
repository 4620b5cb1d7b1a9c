/**
 * The DHCP server of `full` mode (RFC 2131 section 4.3): from a client's message to an answer, and to effects that the
 * listener performs in order before it sends the answer. It changes the pool it is given in place, whatever becomes of
 * the effects: a lease that could not be saved is held for its client, who asks again. It waits for nothing and knows no clock.
 *
 * One device has one address: it is known by its hardware address, because ROM, iPXE and the installed system send
 * different client identifiers from one interface (D12), and cloned systems send one identifier from several.
 * The identifier finds a binding only when no other device is using it, as after a change of the network card.
 *
 * Boot data is not known here; the listener adds it to the answer.
 */

import type { Ipv4Address } from '../address/ipv4-address.ts'
import { OptionCode } from '../wire/dhcp-option-code.ts'
import { addressOption } from '../wire/dhcp-option-values.ts'
import { findAddress } from './allocate.ts'
import { answerRequest } from './answer-request.ts'
import { newLease } from './bind-lease.ts'
import type { DhcpClient } from './dhcp-client.ts'
import { isHeld } from './lease-table.ts'
import type { Lease } from './lease.ts'
import { noPool, silent, type Exchange, type PoolEffect, type PoolResult } from './pool-answer.ts'
import { networkTermsOf, termsOf } from './pool-settings.ts'
import { linkAddressOf, tableOf, tablesOfLink, type PoolContext, type PoolState } from './pool-state.ts'

/** Security C01: an offer that nobody takes must not keep an address for long. */
export const offerHoldMs = 30_000
/** How long an address rests after somebody said that it is in use; Kea's default (D4-08). */
export const declineHoldMs = 24 * 3_600_000
/** The same for an address that nobody leased: an honest client looks around after the ACK, not after the offer. */
export const declinedOfferHoldMs = 60_000

export function answerDhcp(pool: PoolState, client: DhcpClient, context: PoolContext): PoolResult {
  const tables = tablesOfLink(pool, linkAddressOf(client, context))
  return answerMessage({ ...context, state: pool, client, tables })
}

/** A probe found the address in use: it rests like a declined one. */
export function addressInUse(pool: PoolState, address: Ipv4Address, nowMs: number): PoolResult {
  const table = tableOf(pool.tables, address)
  const before = table?.leaseAt(address)
  if (table === undefined || before?.macAddress === undefined) return silent('no such offer')
  const lease: Lease = { ...before, state: 'declined', expiresAtMs: nowMs + declineHoldMs }
  table.put(lease, 'probed')
  const effects: readonly PoolEffect[] = [
    { kind: 'save-lease', lease },
    { kind: 'report-conflict', address, macAddress: before.macAddress, how: 'probed' },
  ]
  return { ...silent(`${address} is in use`), effects }
}

function answerMessage(exchange: Exchange): PoolResult {
  switch (exchange.client.messageType) {
    case 'DHCPDISCOVER':
      return answerDiscover(exchange)
    case 'DHCPREQUEST':
      return answerRequest(exchange)
    case 'DHCPRELEASE':
      return release(exchange)
    case 'DHCPDECLINE':
      return decline(exchange)
    case 'DHCPINFORM':
      return inform(exchange)
    default:
      return silent(`${exchange.client.messageType} is not for a server`)
  }
}

/** No record is written: an offer lives in memory only. */
function answerDiscover(exchange: Exchange): PoolResult {
  const { client, nowMs, tables } = exchange
  if (tables.length === 0) return noPool(exchange)
  const found = findAddress(exchange)
  if (found.kind === 'exhausted') {
    const pools = tables.map(({ pool }) => pool.name)
    return { ...silent('no free address'), effects: [{ kind: 'report-exhausted', pools }] }
  }
  const { table, address } = found
  const before = table.leaseAt(address)
  const isItsOwn = before?.macAddress === client.macAddress && before.state !== 'declined'
  // A client that asks again while its lease runs keeps the lease; an offer must not shorten it.
  if (!isItsOwn || before.state !== 'bound' || !isHeld(before, nowMs)) {
    table.put(newLease(client, address, { state: 'offered', expiresAtMs: nowMs + offerHoldMs }))
  }
  const effects: PoolEffect[] = []
  if (found.inUse !== undefined) {
    const conflict = { address: found.inUse, macAddress: client.macAddress, how: 'reservation-in-use' } as const
    effects.push({ kind: 'report-conflict', ...conflict })
  }
  if (table.pool.probe && !isItsOwn) effects.push({ kind: 'probe', address })
  return { answer: { kind: 'offer', lease: termsOf(table.pool, address) }, effects }
}

/** The binding is remembered, so that the client finds its address again when it comes back in time (D4-09). */
function release({ state, client, nowMs }: Exchange): PoolResult {
  const { ciaddr } = client.packet
  const table = tableOf(state.tables, ciaddr)
  const lease = table?.leaseAt(ciaddr)
  if (table === undefined || lease?.state !== 'bound' || lease.macAddress !== client.macAddress) {
    return silent('it releases what it does not have')
  }
  const released: Lease = { ...lease, state: 'released', expiresAtMs: nowMs }
  table.put(released)
  return { ...silent(`${ciaddr} is released`), effects: [{ kind: 'save-lease', lease: released }] }
}

/** Only the client that was given the address can decline it; what was no lease leaves no record (security C01). */
function decline({ state, client, nowMs }: Exchange): PoolResult {
  const address = addressOption(client.packet, OptionCode.requestedAddress)
  const table = address === undefined ? undefined : tableOf(state.tables, address)
  const lease = address === undefined ? undefined : table?.leaseAt(address)
  if (address === undefined || table === undefined || lease?.macAddress !== client.macAddress) {
    return silent('it declines what it was not given')
  }
  if (lease.state === 'declined') return silent(`${address} rests already`)
  const wasLeased = lease.state === 'bound' && isHeld(lease, nowMs)
  const holdMs = wasLeased ? declineHoldMs : declinedOfferHoldMs
  const declined: Lease = { ...lease, state: 'declined', expiresAtMs: nowMs + holdMs }
  table.put(declined, wasLeased ? 'declined' : 'declinedOffer')
  const effects: readonly PoolEffect[] = [
    ...(wasLeased ? [{ kind: 'save-lease', lease: declined } as const] : []),
    { kind: 'report-conflict', address, macAddress: client.macAddress, how: 'declined' },
  ]
  return { ...silent(`${address} is in use by somebody else`), effects }
}

function inform(exchange: Exchange): PoolResult {
  const table = tableOf(exchange.state.tables, exchange.client.packet.ciaddr) ?? exchange.tables[0]
  if (table === undefined) return noPool(exchange)
  return { answer: { kind: 'inform-ack', network: networkTermsOf(table.pool) }, effects: [] }
}
