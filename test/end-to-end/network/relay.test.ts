/** Machines behind ISC's relay agent on a router of its own, with and without a DHCP server beside us. */

import test from 'ava'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCapture } from '../../../scripts/lab/capture.ts'
import { Datagrams } from '../../../scripts/lab/datagrams.ts'
import { addLoaderSite, allLoaders, loaderText } from '../../../scripts/lab/loader-site.ts'
import { addBridge, addHost, assertPrivateNetwork, removeLink, runOn, startOn } from '../../../scripts/lab/network.ts'
import { addRouter, startRelay } from '../../../scripts/lab/router.ts'
import {
  addressFrom,
  answerTo,
  askBootServer,
  bootFileOf,
  broadcast,
  fetchBootFile,
  messageOf,
  newTransaction,
  request,
  serverOf,
  useAddress,
} from '../../../scripts/lab/scripted-firmware.ts'
import { startServer } from '../../../scripts/lab/server-process.ts'
import { startUdhcpc } from '../../../scripts/lab/udhcpc.ts'

await assertPrivateNetwork()
const directory = await mkdtemp(join(tmpdir(), 'reveille-relay-'))
const core = await addBridge('rv-core', ['10.82.0.1/24'])
const edge = await addBridge('rv-edge', [])
const router = await addRouter({
  near: { bridge: core, address: '10.82.0.2/24' },
  far: { bridge: edge, address: '10.82.1.1/24', network: '10.82.1.0/24' },
})
const siteHost = await addHost('rsite', [{ bridge: core, address: '10.82.0.3/24' }])
const client = await addHost('far', [{ bridge: edge }])
await runOn(siteHost, 'ip', 'route', 'add', '10.82.1.0/24', 'via', '10.82.0.2')
const us = addressFrom('10.82.0.1')
const siteServer = addressFrom('10.82.0.3')

const start = (...flags: string[]) =>
  startServer({
    dataDirectory: join(directory, 'data'),
    http: '0.0.0.0:8080',
    flags: ['--interface', core.name, '--log-level', 'debug', ...flags],
  })

test.after.always(async () => {
  for (const host of [router, siteHost, client]) await host.stop()
  await removeLink(core.name)
  await removeLink(edge.name)
  await rm(directory, { recursive: true })
})

test.serial('L01 L02 L03 L05 D4-03 D4-18: udhcpc behind the relay gets, renews and releases an address', async (t) => {
  const server = await start(
    '--dhcp',
    'full',
    '--subnet',
    '10.82.1.0/24',
    '--pool',
    '10.82.1.100-10.82.1.150',
    '--router',
    '10.82.1.1',
  )
  t.teardown(() => server.stop())
  const relay = await startRelay(router, ['10.82.0.1'])
  t.teardown(() => relay.stop())
  const capture = await startCapture(core.name, join(directory, 'relay.pcapng'))
  t.teardown(() => capture.stop())
  const far = await startUdhcpc(client, directory)
  t.teardown(() => far.stop())
  const bound = await far.next('bound')
  t.regex(bound.address, /^10\.82\.1\.1[0-4]\d$/)
  t.is(bound.router, '10.82.1.1')
  far.renew()
  t.is((await far.next('renew')).address, bound.address)
  far.release()
  await server.logged(new RegExp(`${bound.address} is released`))
  // DISCOVER, OFFER, REQUEST, ACK through the relay, REQUEST, ACK and RELEASE without it.
  await capture.complete(7)
  const fields = ['dhcp.option.dhcp', 'ip.dst', 'udp.dstport', 'dhcp.option.agent_information_option.agent_circuit_id']
  const ours = await capture.read('ip.src == 10.82.0.1 && dhcp', fields)
  const circuit = Buffer.from('eth1').toString('hex')
  // The relay listens below IP and passes on the renewal that it sees going by as well, so there may be two ACKs to it.
  t.deepEqual(
    [...new Set(ours.map((line) => line.replaceAll(':', '')))].sort(),
    [`2\t10.82.1.1\t67\t${circuit}`, `5\t${bound.address}\t68\t`, `5\t10.82.1.1\t67\t${circuit}`].sort(),
  )
  t.deepEqual(await capture.read('_ws.malformed || _ws.expert.severity >= 0x800000', ['frame.number']), [])
  t.true((await capture.read('ip.src == 10.82.0.1 && dhcp', ['udp.length'])).every((bytes) => Number(bytes) - 8 >= 300))
  t.false(server.log().includes('every address that was tried'))
})

test.serial(
  'L01 L04 PX-02: a machine behind the relay hears the DHCP server and our proxy offer, and fetches its file',
  async (t) => {
    const server = await start('--dhcp', 'proxy')
    t.teardown(() => server.stop())
    const machine = { macAddress: '52:54:00:82:00:07', architecture: 7 }
    const site = await addLoaderSite({
      server,
      directory,
      name: 'far',
      macAddresses: [machine.macAddress],
      loaders: allLoaders,
    })
    const dnsmasq = await startOn(siteHost, 'dnsmasq', [
      '--no-daemon',
      '--port=0',
      '--conf-file=/dev/null',
      '--log-dhcp',
      '--no-ping',
      '--interface=eth0',
      '--user=root',
      '--dhcp-range=10.82.1.160,10.82.1.200,255.255.255.0,600',
      '--dhcp-option=3,10.82.1.1',
      `--dhcp-leasefile=${join(directory, 'leases')}`,
    ])
    t.teardown(() => dnsmasq.stop())
    await dnsmasq.says(/DHCP, IP range/)
    const relay = await startRelay(router, ['10.82.0.1', '10.82.0.3'])
    t.teardown(() => relay.stop())
    await runOn(client, 'ip', 'addr', 'flush', 'dev', 'eth0')
    const wire = await Datagrams.open(client, [68])
    t.teardown(() => wire.close())

    const xid = newTransaction()
    broadcast(wire, messageOf(machine, { type: 'DHCPDISCOVER', xid }))
    const sites = await answerTo(wire, xid, (packet) => serverOf(packet) === siteServer)
    const offer = await answerTo(wire, xid, (packet) => serverOf(packet) === us)
    t.is<string, string>(offer.packet.yiaddr, '0.0.0.0')
    t.is<string, string>(offer.packet.giaddr, '10.82.1.1')
    t.is(bootFileOf(offer.packet), `${site.tftpNames.x64}/loader/snponly-x64.efi`)
    t.false(offer.packet.options.has(82), 'the relay took it out again')
    const ack = await request(wire, machine, sites)
    const file = await useAddress(wire, ack, async () =>
      fetchBootFile(wire, await askBootServer(wire, machine, { ack, server: us })),
    )
    t.is(file.toString(), loaderText('x64', 'loader/snponly-x64.efi'))
  },
)
