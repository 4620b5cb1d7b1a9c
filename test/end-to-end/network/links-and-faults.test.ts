/**
 * Several interfaces, ports that somebody else has, pools that run empty, restarts in the middle, and garbage: the
 * server as a process, and machines that go on being served.
 */

import test from 'ava'
import type { ExecutionContext } from 'ava'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unspecifiedAddress } from '../../../server/address/ipv4-address.ts'
import { encodeDhcpPacket } from '../../../server/wire/dhcp-packet.ts'
import { encodeTftpPacket } from '../../../server/wire/tftp-packet.ts'
import { messageTypeOf } from '../../../server/wire/dhcp-option-values.ts'
import { Datagrams } from '../../../scripts/lab/datagrams.ts'
import { addLoaderSite, allLoaders } from '../../../scripts/lab/loader-site.ts'
import { metric } from '../../../scripts/lab/metrics.ts'
import { addBridge, addHost, assertPrivateNetwork, removeLink, runOn, startOn } from '../../../scripts/lab/network.ts'
import {
  addressFrom,
  answersSoFar,
  answerTo,
  bootFileOf,
  broadcast,
  messageOf,
  newTransaction,
  obtainAddress,
  request,
  serverOf,
} from '../../../scripts/lab/scripted-firmware.ts'
import { startProgram } from '../../../scripts/lab/program.ts'
import { startServer } from '../../../scripts/lab/server-process.ts'
import { seededRandom } from '../../../scripts/lab/seeded-random.ts'

await assertPrivateNetwork()
const directory = await mkdtemp(join(tmpdir(), 'reveille-links-'))
const left = await addBridge('rv-left', ['10.83.1.1/24'])
const right = await addBridge('rv-right', ['10.83.2.1/24'])
const leftHost = await addHost('lefty', [{ bridge: left }])
const rightHost = await addHost('righty', [{ bridge: right }])
const onLeft = await Datagrams.open(leftHost, [68])
const onRight = await Datagrams.open(rightHost, [68])

test.after.always(async () => {
  await Promise.all([onLeft.close(), onRight.close()])
  await leftHost.stop()
  await rightHost.stop()
  await removeLink(left.name)
  await removeLink(right.name)
  await rm(directory, { recursive: true })
})

const http = '0.0.0.0:8080'
const debug = ['--log-level', 'debug']
const full = (pool: string): readonly string[] => [...debug, '--dhcp', 'full', '--pool', pool]
const macOf = (number: number): string => `52:54:00:83:00:${number.toString(16).padStart(2, '0')}`
const machine = { macAddress: macOf(7), architecture: 7 }
const overHttp = { macAddress: macOf(7), architecture: 16 }

async function discover(wire: Datagrams, who: Parameters<typeof messageOf>[0]) {
  const xid = newTransaction()
  broadcast(wire, messageOf(who, { type: 'DHCPDISCOVER', xid }))
  return xid
}

test.serial(
  'D4-28 D4-29 R15: each link hears our address on that link, and --interface restricts us to some',
  async (t) => {
    const data = join(directory, 'links')
    const both = await startServer({ dataDirectory: data, http, flags: debug })
    t.teardown(() => both.stop())
    await addLoaderSite({
      server: both,
      directory,
      name: 'links',
      macAddresses: [machine.macAddress],
      loaders: allLoaders,
    })
    for (const [wire, address] of [
      [onLeft, '10.83.1.1'],
      [onRight, '10.83.2.1'],
    ] as const) {
      const offer = await answerTo(wire, await discover(wire, machine))
      t.is<string, string>(serverOf(offer.packet), address)
      t.is<string, string>(offer.packet.siaddr, address)
      t.like(offer.heard, { fromAddress: address, fromPort: 67 })
      const url = bootFileOf((await answerTo(wire, await discover(wire, overHttp))).packet)
      t.true(url.startsWith(`http://${address}:8080/`), url)
    }
    await both.stop()

    const one = await startServer({
      dataDirectory: data,
      http,
      flags: [...debug, '--interface', left.name, '--interface', 'nosuch0'],
    })
    t.teardown(() => one.stop())
    t.regex(one.log(), /interface nosuch0 has no IPv4 address here/)
    const unheard = await discover(onRight, machine)
    t.is<string, string>(serverOf((await answerTo(onLeft, await discover(onLeft, machine))).packet), '10.83.1.1')
    t.deepEqual(answersSoFar(onRight, unheard), [])
    t.is(await metric(one, 'reveille_dhcp_datagrams_total', { outcome: 'other-interface' }), 1)
  },
)

test.serial(
  'PX-14 D23 R26: in full mode a machine gets its address and its loader in one answer, or the address alone',
  async (t) => {
    const data = join(directory, 'links')
    const server = await startServer({ dataDirectory: data, http, flags: full('10.83.1.100-10.83.1.150') })
    t.teardown(() => server.stop())
    const { offer, ack } = await obtainAddress(onLeft, machine)
    for (const { packet } of [offer, ack]) t.regex(packet.file, /^boot\/\w+\/1\/loader\/snponly-x64\.efi$/)
    t.is(answersSoFar(onLeft, offer.packet.xid).length, 2, 'PX-12: one offer, one acknowledgement')
    const { ack: nothingToBoot } = await obtainAddress(onLeft, { macAddress: macOf(8), architecture: 7 })
    t.is(nothingToBoot.packet.file, '')
    const { ack: ipxe } = await obtainAddress(onLeft, { ...machine, stage: 'ipxe' })
    t.is(bootFileOf(ipxe.packet), 'http://10.83.1.1:8080/boot/autoexec.ipxe')
    t.deepEqual(ipxe.packet.options.get(175), Uint8Array.of(0xb0, 1, 1), 'R26')
    t.is<string, string>(ipxe.packet.yiaddr, ack.packet.yiaddr, 'D12: one device, one address')
    const elsewhere = await discover(onRight, machine)
    await server.logged(/no pool for the network of 10\.83\.2\.1/)
    t.deepEqual(answersSoFar(onRight, elsewhere), [])
  },
)

test.serial('a pool that runs empty is told in log and metrics, and recovers with the first release', async (t) => {
  const dataDirectory = join(directory, 'empty')
  const server = await startServer({ dataDirectory, http, flags: full('10.83.1.200-10.83.1.201') })
  t.teardown(() => server.stop())
  const { ack } = await obtainAddress(onLeft, { macAddress: macOf(20) })
  await obtainAddress(onLeft, { macAddress: macOf(21) })
  const late = { macAddress: macOf(22) }
  const unheard = await discover(onLeft, late)
  await server.logged(/no address is left in 10\.83\.1\.200-10\.83\.1\.201/)
  t.is(await metric(server, 'reveille_dhcp_datagrams_total', { outcome: 'pool-exhausted' }), 1)
  t.deepEqual(answersSoFar(onLeft, unheard), [])
  const release = messageOf(
    { macAddress: macOf(20) },
    { type: 'DHCPRELEASE', xid: newTransaction(), fields: { ciaddr: ack.packet.yiaddr } },
  )
  broadcast(onLeft, release)
  await server.logged(/is released/)
  t.is((await obtainAddress(onLeft, late)).ack.packet.yiaddr, ack.packet.yiaddr)
})

test.serial(
  'D4-27: killed between OFFER and REQUEST, and again after the ACK, the server goes on where it was',
  async (t) => {
    const options = { dataDirectory: join(directory, 'killed'), http, flags: full('10.83.1.100-10.83.1.150') }
    const first = await startServer(options)
    const taken = await obtainAddress(onLeft, { macAddress: macOf(30) })
    const late = { macAddress: macOf(31) }
    const offer = await answerTo(onLeft, await discover(onLeft, late))
    await first.kill()
    const second = await startServer(options)
    t.teardown(() => second.stop())
    const ack = await request(onLeft, late, offer)
    t.is(messageTypeOf(ack.packet), 'DHCPACK')
    t.is(ack.packet.yiaddr, offer.packet.yiaddr)
    const next = await obtainAddress(onLeft, { macAddress: macOf(32) })
    t.is(new Set([taken.ack, ack, next.ack].map(({ packet }) => packet.yiaddr)).size, 3, 'D4-12: nobody shares')
  },
)

test.serial(
  'npm dhcp as a client is offered an address; its REQUEST, which says neither for what nor to whom, is not answered',
  async (t) => {
    const flags = full('10.83.1.100-10.83.1.150')
    const server = await startServer({ dataDirectory: join(directory, 'sloppy'), http, flags })
    t.teardown(() => server.stop())
    const host = await addHost('sloppy', [{ bridge: left, address: '10.83.1.250/24' }])
    t.teardown(() => host.stop())
    await runOn(host, 'ip', 'route', 'add', 'default', 'dev', 'eth0')
    const script = join(import.meta.dirname, '../../../scripts/lab/npm-dhcp-client.ts')
    const npm = await startOn(host, process.execPath, [script, macOf(50)])
    t.teardown(() => npm.stop())
    t.is(await npm.says(/^2 /), '2 10.83.1.100')
    await server.logged(/a REQUEST without options 50 and 54 and without ciaddr asks for nothing/)
  },
)

const takenPorts = [
  { port: 67, says: /DHCP cannot use .*port 67\. Another program has it/, runs: /boot server.*TFTP/ },
  { port: 4011, says: /boot server cannot use .*port 4011\. Another program has it/, runs: /DHCP.*TFTP/ },
  { port: 69, says: /TFTP cannot use .*port 69\. Another program has it/, runs: /DHCP.*boot server/ },
] as const

for (const { port, says, runs } of takenPorts) {
  test.serial(`port ${port} in other hands is reported, and the rest runs`, async (t) => {
    const thief = createSocket('udp4').bind(port, '0.0.0.0')
    await once(thief, 'listening')
    t.teardown(() => thief.close())
    const server = await startServer({ dataDirectory: join(directory, `taken-${port}`), http, flags: [] })
    t.teardown(() => server.stop())
    t.regex(await server.logged(says), says)
    t.regex(await server.logged(/Reveille is ready/), runs)
  })
}

/** In the server's own namespace. On several of its interfaces it lets others share port 67, on one it has that one's alone. */
async function dnsmasqBesideServer(t: ExecutionContext, ...more: string[]): Promise<void> {
  const dnsmasq = await startProgram([
    'dnsmasq',
    '--no-daemon',
    '--port=0',
    '--conf-file=/dev/null',
    '--log-dhcp',
    '--no-ping',
    `--dhcp-leasefile=${join(directory, 'beside.leases')}`,
    '--user=root',
    '--bind-interfaces',
    '--interface=rv-left',
    ...more,
  ])
  t.teardown(() => dnsmasq.stop())
  await dnsmasq.says(/DHCP, (IP range|proxy)/)
}

const onBoth = ['--interface=rv-right', '--dhcp-range=10.83.1.100,10.83.1.150,255.255.255.0,600']

test.serial('a dnsmasq of this machine that shares port 67 stops full mode, and the rest runs', async (t) => {
  await dnsmasqBesideServer(t, ...onBoth)
  const flags = full('10.83.1.160-10.83.1.170')
  const server = await startServer({ dataDirectory: join(directory, 'shared-full'), http, flags })
  t.teardown(() => server.stop())
  t.regex(
    server.log(),
    /DHCP cannot use 0\.0\.0\.0 port 67\. Another program has it: find it with `ss -lunp 'sport = :67'`/,
  )
  const ready = await server.logged(/Reveille is ready/)
  t.regex(ready, /boot server.*TFTP/)
  t.notRegex(ready, /DHCP full/)
})

test.serial('full mode serves one interface while a dnsmasq of this machine serves another', async (t) => {
  await dnsmasqBesideServer(t, '--dhcp-range=10.83.1.100,10.83.1.150,255.255.255.0,600')
  const flags = [...full('10.83.2.160-10.83.2.170'), '--interface', 'rv-right']
  const server = await startServer({ dataDirectory: join(directory, 'apart'), http, flags })
  t.teardown(() => server.stop())
  t.regex(await server.logged(/Reveille is ready/), /DHCP full.*boot server.*TFTP/)
  const { ack } = await obtainAddress(onRight, { macAddress: macOf(61) })
  t.is(ack.packet.yiaddr, addressFrom('10.83.2.160'))
})

test.serial('proxy mode runs beside a dnsmasq of this machine, warns, and machines hear both', async (t) => {
  await dnsmasqBesideServer(t, ...onBoth, '--dhcp-authoritative')
  const flags = [...debug, '--dhcp', 'proxy']
  const server = await startServer({ dataDirectory: join(directory, 'shared-proxy'), http, flags })
  t.teardown(() => server.stop())
  t.regex(server.log(), /another program on this machine has DHCP port 67 as well/)
  t.regex(await server.logged(/Reveille is ready/), /DHCP proxy.*boot server.*TFTP/)
  await addLoaderSite({ server, directory, name: 'beside', macAddresses: [macOf(60)], loaders: allLoaders })
  const xid = newTransaction()
  broadcast(onLeft, messageOf({ macAddress: macOf(60), architecture: 7 }, { type: 'DHCPDISCOVER', xid }))
  const offer = await answerTo(onLeft, xid, ({ yiaddr }) => yiaddr !== unspecifiedAddress)
  const proxyOffer = await answerTo(onLeft, xid, ({ yiaddr }) => yiaddr === unspecifiedAddress)
  t.is(messageTypeOf(offer.packet), 'DHCPOFFER')
  t.is(messageTypeOf(proxyOffer.packet), 'DHCPOFFER')
})

test.serial(
  'a dnsmasq of this machine that answers PXE machines itself, and a second Reveille, stop the proxy',
  async (t) => {
    const flags = [...debug, '--dhcp', 'proxy']
    const start = async (name: string, port: string) => {
      const options = { dataDirectory: join(directory, name), http: `0.0.0.0:${port}`, flags }
      const server = await startServer(options)
      t.teardown(() => server.stop())
      return server
    }
    const refused = /DHCP cannot use 0\.0\.0\.0 port 67\. Another program has it, and port 4011 as well/
    const first = await start('first', '8080')
    t.notRegex(first.log(), /cannot use/)
    const second = await start('second', '8081')
    t.regex(second.log(), refused)
    t.regex(second.log(), /boot server cannot use 0\.0\.0\.0 port 4011\. Another program has it/)
    await first.stop()
    await second.stop()
    await dnsmasqBesideServer(t, '--dhcp-range=10.83.1.0,proxy', '--pxe-service=x86PC,Boot,somewhere')
    t.regex((await start('third', '8082')).log(), refused)
  },
)

test.serial('the HTTP port in other hands is reported, and machines are still given addresses', async (t) => {
  const thief = createServer().listen(8080, '0.0.0.0')
  await once(thief, 'listening')
  t.teardown(() => void thief.close())
  const flags = full('10.83.1.100-10.83.1.150')
  const server = await startServer({ dataDirectory: join(directory, 'taken-http'), http, flags, ready: 'said' })
  t.teardown(() => server.stop())
  t.regex(server.log(), /HTTP cannot use 0\.0\.0\.0 port 8080\. Another program has it/)
  t.is(messageTypeOf((await obtainAddress(onLeft, { macAddress: macOf(40) })).ack.packet), 'DHCPACK')
})

test.serial('C02 C03: 20,000 datagrams of garbage later every service still answers', async (t) => {
  const data = join(directory, 'links')
  const server = await startServer({
    dataDirectory: data,
    http,
    flags: ['--dhcp', 'full', '--pool', '10.83.1.100-10.83.1.150'],
  })
  t.teardown(() => server.stop())
  await obtainAddress(onLeft, machine)
  const random = seededRandom(20_260)
  const attacker = createSocket('udp4').bind(0)
  await once(attacker, 'listening')
  t.teardown(() => attacker.close())
  const seeds = [
    { port: 67, bytes: encodeDhcpPacket(messageOf(machine, { type: 'DHCPDISCOVER', xid: 1 })) },
    { port: 67, bytes: encodeDhcpPacket(messageOf(machine, { type: 'DHCPREQUEST', xid: 2 })) },
    {
      port: 4011,
      bytes: encodeDhcpPacket(
        messageOf(machine, { type: 'DHCPREQUEST', xid: 3, fields: { ciaddr: addressFrom('10.83.1.9') } }),
      ),
    },
    {
      port: 69,
      bytes: encodeTftpPacket({
        kind: 'read-request',
        file: 'boot/RVL00001/1/vmlinuz',
        mode: 'octet',
        options: [],
      }),
    },
  ]
  for (let sent = 0; sent < 20_000; sent++) {
    const { port, bytes } = seeds[sent % seeds.length] ?? { port: 67, bytes: new Uint8Array(0) }
    attacker.send(mutate(bytes, random), port, '10.83.1.1')
    // A machine is served all the while, and the attack is no faster than the server reads.
    if (sent % 200 === 199) await answerTo(onLeft, await discover(onLeft, machine))
  }
  t.is(messageTypeOf((await obtainAddress(onLeft, machine)).ack.packet), 'DHCPACK')
  t.is((await fetch(`${server.url}/healthz`)).status, 200)
  for (const outcome of [
    'too-short',
    'dhcp-bad-op',
    'dhcp-bad-cookie',
    'dhcp-option-past-end',
    'dhcp-bad-hardware-length',
  ]) {
    t.true((await metric(server, 'reveille_dhcp_datagrams_total', { outcome })) > 0, outcome)
  }
  t.true((await metric(server, 'reveille_tftp_total', { outcome: 'malformed' })) > 0)
  t.is(await metric(server, 'reveille_dhcp_datagrams_total', { outcome: 'failed' }), 0)
})

function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  const upTo = (limit: number): number => Math.floor(random() * limit)
  if (random() < 0.1) return Uint8Array.from({ length: upTo(700) }, () => upTo(256))
  const changed = bytes.slice(0, random() < 0.3 ? upTo(bytes.length) : bytes.length)
  for (let flips = 1 + upTo(8); flips > 0 && changed.length > 0; flips--) changed[upTo(changed.length)] = upTo(256)
  return changed
}
