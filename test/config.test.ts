/** Settings: which source wins, and that every fault is told at once with the place it came from (design section 4). */

import test from 'ava'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../server/config.ts'
import type { Config } from '../server/config.ts'

const directory = mkdtempSync(join(tmpdir(), 'reveille-config-'))
test.after.always(() => rmSync(directory, { recursive: true }))

function settingsFile(name: string, text: string): string {
  const path = join(directory, name)
  writeFileSync(path, text)
  return path
}

function config(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Config {
  const result = readConfig(args, environment)
  if (result.kind !== 'config') throw new Error(JSON.stringify(result))
  return result.config
}

function faults(args: readonly string[], environment: NodeJS.ProcessEnv = {}): readonly string[] {
  const result = readConfig(args, environment)
  return result.kind === 'faults' ? result.faults : []
}

test('without settings the defaults hold', (t) => {
  const { adminToken, pool, subnet, ...rest } = config([])
  t.deepEqual([adminToken, pool, subnet], [undefined, undefined, undefined])
  t.like(rest, {
    dataDirectory: 'data',
    databaseFile: 'data/reveille.sqlite',
    interfaces: [],
    dhcpMode: 'proxy',
    tftpPort: 69,
    tftpSinglePort: false,
    tftpLimits: [],
    dhcpPort: 67,
    bootServerPort: 4011,
    wakeUpPort: 9,
    http: { host: '0.0.0.0', port: 8080 },
    siteCode: 'RVL',
    unknownComputers: 'approve',
    knownDevices: 'automatic',
    respond: true,
    leaseSeconds: 3600,
    leaseSync: true,
    runSilenceHours: 24,
    connectionsPerAddress: 256,
    intranet: [],
  })
})

test('a flag is stronger than the environment, that than the file, and that than the default', (t) => {
  const path = settingsFile('order.yaml', 'tftp-port: 1001\ndhcp-port: 1001\nboot-server-port: 1001\n')
  const environment = { REVEILLE_CONFIG: path, REVEILLE_TFTP_PORT: '2002', REVEILLE_DHCP_PORT: '2002' }
  const found = config(['--tftp-port', '3003'], environment)
  t.like(found, { tftpPort: 3003, dhcpPort: 2002, bootServerPort: 1001, leaseSeconds: 3600 })
})

test('a setting that may be repeated is a list in every source', (t) => {
  const path = settingsFile('lists.yaml', 'dns: [192.0.2.1, 192.0.2.2]\ninterface: eth7\n')
  t.like(config(['--config', path]), { dnsServers: ['192.0.2.1', '192.0.2.2'], interfaces: ['eth7'] })
  t.deepEqual(config(['--dns', '192.0.2.3', '--dns', '192.0.2.4']).dnsServers.join(), '192.0.2.3,192.0.2.4')
  t.deepEqual(config([], { REVEILLE_DNS: ' 192.0.2.5, 192.0.2.6 ' }).dnsServers.join(), '192.0.2.5,192.0.2.6')
})

test('S3.1: the organization is a line of text', (t) => {
  t.is(config(['--organization', ' Example Ltd ']).organization, 'Example Ltd')
  t.is(config([]).organization, undefined)
  for (const text of ['a\u001b[2Jb', 'x'.repeat(256)]) t.is(faults(['--organization', text]).length, 1)
})

test('S5-028: networks of the site’s own are addresses or subnets', (t) => {
  t.deepEqual<unknown, unknown>(config(['--intranet', '10.0.0.0/8', '--intranet', '192.0.2.7']).intranet, [
    { network: '10.0.0.0', prefixLength: 8 },
    { network: '192.0.2.7', prefixLength: 32 },
  ])
  t.deepEqual(faults(['--intranet', 'home']), [
    '--intranet: "home" must be an IPv4 address or a subnet, such as 192.168.0.0/16',
  ])
})

test('C04: relays are addresses or subnets, and what is neither is a fault', (t) => {
  t.deepEqual<unknown, unknown>(config(['--relay', '10.1.0.1', '--relay', '10.2.0.9/16']).relays, [
    { network: '10.1.0.1', prefixLength: 32 },
    { network: '10.2.0.0', prefixLength: 16 },
  ])
  t.deepEqual(config([]).relays, [])
  t.deepEqual(faults(['--relay', 'switch-7']), [
    '--relay: "switch-7" must be an IPv4 address or a subnet, such as 192.168.8.1 or 192.168.8.0/24',
  ])
})

test('T05, T06, T25: limits of TFTP are for cards or for networks', (t) => {
  const limits = ['--tftp-limit', '00-0C-29=4', '--tftp-limit', '192.0.2.0/24=64x8192']
  t.deepEqual<unknown, unknown>(config(limits).tftpLimits, [
    { whose: { kind: 'card', prefix: '00:0c:29' }, limits: { windowBlocksMax: 4 } },
    {
      whose: { kind: 'network', subnet: { network: '192.0.2.0', prefixLength: 24 } },
      limits: { windowBlocksMax: 64, blockBytesMax: 8192 },
    },
  ])
  t.is(config([], { REVEILLE_TFTP_LIMIT: '192.0.2.1=1, 52:54:00:12:34:56=2x1024' }).tftpLimits.length, 2)
  const wrong = ['00:0c=4', '00:0c:29', '00:0c:29=0', '00:0c:29=65', '192.0.2.1=4x511', '192.0.2.1=4x65465', 'uefi=4']
  for (const limit of wrong) t.regex(faults(['--tftp-limit', limit]).join(), /must be WHO=WINDOW or WHO=WINDOWxBLOCK/)
})

test('all faults are told at once, each with where its value came from', (t) => {
  const path = settingsFile('faulty.yaml', 'site-code: toolong\nnonsense: 1\nrouter:\ndns: {a: 1}\nlease-seconds: 5\n')
  const environment = { REVEILLE_DHCP: 'maybe', REVEILLE_ADMIN_TOKEN: 'short' }
  const told = faults(
    ['--config', path, '--tftp-port', '70000', '--wrong=x', '--http', 'nowhere', 'stray'],
    environment,
  )
  t.deepEqual(
    [...told].sort(),
    [
      '"stray" is not a setting; settings begin with --',
      '--http: "nowhere" must be HOST:PORT',
      '--tftp-port: "70000" must be a whole number from 0 to 65535',
      '--wrong: there is no such setting (see --help)',
      `REVEILLE_ADMIN_TOKEN: at least 20 characters, or it could be guessed`,
      `REVEILLE_DHCP: "maybe" must be one of off, proxy, full`,
      `${path}: dns: must be one value, or a list of them`,
      `${path}: lease-seconds: "5" must be a whole number from 60 to 31536000`,
      `${path}: nonsense: there is no such setting (see --help)`,
      `${path}: router: must be one value, or a list of them`,
      `${path}: site-code: "toolong" must be three capital letters or digits`,
    ].sort(),
  )
})

test('a flag without a value, and one that is given twice, are faults', (t) => {
  t.deepEqual(faults(['--pool']), ['--pool: a value is missing'])
  t.deepEqual(faults(['--dhcp', 'off', '--dhcp', 'full']), ['--dhcp: given more than once'])
})

test('full mode needs a pool, and the addresses must belong together', (t) => {
  t.regex(faults(['--dhcp', 'full']).join(), /^--pool: full mode needs addresses to lease/)
  const subnet = ['--dhcp', 'full', '--subnet', '192.0.2.0/25']
  t.deepEqual(faults([...subnet, '--pool', '192.0.2.100-192.0.2.200', '--router', '198.51.100.1']), [
    '--pool: 192.0.2.200 is not in the subnet 192.0.2.0/25',
    '--router: 198.51.100.1 is not in the subnet 192.0.2.0/25',
  ])
  const twice = ['--reservation', '52:54:00:00:00:01=192.0.2.9', '--reservation', '52:54:00:00:00:02=192.0.2.9']
  t.deepEqual(faults([...subnet, '--pool', '192.0.2.100-192.0.2.110', ...twice]), [
    '--reservation: 192.0.2.9 is kept for more than one machine',
  ])
})

for (const pool of ['192.0.2.9', '192.0.2.9-192.0.2.1', '192.0.2.1-192.0.2.2-192.0.2.3', 'a-b']) {
  test(`"${pool}" is no pool`, (t) => {
    t.regex(faults(['--dhcp', 'full', '--pool', pool]).join(), /must be two addresses/)
  })
}

test('a settings file that is named must exist and be YAML', (t) => {
  t.deepEqual(faults(['--config', join(directory, 'none.yaml')]), [
    `${join(directory, 'none.yaml')}: the settings file does not exist`,
  ])
  const path = settingsFile('broken.yaml', '- a\n- b\n')
  t.deepEqual(faults(['--config', path]), [`${path}: must be a list of "name: value" lines`])
  t.is(faults(['--config', settingsFile('worse.yaml', 'a: [')]).length, 1)
})

test('an IPv6 host and an empty settings file are taken', (t) => {
  const path = settingsFile('empty.yaml', '')
  t.deepEqual(config(['--config', path, '--http', '[::1]:8081']).http, { host: '::1', port: 8081 })
})

test('help is given whatever else is said', (t) => {
  t.is(readConfig(['--tftp-port', 'x', '--help'], {}).kind, 'help')
})

test('a distribution point has the address of its site and the file with its token', (t) => {
  const flags = ['--distribution-point-of', 'http://192.0.2.1:8080', '--token-file', 'token']
  t.deepEqual(config(flags).distributionPoint, { site: 'http://192.0.2.1:8080', tokenFile: 'token', askSeconds: 30 })
  t.is(config([...flags, '--ask-seconds', '5']).distributionPoint?.askSeconds, 5)
  t.is(config([]).distributionPoint, undefined)
  t.regex(faults(flags.slice(0, 2)).join(), /--token-file: a distribution point needs its token/)
  t.regex(faults(['--distribution-point-of', '192.0.2.1']).join(), /must be the address of a site/)
})
