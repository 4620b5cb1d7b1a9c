/**
 * `proxy` mode beside the site's own DHCP server, which is dnsmasq on another host (and, once, npm's `dhcp`). A
 * scripted firmware goes the whole way of each architecture and fetches its first file.
 */

import test from 'ava'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeIpv4Address, parseIpv4Address, unspecifiedAddress } from '../../../server/address/ipv4-address.ts'
import { encodeText } from '../../../server/wire/ascii.ts'
import { OptionCode } from '../../../server/wire/dhcp-option-code.ts'
import { messageTypeOf } from '../../../server/wire/dhcp-option-values.ts'
import { encodeDhcpPacket } from '../../../server/wire/dhcp-packet.ts'
import type { BootArchitecture } from '../../../server/site/boot-image.ts'
import { startCapture } from '../../../scripts/lab/capture.ts'
import { Datagrams } from '../../../scripts/lab/datagrams.ts'
import { addLoaderSite, allLoaders, loaderText, noLoaders } from '../../../scripts/lab/loader-site.ts'
import { metric } from '../../../scripts/lab/metrics.ts'
import { addBridge, addHost, assertPrivateNetwork, removeLink, runOn, startOn } from '../../../scripts/lab/network.ts'
import {
  answersSoFar,
  answerTo,
  askBootServer,
  bootFileOf,
  broadcast,
  fetchBootFile,
  messageOf,
  newTransaction,
  obtainAddress,
  request,
  serverOf,
  useAddress,
  type Machine,
} from '../../../scripts/lab/scripted-firmware.ts'
import { startServer } from '../../../scripts/lab/server-process.ts'

await assertPrivateNetwork()
const directory = await mkdtemp(join(tmpdir(), 'reveille-proxy-'))
const bridge = await addBridge('rv-proxy', ['10.81.0.1/24'])
const serverFlags = ['--interface', bridge.name, '--log-level', 'debug']
const startOurs = (...flags: string[]) =>
  startServer({ dataDirectory: join(directory, 'data'), http: '0.0.0.0:8080', flags: [...serverFlags, ...flags] })
let server = await startOurs('--dhcp', 'proxy')
const siteHost = await addHost('site', [{ bridge, address: '10.81.0.2/24' }])
const dnsmasq = await startOn(siteHost, 'dnsmasq', [
  '--no-daemon',
  '--port=0',
  '--conf-file=/dev/null',
  '--log-dhcp',
  '--no-ping',
  '--interface=eth0',
  '--bind-interfaces',
  '--dhcp-range=10.81.0.100,10.81.0.200,255.255.255.0,600',
  '--dhcp-option=3,10.81.0.2',
  `--dhcp-leasefile=${join(directory, 'dnsmasq.leases')}`,
  '--user=root',
  '--dhcp-authoritative',
])
await dnsmasq.says(/DHCP, IP range/)
const firmwareHost = await addHost('rom', [{ bridge }])
const wire = await Datagrams.open(firmwareHost, [68, 4011])
const ourAddress = '10.81.0.1'
const siteServer = parseIpv4Address('10.81.0.2') ?? unspecifiedAddress
const us = parseIpv4Address(ourAddress) ?? unspecifiedAddress

const tested = [
  { architecture: 0, from: 'x64', file: 'loader/undionly.kpxe' },
  { architecture: 6, from: 'x86', file: 'loader/snponly-x86.efi' },
  { architecture: 7, from: 'x64', file: 'loader/snponly-x64.efi' },
  { architecture: 9, from: 'x64', file: 'loader/snponly-x64.efi' },
  { architecture: 11, from: 'arm64', file: 'loader/snponly-arm64.efi' },
  { architecture: 15, from: 'x86', file: 'loader/snponly-x86.efi' },
  { architecture: 16, from: 'x64', file: 'loader/snponly-x64.efi' },
  { architecture: 19, from: 'arm64', file: 'loader/snponly-arm64.efi' },
] as const satisfies readonly { architecture: number; from: BootArchitecture; file: string }[]

const macOf = (group: number, number: number): string => `52:54:00:81:0${group}:${number.toString(16).padStart(2, '0')}`
const site = await addLoaderSite({
  server,
  directory,
  name: 'complete',
  macAddresses: tested.map(({ architecture }) => macOf(1, architecture)),
  loaders: allLoaders,
})
await addLoaderSite({
  server,
  directory,
  name: 'bare',
  macAddresses: tested.map(({ architecture }) => macOf(2, architecture)),
  loaders: noLoaders,
})

test.after.always(async () => {
  await wire.close()
  await dnsmasq.stop()
  await siteHost.stop()
  await firmwareHost.stop()
  await server.stop()
  await removeLink(bridge.name)
  await rm(directory, { recursive: true })
})

const isOurs = (packet: Parameters<typeof serverOf>[0]): boolean => serverOf(packet) === us
const isSites = (packet: Parameters<typeof serverOf>[0]): boolean => serverOf(packet) === siteServer

async function discover(machine: Machine) {
  const xid = newTransaction()
  broadcast(wire, messageOf(machine, { type: 'DHCPDISCOVER', xid }))
  return { xid, sites: await answerTo(wire, xid, isSites), ours: () => answerTo(wire, xid, isOurs) }
}

for (const { architecture, from, file } of tested) {
  const isHttp = architecture >= 15
  const ids = isHttp ? 'H01 H02 H03 PX-02 R16' : 'PX-02 PX-03 PX-04 PX-13 R03 R05 R15 R16 B01'
  test.serial(`${ids}: architecture ${architecture} gets its own loader beside dnsmasq`, async (t) => {
    const machine = { macAddress: macOf(1, architecture), architecture }
    const { sites, ours, xid } = await discover(machine)
    const offer = await ours()
    t.is<string, string>(offer.packet.yiaddr, '0.0.0.0')
    t.deepEqual(
      [1, 3, 51].filter((code) => offer.packet.options.has(code)),
      [],
    )
    t.like(offer.heard, { fromAddress: ourAddress, fromPort: 67 })
    t.deepEqual(offer.packet.options.get(OptionCode.vendorClass), encodeText(isHttp ? 'HTTPClient' : 'PXEClient'))
    t.deepEqual(offer.packet.options.get(97), messageOf(machine, { type: 'DHCPDISCOVER', xid }).options.get(97), 'R13')
    const wanted = isHttp
      ? `http://${ourAddress}:8080/boot/images/${site.tftpNames[from].slice('boot/'.length)}/${file}`
      : `${site.tftpNames[from]}/${file}`
    t.is(bootFileOf(offer.packet), wanted)

    const ack = await request(wire, machine, sites)
    t.true(isSites(ack.packet), 'only the DHCP server of the site acknowledges')
    const fetched = await useAddress(wire, ack, async () => {
      if (isHttp) return fetchBootFile(wire, offer)
      const bootServer = await askBootServer(wire, machine, { ack, server: us })
      t.is(messageTypeOf(bootServer.packet), 'DHCPACK')
      t.like(bootServer.heard, { fromAddress: ourAddress, fromPort: 4011, toAddress: ack.packet.yiaddr })
      t.is(bootServer.packet.file, wanted)
      t.is<string, string>(bootServer.packet.siaddr, ourAddress)
      return fetchBootFile(wire, bootServer)
    })
    t.is(fetched.toString(), loaderText(from, file))
    t.is(
      answersSoFar(wire, xid).filter(({ packet }) => isOurs(packet)).length,
      1,
      'PX-03: no answer of ours to the REQUEST',
    )
  })

  test.serial(`PX-08 D23 B02: architecture ${architecture} without its loader gets silence and a reason`, async (t) => {
    const machine = { macAddress: macOf(2, architecture), architecture }
    const { xid } = await discover(machine)
    const line = await server.logged(
      new RegExp(`holds no ${file}.*${macOf(2, architecture)}|${macOf(2, architecture)}.*holds no ${file}`),
    )
    t.regex(line, /Goes on to its own disk/)
    // A machine that is answered after it shows that this one was passed over.
    await (await discover({ macAddress: macOf(1, 7), architecture: 7 })).ours()
    t.deepEqual(
      answersSoFar(wire, xid).filter(({ packet }) => isOurs(packet)),
      [],
    )
    const preview = await server.call<{ firstFile: { kind: string; reason: string } }>(
      'GET',
      `/api/v1/boot-preview?mac=${encodeURIComponent(machine.macAddress)}&architecture=${architecture}`,
    )
    t.is(preview.firstFile.kind, 'none')
    t.true(preview.firstFile.reason.includes(`holds no ${file}`), preview.firstFile.reason)
  })
}

test.serial('PX-08 D05: an architecture that nobody knows gets silence and a reason', async (t) => {
  const { xid } = await discover({ macAddress: macOf(1, 7), architecture: 99 })
  await server.logged(/Gets no answer: architecture 99 cannot be served/)
  await (await discover({ macAddress: macOf(1, 7), architecture: 7 })).ours()
  t.deepEqual(
    answersSoFar(wire, xid).filter(({ packet }) => isOurs(packet)),
    [],
  )
})

test.serial('PX-15: iPXE is given the script, by a URL, and fetches it', async (t) => {
  for (const { architecture } of tested.slice(0, 3)) {
    const machine = { macAddress: macOf(1, architecture), architecture, stage: 'ipxe' } as const
    const { sites, ours } = await discover(machine)
    const offer = await ours()
    t.is(bootFileOf(offer.packet), `http://${ourAddress}:8080/boot/autoexec.ipxe`)
    const ack = await request(wire, machine, sites)
    const script = await useAddress(wire, ack, () => fetchBootFile(wire, offer))
    t.regex(script.toString(), /^#!ipxe/)
  }
})

test.serial('D17 PX-01: an ordinary client hears only the DHCP server of the site', async (t) => {
  const { xid } = await discover({ macAddress: macOf(3, 1) })
  await (await discover({ macAddress: macOf(1, 7), architecture: 7 })).ours()
  t.true(answersSoFar(wire, xid).every(({ packet }) => isSites(packet)))
})

test.serial(
  'B01 B03 B04 B07: port 4011 answers whichever port asks, echoes the chosen item, takes INFORM and foreign options',
  async (t) => {
    const machine = { macAddress: macOf(1, 7), architecture: 7 }
    const { ack } = await obtainAddress(wire, machine, { server: siteServer })
    const item = Uint8Array.of(71, 4, 0, 0, 0, 0, 255)
    await useAddress(wire, ack, async () => {
      const chosen = await askBootServer(wire, machine, {
        ack,
        server: us,
        options: [
          [OptionCode.vendorSpecificInformation, item],
          [250, Uint8Array.of(1, 2, 3)],
          [252, encodeText('BCD')],
        ],
      })
      t.deepEqual(chosen.packet.options.get(43)?.slice(0, 6), item.slice(0, 6))
      for (const type of ['DHCPINFORM', 'DHCPDISCOVER', 'DHCPREQUEST'] as const) {
        const xid = newTransaction()
        const question = messageOf(machine, { type, xid, fields: { ciaddr: ack.packet.yiaddr, flags: 0 } })
        wire.say(encodeDhcpPacket(question), { fromPort: 4011, toAddress: ourAddress, toPort: 4011 })
        const { heard, packet } = await answerTo(wire, xid)
        t.is(messageTypeOf(packet), 'DHCPACK')
        t.like(heard, { port: 4011, fromPort: 4011 })
      }
    })
  },
)

test.serial('D18: offers of another server with boot data leave ours as it is', async (t) => {
  const rogueHost = await addHost('rogue', [{ bridge, address: '10.81.0.3/24' }])
  t.teardown(() => rogueHost.stop())
  const rogue = await Datagrams.open(rogueHost, [67])
  t.teardown(() => rogue.close())
  const machine = { macAddress: macOf(1, 7), architecture: 7 }
  const before = await (await discover(machine)).ours()
  const xid = newTransaction()
  const discovery = messageOf(machine, { type: 'DHCPDISCOVER', xid })
  const offer = {
    ...discovery,
    op: 2,
    file: 'wrong.efi',
    options: new Map([
      ...discovery.options,
      [53, Uint8Array.of(2)],
      [54, encodeIpv4Address(parseIpv4Address('10.81.0.3') ?? us)],
    ]),
  }
  for (const toPort of [67, 68])
    rogue.say(encodeDhcpPacket(offer), { fromPort: 67, toAddress: '255.255.255.255', toPort })
  broadcast(wire, discovery)
  const after = await answerTo(wire, xid, isOurs)
  t.is(after.packet.file, before.packet.file)
  t.true((await metric(server, 'reveille_dhcp_datagrams_total', { outcome: 'not-a-request' })) >= 1)
})

test.serial('npm dhcp as the DHCP server of the site: it gives the address, we the file', async (t) => {
  await dnsmasq.stop()
  const script = join(import.meta.dirname, '../../../scripts/lab/npm-dhcp-server.ts')
  await runOn(siteHost, 'ip', 'route', 'add', 'default', 'dev', 'eth0')
  const npm = await startOn(siteHost, process.execPath, [script, '10.81.0.2', '10.81.0.210', '10.81.0.220'])
  t.teardown(async () => {
    await npm.stop()
    t.log(npm.said())
  })
  await npm.says(/listening/)
  const machine = { macAddress: macOf(1, 7), architecture: 7 }
  const { sites, ours } = await discover(machine)
  const offer = await ours()
  const ack = await request(wire, machine, sites)
  t.regex(ack.packet.yiaddr, /^10\.81\.0\.2[12]\d$/)
  const fetched = await useAddress(wire, ack, () => fetchBootFile(wire, offer))
  t.is(fetched.toString(), loaderText('x64', 'loader/snponly-x64.efi'))

  // B05: with DHCP switched off, port 4011 still answers, and port 67 is not ours.
  await server.kill()
  server = await startOurs('--dhcp', 'off')
  const again = await useAddress(wire, ack, () => askBootServer(wire, machine, { ack, server: us }))
  t.is(again.packet.file, `${site.tftpNames.x64}/loader/snponly-x64.efi`)
  const { xid } = await discover(machine)
  const marker = await useAddress(wire, ack, () => askBootServer(wire, machine, { ack, server: us }))
  t.is(messageTypeOf(marker.packet), 'DHCPACK')
  t.deepEqual(
    answersSoFar(wire, xid).filter(({ packet }) => isOurs(packet)),
    [],
  )
  const file = await useAddress(wire, ack, () => fetchBootFile(wire, marker))
  t.is(file.toString(), loaderText('x64', 'loader/snponly-x64.efi'))
  t.is((await fetch(`${server.url}/boot/autoexec.ipxe`)).status, 200)
})

test.serial('R01 R02: tshark finds no malformed packet among our answers', async (t) => {
  await server.kill()
  server = await startOurs('--dhcp', 'proxy')
  const capture = await startCapture(bridge.name, join(directory, 'proxy.pcapng'), `udp and src host ${ourAddress}`)
  t.teardown(() => capture.stop())
  for (const { architecture } of tested) {
    for (const stage of ['firmware', 'ipxe'] as const) {
      const xid = newTransaction()
      const machine = { macAddress: macOf(1, architecture), architecture, stage }
      broadcast(wire, messageOf(machine, { type: 'DHCPDISCOVER', xid }))
      t.is(messageTypeOf((await answerTo(wire, xid, isOurs)).packet), 'DHCPOFFER')
    }
  }
  await capture.complete(tested.length * 2)
  const ours = `ip.src == ${ourAddress}`
  t.deepEqual(await capture.read(`${ours} && (_ws.malformed || _ws.expert.severity >= 0x800000)`, ['frame.number']), [])
  const lengths = await capture.read(`${ours} && dhcp`, ['udp.length'])
  t.is(lengths.length, tested.length * 2)
  t.true(lengths.every((length) => Number(length) - 8 >= 300 && Number(length) - 8 <= 1472))
})
