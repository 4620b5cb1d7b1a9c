/** Apply Network Settings (S2-072): each card by DHCP, or with at least one address. */

import { parseIpv4Address } from '../../address/ipv4-address.ts'
import type { Field, ValuesOf } from '../field.ts'
import { flag, list, record, text, type TextForm } from '../fields.ts'
import { fault, memberOf, type Place, peek } from '../read-document.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'

/** Ours. */
const adaptersMax = 32
const addressesMax = 16
/** RFC 1035 section 2.3.4. */
const domainCharactersMax = 253

const plainAddress: TextForm = {
  isGood: (value) => parseIpv4Address(value) !== undefined,
  advice: 'Give an IPv4 address such as 192.168.7.1.',
  code: 'bad-address',
}

const addressAndPrefix: TextForm = {
  isGood: isAddressAndPrefix,
  advice: 'Give an IPv4 address and its prefix length, such as 192.168.7.20/24.',
  code: 'bad-address',
}

const domainName: TextForm = {
  isGood: (value) => value.split('.').every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(label)),
  advice: 'Give a domain such as example.org, or leave it out.',
}

const adapter = {
  dhcp: flag('The card asks DHCP; left out: when it has no address here.', true),
  addresses: addresses('Addresses with their prefix lengths, such as 192.168.7.20/24.', addressAndPrefix),
  gateways: addresses('Default gateways.', plainAddress),
  dnsServers: addresses('DNS servers.', plainAddress),
}

export type NetworkAdapter = ValuesOf<typeof adapter>

export const applyNetworkSettings = defineStepType({
  type: 'apply-network-settings',
  title: 'Apply Network Settings',
  about: 'Sets the addresses and the domain of the applied system.',
  category: 'settings',
  runsIn: 'boot-image',
  xmlName: 'ApplyNetworkSettingsAction',
  fields: {
    adapters: list(
      'Cards in the order the machine reports them, boot card first; none: all use DHCP.',
      record('One card.', adapter, { settle: settleAdapter }),
      {
        min: 0,
        max: adaptersMax,
        absent: [],
      },
    ),
    dnsDomain: text('The DNS domain.', {
      max: domainCharactersMax,
      absent: '',
      form: domainName,
      variable: 'OSDDNSDomain',
    }),
  },
})

export type ApplyNetworkSettings = ActionOf<typeof applyNetworkSettings>

function addresses(about: string, form: TextForm): Field<readonly string[]> {
  return list(about, text('An address.', { max: 255, form }), { min: 0, max: addressesMax, absent: [] })
}

/** What a card with addresses leaves out is that it does not ask DHCP. */
function settleAdapter(adapter: NetworkAdapter, place: Place): NetworkAdapter {
  const { addresses } = adapter
  const dhcp = peek(place, 'dhcp') === undefined ? addresses.length === 0 : adapter.dhcp
  if (dhcp && addresses.length > 0) {
    fault(memberOf(place, 'dhcp'), 'contradiction', 'Give dhcp or addresses, not both.')
  }
  if (!dhcp && addresses.length === 0) {
    const message = 'Give at least one address, such as 192.168.7.20/24, or set dhcp to true.'
    fault(memberOf(place, 'addresses'), 'missing', message)
  }
  return { ...adapter, dhcp }
}

function isAddressAndPrefix(value: string): boolean {
  const [address = '', prefix = '', ...rest] = value.split('/')
  const length = /^[1-9][0-9]?$/.test(prefix) ? Number(prefix) : 0
  return rest.length === 0 && parseIpv4Address(address) !== undefined && length >= 1 && length <= 32
}
