/**
 * The address scripts and boot files point at: `http://` and a literal IPv4 address, with a port or none. Never a
 * name, because a machine in proxy mode may have no DNS (peers.md H03, I04). The address is that of the receiving interface
 * or configured, never a Host header: nothing here takes a request (security B11).
 */

import type { Ipv4Address } from '../address/ipv4-address.ts'

export type ServerUrl = string & { readonly __brand: 'ServerUrl' }

export function serverUrl(address: Ipv4Address, port: number): ServerUrl {
  return (port === 80 ? `http://${address}` : `http://${address}:${port}`) as ServerUrl
}
