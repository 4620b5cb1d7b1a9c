/**
 * Settings: flags, then environment (`REVEILLE_…`), then `reveille.yaml`, then defaults (design section 4).
 * The only file that reads them. All faults are reported at once, each with where the value came from.
 */

import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { parse as parseYaml } from 'yaml'
import { defaultSiteCode, parseSiteCode } from './address/identifiers.ts'
import type { SiteCode } from './address/identifiers.ts'
import { isInSubnet, parseIpv4Address, parseIpv4Subnet } from './address/ipv4-address.ts'
import type { Ipv4Address, Ipv4Subnet } from './address/ipv4-address.ts'
import { parseMacAddress } from './address/mac-address.ts'
import type { MacAddress } from './address/mac-address.ts'
import { messageOf } from './caught-error.ts'
import { localBoots, type LocalBoot } from './boot/ipxe-local-boot.ts'
import { Secret } from './secret.ts'
import type { TftpLimitRule } from './tftp/limits-of-client.ts'
import {
  parseHostAndPort,
  parseIdentifier,
  parseLabel,
  parseOrigin,
  parsePool,
  parseRelay,
  parseReservation,
  parseTftpLimit,
} from './config-values.ts'

export interface Config {
  readonly dataDirectory: string
  /** Empty: every interface with an IPv4 address, loopback left out. */
  readonly interfaces: readonly string[]
  readonly dhcpMode: 'off' | 'proxy' | 'full'
  readonly pool?: { readonly first: Ipv4Address; readonly last: Ipv4Address }
  /** Of the pool; absent: the subnet of the interface whose network holds the pool. */
  readonly subnet?: Ipv4Subnet
  readonly router?: Ipv4Address
  readonly dnsServers: readonly Ipv4Address[]
  /** Relays that are answered; empty: all of them. */
  readonly relays: readonly Ipv4Subnet[]
  readonly leaseSeconds: number
  /** Each lease is on the disk before its ACK leaves; else it is the system's to bring it there. */
  readonly leaseSync: boolean
  readonly reservations: readonly { readonly macAddress: MacAddress; readonly address: Ipv4Address }[]
  /** 0 switches a service off. */
  readonly tftpPort: number
  /** Answers leave from the port of the requests, which address translators and containers let through (T21). */
  readonly tftpSinglePort: boolean
  readonly tftpLimits: readonly TftpLimitRule[]
  readonly dhcpPort: number
  readonly bootServerPort: number
  readonly wakeUpPort: number
  readonly http: { readonly host: string; readonly port: number }
  /** HTTP connections one address may have open; loopback may have any number. */
  readonly connectionsPerAddress: number
  /** Networks that are the site's own; clients elsewhere start what is for internet clients. Empty: every network is. */
  readonly intranet: readonly Ipv4Subnet[]
  readonly siteCode: SiteCode
  /** What machines show above their progress (S3.1, `_SMSTSOrgName`). */
  readonly organization?: string
  /** Extra boot files of the administrator, read-only. */
  readonly bootFilesDirectory?: string
  readonly databaseFile: string
  readonly unknownComputers: 'ignore' | 'approve' | 'allow'
  readonly knownDevices: 'automatic' | 'approve'
  readonly respond: boolean
  readonly promptSeconds: number
  /** How iPXE hands a machine on to its disk. */
  readonly localBoot: LocalBoot
  /** A run that was not heard of for so long is given up. */
  readonly runSilenceHours: number
  readonly ignoredMacAddresses: readonly string[]
  readonly duplicateIdentifiers: readonly string[]
  readonly logLevel: 'error' | 'warn' | 'info' | 'debug'
  /** Addresses of the page besides our own, when a proxy stands in front: `https://deploy.example.org`. */
  readonly origins: readonly string[]
  /** Presets the first administrator's API token; never logged. */
  readonly adminToken?: Secret
  /** Of another site: this process is a distribution point, and nothing else. */
  readonly distributionPoint?: DistributionPointConfig
  /** The demo's one-time link, for a browser on this machine only. */
  readonly loginTicket?: Secret
}

export interface DistributionPointConfig {
  /** Without a slash at the end. */
  readonly site: string
  readonly tokenFile: string
  /** How often the site is asked what to have. */
  readonly askSeconds: number
}

export type ConfigResult =
  | { readonly kind: 'config'; readonly config: Config }
  | { readonly kind: 'help' }
  | { readonly kind: 'faults'; readonly faults: readonly string[] }

const optionNames = {
  data: 'one',
  interface: 'many',
  dhcp: 'one',
  pool: 'one',
  subnet: 'one',
  router: 'one',
  dns: 'many',
  'lease-seconds': 'one',
  'lease-sync': 'one',
  reservation: 'many',
  relay: 'many',
  http: 'one',
  'connections-per-address': 'one',
  intranet: 'many',
  'tftp-port': 'one',
  'tftp-single-port': 'one',
  'tftp-limit': 'many',
  'dhcp-port': 'one',
  'boot-server-port': 'one',
  'wake-up-port': 'one',
  'site-code': 'one',
  organization: 'one',
  'boot-files': 'one',
  database: 'one',
  'unknown-computers': 'one',
  'known-devices': 'one',
  respond: 'one',
  'prompt-seconds': 'one',
  'local-boot': 'one',
  'run-silence-hours': 'one',
  'ignore-mac': 'many',
  'duplicate-identifier': 'many',
  'log-level': 'one',
  origin: 'many',
  'distribution-point-of': 'one',
  'token-file': 'one',
  'ask-seconds': 'one',
  config: 'one',
} as const
type OptionName = keyof typeof optionNames

/** Texts of one setting with the place they came from. */
interface Given {
  readonly texts: readonly string[]
  readonly from: string
}

export function readConfig(args: readonly string[], environment: NodeJS.ProcessEnv): ConfigResult {
  const faults: string[] = []
  const flags = readFlags(args, faults)
  if (flags === 'help') return { kind: 'help' }
  const file = readSettingsFile(flags, environment, faults)
  const given = (name: OptionName): Given | undefined => {
    const flag = flags.get(name)
    if (flag !== undefined) return { texts: flag, from: `--${name}` }
    const variable = `REVEILLE_${name.toUpperCase().replaceAll('-', '_')}`
    const text = environment[variable]
    if (text !== undefined && text !== '') {
      const texts = optionNames[name] === 'many' ? text.split(/[\s,]+/).filter((part) => part !== '') : [text]
      return { texts, from: variable }
    }
    return file.get(name)
  }
  const config = interpret(given, environment, faults)
  return faults.length > 0 ? { kind: 'faults', faults } : { kind: 'config', config }
}

function readFlags(args: readonly string[], faults: string[]): Map<string, readonly string[]> | 'help' {
  const options = Object.fromEntries(
    Object.keys(optionNames).map((name) => [name, { type: 'string', multiple: true } as const]),
  )
  const flags = new Map<string, readonly string[]>()
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...options, help: { type: 'boolean', short: 'h' } },
    strict: false,
    tokens: true,
    allowPositionals: true,
  })
  for (const token of tokens) {
    if (token.kind === 'positional') faults.push(`"${token.value}" is not a setting; settings begin with --`)
    if (token.kind !== 'option') continue
    if (token.name === 'help' || token.name === 'h') return 'help'
    if (!(token.name in optionNames)) faults.push(`${token.rawName}: there is no such setting (see --help)`)
    else if (token.value === undefined) faults.push(`${token.rawName}: a value is missing`)
    else flags.set(token.name, [...(flags.get(token.name) ?? []), token.value])
  }
  return flags
}

function readSettingsFile(
  flags: Map<string, readonly string[]>,
  environment: NodeJS.ProcessEnv,
  faults: string[],
): Map<string, Given> {
  const named = flags.get('config')?.[0] ?? environment['REVEILLE_CONFIG']
  const path = named ?? 'reveille.yaml'
  const settings = new Map<string, Given>()
  if (!existsSync(path)) {
    if (named !== undefined) faults.push(`${path}: the settings file does not exist`)
    return settings
  }
  try {
    const document: unknown = parseYaml(readFileSync(path, 'utf8'))
    if (document === null) return settings
    if (typeof document !== 'object' || Array.isArray(document)) {
      faults.push(`${path}: must be a list of "name: value" lines`)
      return settings
    }
    for (const [name, value] of Object.entries(document)) {
      if (!(name in optionNames)) faults.push(`${path}: ${name}: there is no such setting (see --help)`)
      else {
        const texts = settingTexts(value)
        if (texts === undefined) faults.push(`${path}: ${name}: must be one value, or a list of them`)
        else settings.set(name, { texts, from: `${path}: ${name}` })
      }
    }
  } catch (error) {
    faults.push(`${path}: ${messageOf(error)}`)
  }
  return settings
}

/** Undefined: nothing behind the colon, or a map. */
function settingTexts(value: unknown): readonly string[] | undefined {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value]
  const texts = values.flatMap((one) =>
    typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean' ? [String(one)] : [],
  )
  return texts.length === values.length ? texts : undefined
}

type Lookup = (name: OptionName) => Given | undefined

function interpret(given: Lookup, environment: NodeJS.ProcessEnv, faults: string[]): Config {
  const read = reader(given, faults)
  const dataDirectory = read.text('data') ?? 'data'
  const dhcpMode = read.choice('dhcp', ['off', 'proxy', 'full'], 'proxy')
  const pool = read.parsed('pool', parsePool, 'two addresses, such as 192.168.7.100-192.168.7.200')
  if (dhcpMode === 'full' && pool === undefined && given('pool') === undefined) {
    faults.push('--pool: full mode needs addresses to lease, such as 192.168.7.100-192.168.7.200')
  }
  const subnet = read.parsed('subnet', parseIpv4Subnet, 'a subnet, such as 192.168.7.0/24')
  const router = read.parsed('router', parseIpv4Address, 'an IPv4 address')
  const reservations = read.manyParsed('reservation', parseReservation, 'MAC=ADDRESS')
  const origin = (name: OptionName): string => given(name)?.from ?? `--${name}`
  if (subnet !== undefined) {
    const placed = {
      pool: pool === undefined ? [] : [pool.first, pool.last],
      router: router === undefined ? [] : [router],
      reservation: reservations.map(({ address }) => address),
    }
    for (const name of ['pool', 'router', 'reservation'] as const) {
      const strays = placed[name].filter((address) => !isInSubnet(address, subnet))
      for (const stray of strays) {
        faults.push(`${origin(name)}: ${stray} is not in the subnet ${subnet.network}/${subnet.prefixLength}`)
      }
    }
  }
  for (const twice of repeated(reservations.map(({ address }) => address))) {
    faults.push(`${origin('reservation')}: ${twice} is kept for more than one machine`)
  }
  const bootFilesDirectory = read.text('boot-files')
  const adminToken = environment['REVEILLE_ADMIN_TOKEN']
  const loginTicket = environment['REVEILLE_LOGIN_TICKET']
  if (adminToken !== undefined && adminToken !== '' && adminToken.length < 20) {
    faults.push('REVEILLE_ADMIN_TOKEN: at least 20 characters, or it could be guessed')
  }
  const distributionPoint = interpretDistributionPoint(read, faults)
  const organization = read.parsed('organization', parseLabel, 'up to 255 characters of text')
  return {
    dataDirectory,
    interfaces: read.many('interface'),
    dhcpMode,
    ...(pool === undefined ? {} : { pool }),
    ...(subnet === undefined ? {} : { subnet }),
    ...(router === undefined ? {} : { router }),
    dnsServers: read.manyParsed('dns', parseIpv4Address, 'an IPv4 address'),
    relays: read.manyParsed('relay', parseRelay, 'an IPv4 address or a subnet, such as 192.168.8.1 or 192.168.8.0/24'),
    leaseSeconds: read.number('lease-seconds', 3_600, 60, 31_536_000),
    leaseSync: read.choice('lease-sync', ['true', 'false'], 'true') === 'true',
    reservations,
    tftpPort: read.number('tftp-port', 69, 0, 65_535),
    tftpSinglePort: read.choice('tftp-single-port', ['true', 'false'], 'false') === 'true',
    tftpLimits: read.manyParsed(
      'tftp-limit',
      parseTftpLimit,
      'WHO=WINDOW or WHO=WINDOWxBLOCK: the first three to six octets of a MAC address or a subnet, 1 to 64 blocks, 512 to 65464 octets',
    ),
    dhcpPort: read.number('dhcp-port', 67, 1, 65_535),
    bootServerPort: read.number('boot-server-port', 4_011, 0, 65_535),
    wakeUpPort: read.number('wake-up-port', 9, 1, 65_535),
    http: read.parsed('http', parseHostAndPort, 'HOST:PORT') ?? { host: '0.0.0.0', port: 8_080 },
    // A machine has one or two, a browser six; many of them may stand behind one address.
    connectionsPerAddress: read.number('connections-per-address', 256, 8, 10_000),
    intranet: read.manyParsed('intranet', parseRelay, 'an IPv4 address or a subnet, such as 192.168.0.0/16'),
    siteCode: read.parsed('site-code', parseSiteCode, 'three capital letters or digits') ?? defaultSiteCode,
    ...(organization === undefined ? {} : { organization }),
    ...(bootFilesDirectory === undefined ? {} : { bootFilesDirectory }),
    ...(distributionPoint === undefined ? {} : { distributionPoint }),
    databaseFile: read.text('database') ?? `${dataDirectory}/reveille.sqlite`,
    unknownComputers: read.choice('unknown-computers', ['ignore', 'approve', 'allow'], 'approve'),
    knownDevices: read.choice('known-devices', ['automatic', 'approve'], 'automatic'),
    respond: read.choice('respond', ['true', 'false'], 'true') === 'true',
    localBoot: read.choice('local-boot', localBoots, 'exit'),
    promptSeconds: read.number('prompt-seconds', 10, 1, 3_600),
    // An hour outlasts the longest restart; a month, the longest holiday.
    runSilenceHours: read.number('run-silence-hours', 24, 1, 744),
    ignoredMacAddresses: read.manyParsed('ignore-mac', parseMacAddress, 'a MAC address'),
    duplicateIdentifiers: read.manyParsed('duplicate-identifier', parseIdentifier, 'a MAC address or an SMBIOS GUID'),
    origins: read.manyParsed('origin', parseOrigin, 'an origin, such as https://deploy.example.org'),
    logLevel: read.choice('log-level', ['error', 'warn', 'info', 'debug'], 'info'),
    ...(adminToken === undefined || adminToken === '' ? {} : { adminToken: new Secret(adminToken) }),
    ...(loginTicket === undefined || loginTicket === '' ? {} : { loginTicket: new Secret(loginTicket) }),
  }
}

function interpretDistributionPoint(
  read: ReturnType<typeof reader>,
  faults: string[],
): DistributionPointConfig | undefined {
  const site = read.parsed('distribution-point-of', parseOrigin, 'the address of a site, such as http://192.0.2.1:8080')
  const tokenFile = read.text('token-file')
  const askSeconds = read.number('ask-seconds', 30, 1, 300)
  if (site === undefined) return undefined
  if (tokenFile !== undefined) return { site, tokenFile, askSeconds }
  faults.push('--token-file: a distribution point needs its token (./reveille distribution-point token ID)')
  return undefined
}

function repeated(texts: readonly string[]): ReadonlySet<string> {
  return new Set(texts.filter((text, index) => texts.indexOf(text) !== index))
}

function reader(given: Lookup, faults: string[]) {
  const text = (name: OptionName): string | undefined => {
    const value = given(name)
    if (value !== undefined && value.texts.length > 1) faults.push(`${value.from}: given more than once`)
    return value?.texts[0]
  }
  const manyParsed = <T>(name: OptionName, parse: (text: string) => T | undefined, form: string): T[] => {
    const value = given(name)
    return (value?.texts ?? []).flatMap((one) => {
      const parsed = parse(one)
      if (parsed === undefined) faults.push(`${value?.from ?? name}: "${one}" must be ${form}`)
      return parsed === undefined ? [] : [parsed]
    })
  }
  return {
    text,
    manyParsed,
    many: (name: OptionName): readonly string[] => given(name)?.texts ?? [],
    parsed<T>(name: OptionName, parse: (text: string) => T | undefined, form: string): T | undefined {
      return text(name) === undefined ? undefined : manyParsed(name, parse, form)[0]
    },
    choice<const T extends string>(name: OptionName, allowed: readonly T[], fallback: T): T {
      const value = text(name)
      if (value === undefined) return fallback
      const found = allowed.find((one) => one === value)
      if (found === undefined)
        faults.push(`${given(name)?.from ?? name}: "${value}" must be one of ${allowed.join(', ')}`)
      return found ?? fallback
    },
    number(name: OptionName, fallback: number, min: number, max: number): number {
      const value = text(name)
      if (value === undefined) return fallback
      const number = Number(value)
      if (/^[0-9]+$/.test(value) && number >= min && number <= max) return number
      faults.push(`${given(name)?.from ?? name}: "${value}" must be a whole number from ${min} to ${max}`)
      return fallback
    },
  }
}
