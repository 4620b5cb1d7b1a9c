/** Apply Network Settings (S2-072): each card by DHCP, or with at least one address. */

import { parseIpv4Address } from '../../address/ipv4-address.ts'
import type { Field, ValuesOf } from '../field.ts'
import { flag, list, record, text, type TextForm, word } from '../fields.ts'
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

const workgroup: TextForm = {
  isGood: (value) => !/["/\\[\]:;|=,+*?<>\s]/.test(value),
  advice: 'Give a workgroup without blanks and without " / \\ [ ] : ; | = , + * ? < >.',
}

const join = word('What the system joins when it starts first.', ['workgroup', 'domain'], {
  absent: 'workgroup',
  variable: 'OSDNetworkJoinType',
})

const fields = {
  // S2-072: the variable says 0 or 1.
  joinType: {
    ...join,
    fromText: (value: string) => ({ '0': 'domain', '1': 'workgroup' })[value.trim()] ?? join.fromText(value),
  },
  workgroupName: text('The workgroup; it means something to Windows only.', {
    max: 32,
    absent: '',
    form: workgroup,
    variable: 'OSDWorkgroupName',
  }),
  domainName: text('The domain to join.', {
    max: domainCharactersMax,
    absent: '',
    form: domainName,
    variable: 'OSDDomainName',
  }),
  ouName: text('The organizational unit in the domain, such as LDAP://OU=Computers,DC=example,DC=org.', {
    max: 32_767,
    absent: '',
    variable: 'OSDDomainOUName',
  }),
  account: text('The account that may join computers to the domain.', {
    max: 255,
    absent: '',
    variable: 'OSDJoinAccount',
  }),
  password: text('Its password.', { max: 255, absent: '', secret: true, variable: 'OSDJoinPassword' }),
  adapters: list(
    'Cards in the order the machine reports them, boot card first; none: all use DHCP.',
    record('One card.', adapter, { settle: settleAdapter }),
    { min: 0, max: adaptersMax, absent: [] },
  ),
  dnsDomain: text('The DNS domain.', {
    max: domainCharactersMax,
    absent: '',
    form: domainName,
    variable: 'OSDDNSDomain',
  }),
  dnsSuffixes: list(
    'Domains that names without one are looked for in.',
    text('A domain.', { max: domainCharactersMax, form: domainName }),
    {
      min: 0,
      max: addressesMax,
      absent: [],
      variable: 'OSDDNSSuffixSearchOrder',
    },
  ),
}

type Settings = ValuesOf<typeof fields>

export const applyNetworkSettings = defineStepType({
  type: 'apply-network-settings',
  title: 'Apply Network Settings',
  about: 'Sets the addresses of the applied system, and what it joins.',
  category: 'settings',
  runsIn: 'boot-image',
  xmlName: 'ApplyNetworkSettingsAction',
  fields,
  together: { settle: settleMembership },
})

export type ApplyNetworkSettings = ActionOf<typeof applyNetworkSettings>

function addresses(about: string, form: TextForm): Field<readonly string[]> {
  return list(about, text('An address.', { max: 255, form }), { min: 0, max: addressesMax, absent: [] })
}

function settleMembership(settings: Settings, place: Place): Settings {
  if (settings.joinType === 'domain') {
    if (settings.domainName === '') fault(memberOf(place, 'domainName'), 'missing', 'Give the domain to join.')
    if (settings.account === '') fault(memberOf(place, 'account'), 'missing', 'Give the account that joins the domain.')
  }
  return settings
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
