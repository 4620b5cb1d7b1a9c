/** Apply Network Settings in a task sequence document: each card by DHCP, or with at least one address. */

import { parseIpv4Address } from '../address/ipv4-address.ts'
import type { ApplyNetworkSettings, NetworkAdapter } from './action.ts'
import { fault, type Place, readBoolean, readList, readMembers, readText } from './read-document.ts'

/** Ours. */
export const adaptersMax = 32
export const addressesMax = 16
/** RFC 1035 section 2.3.4. */
export const domainCharactersMax = 253

export function parseApplyNetworkSettings(place: Place): ApplyNetworkSettings | undefined {
  const members = readMembers(place, ['type', 'adapters', 'dnsDomain'])
  if (members === undefined) return undefined
  const rule = { min: 0, max: adaptersMax, absent: [] }
  const adapters = readList<NetworkAdapter | undefined>(members.adapters, rule, parseAdapter)
  const dnsDomain = readText(members.dnsDomain, { max: domainCharactersMax, absent: '' })
  if (dnsDomain !== '' && !mayChange(dnsDomain) && !isDomain(dnsDomain)) {
    fault(members.dnsDomain, 'bad-characters', 'Give a domain such as example.org, or leave it out.')
  }
  return {
    type: 'apply-network-settings',
    adapters: adapters.filter((adapter) => adapter !== undefined),
    dnsDomain,
  }
}

function parseAdapter(place: Place): NetworkAdapter | undefined {
  const members = readMembers(place, ['dhcp', 'addresses', 'gateways', 'dnsServers'])
  if (members === undefined) return undefined
  const addresses = readAddresses(members.addresses, addressAndPrefix)
  const dhcp = readBoolean(members.dhcp, addresses.length === 0)
  if (dhcp && addresses.length > 0) {
    fault(members.dhcp, 'contradiction', 'Give dhcp or addresses, not both.')
  }
  if (!dhcp && addresses.length === 0) {
    fault(members.addresses, 'missing', 'Give at least one address, such as 192.168.7.20/24, or set dhcp to true.')
  }
  return {
    dhcp,
    addresses,
    gateways: readAddresses(members.gateways, plainAddress),
    dnsServers: readAddresses(members.dnsServers, plainAddress),
  }
}

interface AddressForm {
  readonly isGood: (text: string) => boolean
  readonly advice: string
}

const plainAddress: AddressForm = {
  isGood: (text) => parseIpv4Address(text) !== undefined,
  advice: 'Give an IPv4 address such as 192.168.7.1.',
}

const addressAndPrefix: AddressForm = {
  isGood: isAddressAndPrefix,
  advice: 'Give an IPv4 address and its prefix length, such as 192.168.7.20/24.',
}

function readAddresses(place: Place, form: AddressForm): readonly string[] {
  return readList(place, { min: 0, max: addressesMax, absent: [] }, (item) => {
    const text = readText(item, { max: 255 })
    if (text !== '' && !mayChange(text) && !form.isGood(text)) fault(item, 'bad-address', form.advice)
    return text
  })
}

/** Holds `%name%`, perhaps: then the value is known on the machine only. */
function mayChange(text: string): boolean {
  return text.includes('%')
}

function isAddressAndPrefix(text: string): boolean {
  const [address = '', prefix = '', ...rest] = text.split('/')
  const length = /^[1-9][0-9]?$/.test(prefix) ? Number(prefix) : 0
  return rest.length === 0 && parseIpv4Address(address) !== undefined && length >= 1 && length <= 32
}

function isDomain(text: string): boolean {
  return text.split('.').every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(label))
}
