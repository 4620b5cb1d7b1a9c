/** One card of Apply Network Settings (S2-072): by DHCP, or with at least one address. */

import { parseIpv4Address } from '../../address/ipv4-address.ts'
import { parseMacAddress } from '../../address/mac-address.ts'
import type { Field, ValuesOf } from '../field.ts'
import { flag, list, optional, record, text, type TextForm, wholeNumber, word } from '../fields.ts'
import { fault, memberOf, type Place, peek } from '../read-document.ts'

/** Ours. */
export const adaptersMax = 32
export const addressesMax = 16
/** RFC 1035 section 2.3.4. */
export const domainCharactersMax = 253

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

const cardAddress: TextForm = {
  isGood: (value) => parseMacAddress(value) !== undefined,
  advice: 'Give the address of a card, such as 52:54:00:12:34:56, or leave it out.',
  code: 'bad-address',
}

export const domainName: TextForm = {
  isGood: (value) => value.split('.').every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(label)),
  advice: 'Give a domain such as example.org, or leave it out.',
}

const adapter = {
  name: text('The name of the connection; it means something to Windows only.', { max: 255, absent: '' }),
  macAddress: text('The card with this address; left out: the one at this place, or the one of cardNumber.', {
    max: 17,
    absent: '',
    form: cardAddress,
  }),
  cardNumber: optional(
    wholeNumber('The card, counted from 0 in the order the machine reports them.', { min: 0, max: adaptersMax - 1 }),
  ),
  dhcp: flag('The card asks DHCP; left out: when it has no address here.', true),
  addresses: addresses('Addresses with their prefix lengths, such as 192.168.7.20/24.', addressAndPrefix),
  gateways: addresses('Default gateways.', plainAddress),
  dnsServers: addresses('DNS servers.', plainAddress),
  dnsDomain: text('The DNS domain of this card.', { max: domainCharactersMax, absent: '', form: domainName }),
  registerInDns: flag('Windows: the card registers its address in the DNS.', true),
  registerWithDomain: flag('Windows: it registers it under the domain of the card as well.', false),
  netbios: word('Windows: NetBIOS over TCP/IP.', ['dhcp', 'on', 'off'], { absent: 'dhcp' }),
  winsServers: addresses('Windows: WINS servers.', plainAddress),
}

export type NetworkAdapter = ValuesOf<typeof adapter>

export const networkAdapter = record('One card.', adapter, { settle: settleAdapter })

function addresses(about: string, form: TextForm): Field<readonly string[]> {
  return list(about, text('An address.', { max: 255, form }), { min: 0, max: addressesMax, absent: [] })
}

/** What a card with addresses leaves out is that it does not ask DHCP. */
function settleAdapter(settings: NetworkAdapter, place: Place): NetworkAdapter {
  const hasAddress = settings.addresses.length > 0
  const dhcp = peek(place, 'dhcp') === undefined ? !hasAddress : settings.dhcp
  if (dhcp && hasAddress) fault(memberOf(place, 'dhcp'), 'contradiction', 'Give dhcp or addresses, not both.')
  if (!dhcp && !hasAddress) {
    const message = 'Give at least one address, such as 192.168.7.20/24, or set dhcp to true.'
    fault(memberOf(place, 'addresses'), 'missing', message)
  }
  return { ...settings, dhcp }
}

function isAddressAndPrefix(value: string): boolean {
  const [address = '', prefix = '', ...rest] = value.split('/')
  const length = /^[1-9][0-9]?$/.test(prefix) ? Number(prefix) : 0
  return rest.length === 0 && parseIpv4Address(address) !== undefined && length >= 1 && length <= 32
}
