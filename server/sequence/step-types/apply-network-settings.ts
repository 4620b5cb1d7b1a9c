/** Apply Network Settings (S2-072): each card by DHCP, or with at least one address. */

import type { ValuesOf } from '../field.ts'
import { list, text, type TextForm, word } from '../fields.ts'
import { fault, memberOf, type Place } from '../read-document.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'
import { adaptersFromVariables } from './adapter-variables.ts'
import { adaptersMax, addressesMax, domainCharactersMax, domainName, networkAdapter } from './network-adapter.ts'

export type { NetworkAdapter } from './network-adapter.ts'

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
  adapters: list('Cards in the order the machine reports them, boot card first; none: all use DHCP.', networkAdapter, {
    min: 0,
    max: adaptersMax,
    absent: [],
  }),
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
  inputs: ['OSDAdapterCount', 'OSDAdapter0EnableDHCP'],
  fields,
  together: { settle: settleMembership },
  fromVariables: adaptersFromVariables,
})

export type ApplyNetworkSettings = ActionOf<typeof applyNetworkSettings>

function settleMembership(settings: Settings, place: Place): Settings {
  if (settings.joinType === 'domain') {
    if (settings.domainName === '') fault(memberOf(place, 'domainName'), 'missing', 'Give the domain to join.')
    if (settings.account === '') fault(memberOf(place, 'account'), 'missing', 'Give the account that joins the domain.')
  }
  return settings
}
