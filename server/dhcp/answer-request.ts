/** A REQUEST in each of the client's states (RFC 2131 section 4.3.2): SELECTING, INIT-REBOOT, RENEWING, REBINDING. */

import { unspecifiedAddress, type Ipv4Address } from '../address/ipv4-address.ts'
import { OptionCode } from '../wire/dhcp-option-code.ts'
import { addressOption } from '../wire/dhcp-option-values.ts'
import { relayAgentInformationOf } from '../wire/relay-agent-information.ts'
import { bindLease } from './bind-lease.ts'
import { isHeld } from './lease-table.ts'
import { nak, noPool, silent, type Exchange, type PoolResult } from './pool-answer.ts'
import { isReservedForOther, tableOf } from './pool-state.ts'

/** What the client fills in tells its state. */
export function answerRequest(exchange: Exchange): PoolResult {
  const { packet } = exchange.client
  const server = addressOption(packet, OptionCode.serverIdentifier)
  if (server !== undefined) return selecting(exchange, server)
  if (packet.ciaddr !== unspecifiedAddress) return renewing(exchange)
  const requested = addressOption(packet, OptionCode.requestedAddress)
  if (requested !== undefined) return initReboot(exchange, requested)
  return silent('a REQUEST without options 50 and 54 and without ciaddr asks for nothing')
}

/** Offers are forgotten when we restart, so an address that is free is given although no offer is known. */
function selecting(exchange: Exchange, server: Ipv4Address): PoolResult {
  const { state, client, tables, nowMs } = exchange
  const override = relayAgentInformationOf(client.packet).serverIdentifierOverride
  if (server !== exchange.serverAddress && server !== override) {
    dropOffer(exchange)
    return silent(`the client chose the server ${server}`)
  }
  if (tables.length === 0) return noPool(exchange)
  const address = addressOption(client.packet, OptionCode.requestedAddress) ?? client.packet.ciaddr
  if (address === unspecifiedAddress) return silent('the REQUEST names no address')
  const table = tableOf(tables, address)
  if (table === undefined) return nak(`${address} is not on this network`)
  if (isReservedForOther(state, address, client)) return nak(`${address} is reserved`)
  const lease = table.leaseAt(address)
  if (lease?.macAddress === client.macAddress) {
    return lease.state === 'declined' ? nak(`${address} was declined`) : bindLease(exchange, table, address)
  }
  if (lease !== undefined && isHeld(lease, nowMs)) return nak(`${address} belongs to another client`)
  const isFree = table.isAssignable(address) || state.reservedFor.has(address)
  if (!isFree || address === exchange.serverAddress) return nak(`${address} is not given out here`)
  return bindLease(exchange, table, address)
}

/** D4-05: the client went elsewhere, so the address is free at once. */
function dropOffer(exchange: Exchange): void {
  for (const table of exchange.tables) {
    const lease = table.leaseOfDevice(exchange.client.macAddress)
    if (lease?.state === 'offered') table.put({ ...lease, state: 'released', expiresAtMs: exchange.nowMs })
  }
}

/** A client that starts again with an address it remembers: NAK when wrong, silence when we know nothing (D4-06). */
function initReboot(exchange: Exchange, address: Ipv4Address): PoolResult {
  const { state, client, tables } = exchange
  if (tables.length === 0) return noPool(exchange)
  const table = tableOf(tables, address)
  if (table === undefined) return nak(`${address} is not on this network`)
  if (isReservedForOther(state, address, client)) return nak(`${address} is reserved`)
  const lease = table.leaseAt(address)
  if (lease?.macAddress === client.macAddress && lease.state !== 'declined') return bindLease(exchange, table, address)
  const isKnown = tables.some((candidate) => candidate.leaseOfDevice(client.macAddress) !== undefined)
  return isKnown ? nak(`${address} is not this client's address`) : silent('no record of this client')
}

/** RENEWING comes by unicast past the relay, REBINDING by broadcast: one answer for both (D4-07, L05). */
function renewing(exchange: Exchange): PoolResult {
  const { state, client, nowMs } = exchange
  const { ciaddr, giaddr } = client.packet
  const isRelayed = giaddr !== unspecifiedAddress
  const table = tableOf(isRelayed ? exchange.tables : state.tables, ciaddr)
  if (table === undefined) {
    const isWrong = isRelayed && exchange.tables.length > 0
    return isWrong ? nak(`${ciaddr} is not on this network`) : silent(`no pool for ${ciaddr}`)
  }
  if (isReservedForOther(state, ciaddr, client)) return nak(`${ciaddr} is reserved`)
  const lease = table.leaseAt(ciaddr)
  if (lease?.macAddress === client.macAddress) {
    return lease.state === 'declined' ? nak(`${ciaddr} was declined`) : bindLease(exchange, table, ciaddr)
  }
  const isTaken = lease !== undefined && isHeld(lease, nowMs)
  return isTaken ? nak(`${ciaddr} belongs to another client`) : silent('no record of this lease')
}
