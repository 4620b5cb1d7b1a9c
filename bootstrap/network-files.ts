/**
 * Network settings as the applied system reads them: systemd-networkd (systemd.network(5)) or ifupdown
 * (interfaces(5)). networkd knows a card by its MAC address. ifupdown needs names, and those of the boot image are not
 * those of the installed system, so a link file (systemd.link(5)) names the cards `net0`, `net1` in our order. IPv4 and
 * IPv6 addresses are checked before anything is written; a wrong one is a fault of the step that names it.
 */

import { isIP } from 'node:net'
import { parseMacAddress } from '../server/address/mac-address.ts'
import type { ApplyNetworkSettings, NetworkAdapter } from '../server/sequence/step-types/apply-network-settings.ts'

export const networkFilesFolder = 'etc/systemd/network'
/** Names of the files that are written there. */
export const ourNetworkFile = /^(?:50-reveille(?:-\d+)?\.network|10-reveille-net\d+\.link)$/

export interface NetworkCard {
  /** Name in the applied system where it needs one. */
  readonly name: string
  readonly macAddress: string
}

export interface TextFile {
  /** Relative to the root of the system. */
  readonly path: string
  readonly text: string
}

/** Everything wrong with the settings, each with its place; nothing when they can be applied. */
export function faultsOfNetworkSettings(
  action: ApplyNetworkSettings,
  cards: readonly NetworkCard[],
): readonly string[] {
  const faults = action.adapters.flatMap((adapter, index) => adapterFaults(adapter, `adapter ${index}`))
  const found = action.adapters.map((adapter, index) => cardOf(adapter, index, cards))
  if (action.adapters.length > cards.length)
    faults.push(`there are ${action.adapters.length} adapters, and ${cards.length} network cards`)
  for (const [index, card] of found.entries()) {
    const { macAddress = '', cardNumber = 0 } = action.adapters[index] ?? {}
    if (macAddress !== '' && card === undefined) faults.push(`adapter ${index}: no card has the address ${macAddress}`)
    if (macAddress === '' && cardNumber >= cards.length) faults.push(`adapter ${index}: there is no card ${cardNumber}`)
    if (card !== undefined && found.indexOf(card) < index)
      faults.push(`adapter ${index}: its card has settings already`)
  }
  if (action.dnsDomain !== '' && !/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i.test(action.dnsDomain)) {
    faults.push(`${JSON.stringify(action.dnsDomain)} is not a DNS domain`)
  }
  return faults
}

/** The card that is meant: by its address, by its number, or the one at the same place. */
export function cardOf(adapter: NetworkAdapter, index: number, cards: readonly NetworkCard[]): NetworkCard | undefined {
  const wanted = parseMacAddress(adapter.macAddress)
  if (wanted !== undefined) return cards.find(({ macAddress }) => parseMacAddress(macAddress) === wanted)
  return cards[adapter.cardNumber ?? index]
}

/** Where names without a domain are looked for; those of the card come first. */
function searchDomains({ dnsDomain, dnsSuffixes }: ApplyNetworkSettings, ofCard = ''): readonly string[] {
  return [...new Set([ofCard, dnsDomain, ...dnsSuffixes])].filter((domain) => domain !== '')
}

export function printNetworkdFiles(action: ApplyNetworkSettings, cards: readonly NetworkCard[]): readonly TextFile[] {
  const domains = (ofCard: string): readonly string[] => {
    const search = searchDomains(action, ofCard)
    return search.length === 0 ? [] : [`Domains=${search.join(' ')}`]
  }
  if (action.adapters.length === 0) {
    const text = sections(['[Match]', 'Type=ether', 'Kind=!*'], ['[Network]', 'DHCP=yes', ...domains('')])
    return [{ path: `${networkFilesFolder}/50-reveille.network`, text }]
  }
  return action.adapters.map((adapter, index) => ({
    path: `${networkFilesFolder}/50-reveille-${index}.network`,
    text: sections(
      ['[Match]', `MACAddress=${cardOf(adapter, index, cards)?.macAddress ?? ''}`],
      [
        '[Network]',
        `DHCP=${adapter.dhcp ? 'yes' : 'no'}`,
        ...adapter.addresses.map((address) => `Address=${address}`),
        ...adapter.gateways.map((gateway) => `Gateway=${gateway}`),
        ...adapter.dnsServers.map((server) => `DNS=${server}`),
        ...domains(adapter.dnsDomain),
      ],
    ),
  }))
}

/** `interfaces`, and the link files that make its names true. */
export function printIfupdownFiles(action: ApplyNetworkSettings, cards: readonly NetworkCard[]): readonly TextFile[] {
  const links = cards.map(({ name, macAddress }) => ({
    path: `${networkFilesFolder}/10-reveille-${name}.link`,
    text: sections(['[Match]', `MACAddress=${macAddress}`], ['[Link]', `Name=${name}`]),
  }))
  return [...links, printInterfacesFile(action, cards)]
}

function printInterfacesFile(action: ApplyNetworkSettings, cards: readonly NetworkCard[]): TextFile {
  const blocks =
    action.adapters.length === 0
      ? cards.map(({ name }) => `allow-hotplug ${name}\niface ${name} inet dhcp`)
      : action.adapters.map((adapter, index) =>
          printInterface(adapter, cardOf(adapter, index, cards)?.name ?? '', searchDomains(action, adapter.dnsDomain)),
        )
  return { path: 'etc/network/interfaces', text: ['auto lo\niface lo inet loopback', ...blocks, ''].join('\n\n') }
}

/** Static name servers, for systems without a resolver that networkd tells. */
export function printResolvConf(action: ApplyNetworkSettings): string | undefined {
  const servers = [...new Set(action.adapters.flatMap(({ dnsServers }) => dnsServers))]
  if (servers.length === 0) return undefined
  const domains = searchDomains(action)
  const search = domains.length === 0 ? [] : [`search ${domains.join(' ')}`]
  return [...search, ...servers.map((server) => `nameserver ${server}`), ''].join('\n')
}

function printInterface(adapter: NetworkAdapter, name: string, domains: readonly string[]): string {
  const lines = [`allow-hotplug ${name}`]
  if (adapter.dhcp) lines.push(`iface ${name} inet dhcp`)
  const dns = adapter.dnsServers.length === 0 ? [] : [`  dns-nameservers ${adapter.dnsServers.join(' ')}`]
  const search = domains.length === 0 ? [] : [`  dns-search ${domains.join(' ')}`]
  for (const [index, address] of adapter.addresses.entries()) {
    const family = isIP(address.split('/')[0] ?? '') === 6 ? 'inet6' : 'inet'
    lines.push(`iface ${name} ${family} static`, `  address ${address}`)
    const gateway = adapter.gateways.find((candidate) => (isIP(candidate) === 6) === (family === 'inet6'))
    if (index === 0 && gateway !== undefined) lines.push(`  gateway ${gateway}`)
    if (index === 0) lines.push(...dns, ...search)
  }
  return lines.join('\n')
}

function adapterFaults(adapter: NetworkAdapter, place: string): string[] {
  const faults = adapter.addresses
    .filter((address) => !isAddressWithPrefix(address))
    .map(
      (address) =>
        `${place}: ${JSON.stringify(address)} is not an address with its prefix length, such as 192.168.7.20/24`,
    )
  for (const address of [...adapter.gateways, ...adapter.dnsServers]) {
    if (isIP(address) === 0) faults.push(`${place}: ${JSON.stringify(address)} is not an IP address`)
  }
  if (!adapter.dhcp && adapter.addresses.length === 0) faults.push(`${place}: neither DHCP nor an address`)
  return faults
}

function isAddressWithPrefix(text: string): boolean {
  const [address = '', prefix = ''] = text.split('/')
  // `isIP` lets a zone such as `%eth0` through.
  const family = address.includes('%') ? 0 : isIP(address)
  return family !== 0 && /^[0-9]{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128)
}

function sections(...parts: readonly (readonly string[])[]): string {
  return parts.map((lines) => `${lines.join('\n')}\n`).join('\n')
}
