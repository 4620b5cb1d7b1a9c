/**
 * What Apply Windows Settings (S2-073) and Apply Network Settings (S2-072) say in the answer file of Windows. Pure. How
 * servers are licensed and the name of a connection have no place in answer files of Windows 6.0 and later.
 */

import type { ApplyNetworkSettings, NetworkAdapter } from '../server/sequence/step-types/apply-network-settings.ts'
import type { ApplyWindowsSettings } from '../server/sequence/step-types/apply-windows-settings.ts'
import type { Answers, AnswerTree } from './answers.ts'
import { cardOf, type NetworkCard } from './network-files.ts'

export interface WindowsIdentity {
  readonly computerName: string
  /** For the administrator nobody has a password for. */
  readonly randomPassword: string
}

export function windowsSettingsAnswers(
  action: ApplyWindowsSettings,
  { computerName, randomPassword }: WindowsIdentity,
): readonly Answers[] {
  const { registeredUser, organization, productKey, timeZone } = action
  const owner = { RegisteredOwner: registeredUser, RegisteredOrganization: organization, TimeZone: timeZone }
  const password = action.randomAdminPassword ? randomPassword : action.localAdminPassword
  const languages = {
    InputLocale: action.inputLocale,
    SystemLocale: windowsLocale(action.locale),
    UILanguage: windowsLocale(action.uiLanguage),
    UILanguageFallback: windowsLocale(action.uiLanguageFallback),
    UserLocale: windowsLocale(action.userLocale),
  }
  const hasLanguage = Object.values(languages).some((value) => value !== '')
  const international = 'Microsoft-Windows-International-Core'
  return [
    {
      pass: 'specialize',
      component: 'Microsoft-Windows-Shell-Setup',
      settings: { ComputerName: computerName, ProductKey: productKey, ...owner },
    },
    ...(hasLanguage ? [{ pass: 'specialize' as const, component: international, settings: languages }] : []),
    {
      pass: 'oobeSystem',
      component: 'Microsoft-Windows-Shell-Setup',
      settings: {
        OOBE: {
          HideEULAPage: 'true',
          HideOnlineAccountScreens: 'true',
          HideWirelessSetupInOOBE: 'true',
          ProtectYourPC: '3',
        },
        UserAccounts: { AdministratorPassword: { Value: password, PlainText: 'true' } },
        ...owner,
      },
    },
    ...(hasLanguage ? [{ pass: 'oobeSystem' as const, component: international, settings: languages }] : []),
  ]
}

export function networkAnswers(action: ApplyNetworkSettings, cards: readonly NetworkCard[]): readonly Answers[] {
  const adapters = action.adapters.map((adapter, index) => ({
    adapter,
    identifier: (cardOf(adapter, index, cards)?.macAddress ?? '').toUpperCase().replaceAll(':', '-'),
  }))
  const interfacesOf = (settings: (adapter: NetworkAdapter) => AnswerTree): AnswerTree => {
    const interfaces = adapters.map(({ adapter, identifier }) => ({ Identifier: identifier, ...settings(adapter) }))
    return interfaces.length === 0 ? {} : { Interfaces: { Interface: interfaces } }
  }
  const dns = { DNSDomain: action.dnsDomain, ...listOf('DNSSuffixSearchOrder', 'DomainName', action.dnsSuffixes) }
  const parts: readonly (readonly [component: string, settings: AnswerTree])[] = [
    ['Microsoft-Windows-UnattendedJoin', membership(action)],
    ['Microsoft-Windows-TCPIP', interfacesOf(addressSettings)],
    ['Microsoft-Windows-DNS-Client', { ...dns, ...interfacesOf(dnsSettings) }],
    ['Microsoft-Windows-NetBT', interfacesOf(netbiosSettings)],
  ]
  return parts.flatMap(([component, settings]) => {
    if (Object.values(settings).every((value) => value === '')) return []
    // S2-072, the last step wins: a machine joins one thing, and the password for another one goes.
    return [{ pass: 'specialize', component, settings, replaced: ['Identification'] }]
  })
}

/** `en_US.UTF-8` is `en-US` there. */
export function windowsLocale(locale: string): string {
  return locale.replace(/[.@].*$/, '').replace('_', '-')
}

function membership(action: ApplyNetworkSettings): AnswerTree {
  if (action.joinType === 'workgroup') {
    return action.workgroupName === '' ? {} : { Identification: { JoinWorkgroup: action.workgroupName } }
  }
  const { user, domain } = splitAccount(action.account, action.domainName)
  return {
    Identification: {
      Credentials: { Domain: domain, Username: user, Password: action.password },
      JoinDomain: action.domainName,
      MachineObjectOU: action.ouName.replace(/^LDAP:\/\//i, ''),
    },
  }
}

/** `DOMAIN\user` and `user@domain` say where the account is; otherwise it is in the domain that is joined. */
export function splitAccount(account: string, domainName: string): { readonly user: string; readonly domain: string } {
  const [before = '', ...after] = account.split('\\')
  if (after.length > 0) return { user: after.join('\\'), domain: before }
  const [user = '', domain = domainName] = account.split('@')
  return { user, domain }
}

function addressSettings({ dhcp, addresses, gateways }: NetworkAdapter): AnswerTree {
  const routes = gateways.map((gateway, index) => ({
    Identifier: String(index),
    NextHopAddress: gateway,
    Prefix: '0.0.0.0/0',
  }))
  return {
    Ipv4Settings: { DhcpEnabled: String(dhcp) },
    ...listOf('UnicastIpAddresses', 'IpAddress', addresses),
    ...(routes.length === 0 ? {} : { Routes: { Route: routes } }),
  }
}

function dnsSettings(adapter: NetworkAdapter): AnswerTree {
  return {
    DNSDomain: adapter.dnsDomain,
    DisableDynamicUpdate: String(!adapter.registerInDns),
    EnableAdapterDomainNameRegistration: String(adapter.registerWithDomain),
    ...listOf('DNSServerSearchOrder', 'IpAddress', adapter.dnsServers),
  }
}

const netbiosOptions = { dhcp: '0', on: '1', off: '2' } as const satisfies Record<NetworkAdapter['netbios'], string>

function netbiosSettings({ netbios, winsServers }: NetworkAdapter): AnswerTree {
  return { NetbiosOptions: netbiosOptions[netbios], ...listOf('NameServerList', 'IpAddress', winsServers) }
}

function listOf(list: string, item: string, values: readonly string[]): AnswerTree {
  return values.length === 0 ? {} : { [list]: { [item]: values } }
}
