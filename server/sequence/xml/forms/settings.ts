/** The steps of the menu Settings in the XML of the source system. */

import { adaptersFromVariables, adapterVariables } from '../../step-types/adapter-variables.ts'
import type { NetworkAdapter } from '../../step-types/network-adapter.ts'
import { flag, type Form, form, list, number, type Said, text, words } from '../form.ts'
import type { Properties } from '../properties.ts'

/** Filters of old versions of Windows, which nothing here sets; they mean nothing while they are off. */
const filters = ['EnableIPProtocolFiltering', 'EnableTCPFiltering', 'EnableUDPFiltering']

export const settingsForms = {
  'capture-network-settings': form({
    prefix: 'OSD',
    rows: {
      MigrateNetworkMembership: flag('membership'),
      MigrateAdapterSettings: flag('adapters'),
    },
    command: 'osdnetsettings.exe capture adapters:%OSDMigrateAdapterSettings% membership:%OSDMigrateNetworkMembership%',
  }),
  'capture-windows-settings': form({
    prefix: 'OSD',
    rows: {
      MigrateComputerName: flag('computerName'),
      MigrateRegistrationInfo: flag('registration'),
      MigrateTimeZone: flag('timeZone'),
    },
    command: 'osdwinsettings.exe /capture',
  }),
  'apply-network-settings': form({
    prefix: 'OSD',
    rows: {
      NetworkJoinType: words('joinType', { '0': 'domain', '1': 'workgroup' }),
      WorkgroupName: text('workgroupName'),
      DomainName: text('domainName'),
      DomainOUName: text('ouName'),
      DomainUsername: text('account', 'OSDJoinAccount'),
      DomainPassword: text('password', 'OSDJoinPassword'),
      DNSDomain: text('dnsDomain'),
      DNSSuffixSearchOrder: list('dnsSuffixes'),
    },
    fixed: { EnableTCPIPFiltering: 'false' },
    read: (properties) => adaptersFromVariables((name) => adapterText(properties, name)),
    write: ({ adapters }) => writeAdapters(Array.isArray(adapters) ? adapters : []),
    command: 'osdnetsettings.exe configure',
  }),
  'apply-windows-settings': form({
    prefix: 'OSD',
    rows: {
      ComputerName: text('computerName'),
      RegisteredUserName: text('registeredUser'),
      RegisteredOrgName: text('organization'),
      ProductKey: text('productKey'),
      ServerLicenseMode: words('serverLicenseMode', { '': 'none', PerSeat: 'per-seat', PerServer: 'per-server' }),
      ServerLicenseConnectionLimit: number('serverLicenseConnectionLimit'),
      RandomAdminPassword: flag('randomAdminPassword'),
      AdminPassword: text('localAdminPassword', 'OSDLocalAdminPassword'),
      TimeZone: text('timeZone'),
      SystemLocale: text('locale', 'OSDWindowsSettingsSystemLocale'),
      UserLocale: text('userLocale', 'OSDWindowsSettingsUserLocale'),
      InputLocale: text('inputLocale', 'OSDWindowsSettingsInputLocale'),
      UILanguage: text('uiLanguage', 'OSDWindowsSettingsUILanguage'),
      UILanguageFallback: text('uiLanguageFallback', 'OSDWindowsSettingsUILanguageFallback'),
    },
    command: 'osdwinsettings.exe /config',
  }),
} as const satisfies Readonly<Record<string, Form>>

/** `OSDAdapterCount` is the property NumAdapters, `OSDAdapter0Name` is Adapters0Name. */
function adapterText(properties: Properties, variable: string): string {
  if (variable === 'OSDAdapterCount') {
    const count = properties.text(variable, 'NumAdapters').trim()
    for (let index = 0; index < Math.min(Number(count), 32); index += 1) skipFilters(properties, index)
    // None is what the step says without them.
    return count === '0' ? '' : count
  }
  return properties.text(variable, variable.replace(/^OSDAdapter/, 'Adapters'))
}

function skipFilters(properties: Properties, index: number): void {
  for (const filter of filters) {
    const names = [`OSDAdapter${index}${filter}`, `Adapters${index}${filter}`]
    const found = properties.peek(...names)
    if (found?.text.trim().toLowerCase() === 'false') properties.find(...names)
  }
}

const netbios = { dhcp: '0', on: '1', off: '2' } as const satisfies Record<NetworkAdapter['netbios'], string>

function writeAdapters(adapters: readonly NetworkAdapter[]): readonly Said[] {
  return [
    ['NumAdapters', 'OSDAdapterCount', String(adapters.length)],
    ...adapters.flatMap((adapter, index) => {
      const members = {
        ...adapterVariables(adapter),
        DNSServerList: adapter.dnsServers.join(','),
        TcpipNetbiosOptions: netbios[adapter.netbios],
        EnableWINS: adapter.winsServers.length > 0 ? 'True' : 'False',
        WINSServerList: adapter.winsServers.join(','),
        ...(adapter.cardNumber === undefined ? {} : { Index: String(adapter.cardNumber) }),
      }
      return Object.entries(members).map(
        ([name, value]): Said => [`Adapters${index}${name}`, `OSDAdapter${index}${name}`, value],
      )
    }),
  ]
}
