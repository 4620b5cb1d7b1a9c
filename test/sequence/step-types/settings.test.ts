/** The steps of Settings and Drivers as documents. */

import test from 'ava'
import { defaultsOf, faultsOf, resolvesTo } from '../../support/action-macros.ts'
import { readAction } from '../../support/actions.ts'

const windows = { type: 'apply-windows-settings' }
const network = { type: 'apply-network-settings' }
const drivers = { type: 'auto-apply-drivers' }
const driverPackage = { type: 'apply-driver-package', packageId: 'RVL00004' }

test('S2-073: what is left out', defaultsOf, windows, {
  computerName: '%_SMSTSMachineName%',
  registeredUser: '',
  organization: '',
  productKey: '',
  serverLicenseMode: 'none',
  serverLicenseConnectionLimit: 5,
  randomAdminPassword: true,
  localAdminPassword: '',
  timeZone: '',
  locale: '',
  userLocale: '',
  inputLocale: '',
  uiLanguage: '',
  uiLanguageFallback: '',
})
test(
  'S2-073: without a random password there is one',
  faultsOf,
  { ...windows, randomAdminPassword: false },
  'localAdminPassword missing',
)
test(
  'S2-073: 5 to 9,999 connections',
  faultsOf,
  { ...windows, serverLicenseConnectionLimit: 4 },
  'serverLicenseConnectionLimit out-of-range',
)
test(
  'S2-073: a product key has five groups',
  faultsOf,
  { ...windows, productKey: 'AAAAA' },
  'productKey bad-characters',
)
test(
  'S2-073: the action variables',
  resolvesTo,
  windows,
  {
    OSDLocalAdminPassword: 'swordfish',
    OSDRandomAdminPassword: 'false',
    OSDProductKey: 'AAAAA-BBBBB-CCCCC-DDDDD-EEEEE',
    OSDServerLicenseMode: 'PerServer',
    OSDServerLicenseConnectionLimit: '9999',
    OSDTimeZone: 'W. Europe Standard Time',
    OSDWindowsSettingsInputLocale: '0407:00000407',
    OSDWindowsSettingsUILanguage: 'de-DE',
  },
  {
    localAdminPassword: 'swordfish',
    randomAdminPassword: false,
    productKey: 'AAAAA-BBBBB-CCCCC-DDDDD-EEEEE',
    serverLicenseMode: 'per-server',
    serverLicenseConnectionLimit: 9_999,
    timeZone: 'W. Europe Standard Time',
    inputLocale: '0407:00000407',
    uiLanguage: 'de-DE',
  },
)
test('a time zone that climbs is a fault', faultsOf, { ...windows, timeZone: '../x' }, 'timeZone bad-characters')

test('S2-072: what is left out', defaultsOf, network, {
  joinType: 'workgroup',
  workgroupName: '',
  domainName: '',
  ouName: '',
  account: '',
  password: '',
  adapters: [],
  dnsDomain: '',
  dnsSuffixes: [],
})
test(
  'S2-072: a domain needs a name and an account',
  faultsOf,
  { ...network, joinType: 'domain' },
  'domainName missing',
  'account missing',
)
test(
  'S2-072: a workgroup has at most 32 characters',
  faultsOf,
  { ...network, workgroupName: 'x'.repeat(33) },
  'workgroupName too-long',
)
test(
  'S2-072: a card has a name of at most 255 characters and an address of its own',
  faultsOf,
  { ...network, adapters: [{ name: 'x'.repeat(256), macAddress: 'card' }] },
  'adapters[0].name too-long',
  'adapters[0].macAddress bad-address',
)
test(
  'S2-072: 0 joins a domain, 1 a workgroup',
  resolvesTo,
  network,
  { OSDNetworkJoinType: '0', OSDDomainName: 'example.org', OSDJoinAccount: 'join', OSDJoinPassword: 'p' },
  { joinType: 'domain', domainName: 'example.org', account: 'join', password: 'p' },
)

const adapter = {
  name: '',
  macAddress: '',
  dhcp: true,
  addresses: [],
  gateways: [],
  dnsServers: [],
  dnsDomain: '',
  registerInDns: true,
  registerWithDomain: false,
  netbios: 'dhcp',
  winsServers: [],
}

test('a card with an address does not use DHCP', (t) => {
  const action = readAction({ ...network, adapters: [{}, { addresses: ['10.0.0.2/8'] }] })
  t.deepEqual<unknown, unknown>('adapters' in action ? action.adapters : [], [
    adapter,
    { ...adapter, dhcp: false, addresses: ['10.0.0.2/8'] },
  ])
})
test(
  'S1-059, S2-072: variables describe the cards instead of the step',
  resolvesTo,
  { ...network, adapters: [{ addresses: ['10.9.9.9/8'] }] },
  {
    OSDAdapterCount: '2',
    OSDAdapter0EnableDHCP: 'False',
    OSDAdapter0IPAddressList: '10.0.0.2, 10.0.1.2',
    OSDAdapter0SubnetMask: '255.255.255.0,255.255.254.0',
    OSDAdapter0Gateways: '10.0.0.1',
    OSDAdapter0DNSServerList: '10.0.0.53,10.0.0.54',
    OSDAdapter0DNSDomain: 'example.org',
    OSDAdapter0MacAddress: '52:54:00:00:00:01',
    OSDAdapter0Name: 'LAN',
    OSDAdapter0TcpipNetbiosOptions: '2',
    OSDAdapter0EnableDNSRegistration: 'false',
    OSDAdapter1EnableDHCP: 'TRUE',
    OSDAdapter1IPAddressList: '10.5.5.5',
  },
  {
    adapters: [
      {
        ...adapter,
        name: 'LAN',
        macAddress: '52:54:00:00:00:01',
        dhcp: false,
        addresses: ['10.0.0.2/24', '10.0.1.2/23'],
        gateways: ['10.0.0.1'],
        dnsServers: ['10.0.0.53', '10.0.0.54'],
        dnsDomain: 'example.org',
        netbios: 'off',
        registerInDns: false,
      },
      adapter,
    ],
  },
)
test(
  'S2-072: without OSDAdapterCount the others are ignored',
  resolvesTo,
  network,
  { OSDAdapter0EnableDHCP: 'False', OSDAdapter0IPAddressList: '10.0.0.2' },
  { adapters: [] },
)

test('S2-068: what is left out', defaultsOf, drivers, { match: 'best', categories: [], requestTimeoutSeconds: 480 })
test(
  'S2-068: the action variables',
  resolvesTo,
  drivers,
  {
    OSDAutoApplyDriverBestMatch: 'false',
    OSDAutoApplyDriverCategoryList: 'lab,office',
    SMSTSDriverRequestReceiveTimeOut: '60',
  },
  { match: 'all', categories: ['lab', 'office'], requestTimeoutSeconds: 60 },
)
test('S2-069: what is left out', defaultsOf, driverPackage, { recurse: false, additionalOptions: '' })
test('S2-069: a package is needed', faultsOf, { type: 'apply-driver-package' }, 'packageId missing')
test(
  'S2-069: a mass storage driver needs its id and its file',
  faultsOf,
  { ...driverPackage, massStorage: { contentId: 'x' } },
  'massStorage.deviceId missing',
  'massStorage.infFile missing',
)
test(
  'S2-069: options need recurse',
  faultsOf,
  { ...driverPackage, additionalOptions: '/forceunsigned' },
  'additionalOptions contradiction',
)
test('S2-070: what is left out', defaultsOf, { type: 'capture-network-settings' }, { membership: true, adapters: true })
test(
  'S2-071: what is left out',
  defaultsOf,
  { type: 'capture-windows-settings' },
  { computerName: true, registration: true, timeZone: true },
)
test(
  'S2-071: the action variables',
  resolvesTo,
  { type: 'capture-windows-settings' },
  { OSDMigrateComputerName: 'false', OSDMigrateRegistrationInfo: 'false', OSDMigrateTimeZone: 'false' },
  { computerName: false, registration: false, timeZone: false },
)
test(
  'S2-070: the action variables',
  resolvesTo,
  { type: 'capture-network-settings' },
  { OSDMigrateAdapterSettings: 'false', OSDMigrateNetworkMembership: 'false' },
  { membership: false, adapters: false },
)
