/** Writing a lease down for a client: as an offer, or bound for the pool's time. */

import { printHex } from '../address/hexadecimal.ts'
import type { Ipv4Address } from '../address/ipv4-address.ts'
import { decodeTerminatedText } from '../wire/ascii.ts'
import { OptionCode } from '../wire/dhcp-option-code.ts'
import type { DhcpClient } from './dhcp-client.ts'
import type { LeaseTable } from './lease-table.ts'
import type { Lease } from './lease.ts'
import type { Exchange, PoolResult } from './pool-answer.ts'
import { termsOf } from './pool-settings.ts'

/** The ACK follows when the lease is kept for good. */
export function bindLease(exchange: Exchange, table: LeaseTable, address: Ipv4Address): PoolResult {
  const expiresAtMs = exchange.nowMs + table.pool.leaseSeconds * 1000
  const lease = newLease(exchange.client, address, { state: 'bound', expiresAtMs })
  table.put(lease)
  return { answer: { kind: 'ack', lease: termsOf(table.pool, address) }, effects: [{ kind: 'save-lease', lease }] }
}

export function newLease(client: DhcpClient, address: Ipv4Address, life: Pick<Lease, 'state' | 'expiresAtMs'>): Lease {
  const { options } = client.packet
  const hostName = hostNameIn(options.get(OptionCode.hostName))
  const relayInformation = options.get(OptionCode.relayAgentInformation)
  return {
    address,
    clientKey: client.clientKey,
    macAddress: client.macAddress,
    ...(relayInformation === undefined ? {} : { relayInformation: printHex(relayInformation) }),
    ...(hostName === undefined ? {} : { hostName }),
    ...life,
  }
}

/** A machine may call itself anything; only what can be a host name is kept. */
function hostNameIn(value: Uint8Array | undefined): string | undefined {
  const text = value === undefined ? '' : decodeTerminatedText(value)
  return /^[\w.-]{1,253}$/.test(text) ? text : undefined
}
