/**
 * The address scripts and boot files point at: `http://` and a literal IPv4 address, with a port or none. Names are
 * refused because a machine in proxy mode may have no DNS (peers.md H03, I04). It comes from the configuration or from the
 * receiving interface, never from a Host header: nothing here takes a request (security B11).
 */

import { type Ipv4Address, parseIpv4Address } from '../address/ipv4-address.ts'

export type ServerUrl = string & { readonly __brand: 'ServerUrl' }

export function parseServerUrl(text: string): ServerUrl | undefined {
  const parts = /^http:\/\/([0-9.]+)(?::([1-9][0-9]{0,4}))?\/?$/.exec(text)
  const address = parseIpv4Address(parts?.[1] ?? '')
  if (address === undefined) return undefined
  const port = parts?.[2] === undefined ? 80 : Number(parts[2])
  return port > 65_535 ? undefined : serverUrl(address, port)
}

export function serverUrl(address: Ipv4Address, port: number): ServerUrl {
  return (port === 80 ? `http://${address}` : `http://${address}:${port}`) as ServerUrl
}
