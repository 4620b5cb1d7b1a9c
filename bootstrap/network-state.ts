/**
 * The network of a running Linux as settings of Apply Network Settings (S2-070), from what ip(8) prints with `-json` and
 * from resolv.conf(5). Pure. IPv6 addresses come from the network by themselves and are not kept.
 */

import { parseIpv4Address } from '../server/address/ipv4-address.ts'
import type { NetworkAdapter } from '../server/sequence/step-types/apply-network-settings.ts'
import { hasTexts, isFields } from './decode-answer.ts'

export interface NetworkState {
  /** Of `ip -json address show`. */
  readonly addresses: unknown
  /** Of `ip -json route show default`. */
  readonly routes: unknown
  readonly resolvConf: string
}

/** Cards in the order of `macAddresses`; those that are not among them, such as tunnels, are left out. */
export function readAdapters(state: NetworkState, macAddresses: readonly string[]): readonly NetworkAdapter[] {
  const links = listOf(state.addresses)
  return macAddresses.flatMap((macAddress) => {
    const link = links.find(({ address }) => String(address).toLowerCase() === macAddress.toLowerCase())
    return link === undefined ? [] : [adapterOf(link, macAddress, state)]
  })
}

export function searchDomains(resolvConf: string): readonly string[] {
  const lines = resolvConf.split('\n').map((line) => line.trim().split(/\s+/))
  // resolv.conf(5): the last of `domain` and `search` counts.
  return lines.findLast(([word]) => word === 'search' || word === 'domain')?.slice(1) ?? []
}

function adapterOf(link: Fields, macAddress: string, { routes, resolvConf }: NetworkState): NetworkAdapter {
  const known = listOf(link['addr_info']).filter(({ family, scope }) => family === 'inet' && scope === 'global')
  const isDynamic = known.length === 0 || known.some(({ dynamic }) => dynamic === true)
  const addresses = isDynamic
    ? []
    : known.flatMap((entry) =>
        hasTexts(entry, 'local') ? [`${String(entry['local'])}/${Number(entry['prefixlen'])}`] : [],
      )
  const gateways = listOf(routes)
    .filter(({ dev }) => dev === link['ifname'])
    .flatMap((route) => (hasTexts(route, 'gateway') ? [String(route['gateway'])] : []))
    .filter((gateway) => parseIpv4Address(gateway) !== undefined)
  const lines = resolvConf.split('\n').map((line) => line.trim().split(/\s+/))
  const servers = lines.flatMap(([word, server = '']) => (word === 'nameserver' ? [server] : []))
  return {
    name: hasTexts(link, 'ifname') ? String(link['ifname']) : '',
    macAddress,
    dhcp: isDynamic,
    addresses,
    gateways: isDynamic ? [] : gateways,
    // A resolver of the machine itself is none for the next system; DHCP brings its own.
    dnsServers: isDynamic
      ? []
      : servers.filter((server) => parseIpv4Address(server) !== undefined && !server.startsWith('127.')),
    dnsDomain: '',
    registerInDns: true,
    registerWithDomain: false,
    netbios: 'dhcp',
    winsServers: [],
  }
}

type Fields = Readonly<Record<string, unknown>>

function listOf(value: unknown): readonly Fields[] {
  const entries: readonly unknown[] = Array.isArray(value) ? value : []
  return entries.filter((entry) => isFields(entry))
}
