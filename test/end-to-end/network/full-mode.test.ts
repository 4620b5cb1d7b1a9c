/**
 * `full` mode against independent clients: BusyBox's udhcpc and Kea's perfdhcp on hosts of their own, and packets of
 * our making for what those never send.
 */

import test from 'ava'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeIpv4Address } from '../../../server/address/ipv4-address.ts'
import { OptionCode } from '../../../server/wire/dhcp-option-code.ts'
import { messageTypeOf } from '../../../server/wire/dhcp-option-values.ts'
import { encodeDhcpPacket } from '../../../server/wire/dhcp-packet.ts'
import { startCapture } from '../../../scripts/lab/capture.ts'
import { Datagrams } from '../../../scripts/lab/datagrams.ts'
import { metric } from '../../../scripts/lab/metrics.ts'
import { addBridge, addHost, assertPrivateNetwork, removeLink, runOn } from '../../../scripts/lab/network.ts'
import {
  addressFrom,
  answersSoFar,
  answerTo,
  broadcast,
  is,
  messageOf,
  newTransaction,
  obtainAddress,
  serverOf,
  useAddress,
  type Machine,
} from '../../../scripts/lab/scripted-firmware.ts'
import { startServer } from '../../../scripts/lab/server-process.ts'
import { startUdhcpc } from '../../../scripts/lab/udhcpc.ts'

await assertPrivateNetwork()
const directory = await mkdtemp(join(tmpdir(), 'reveille-full-'))
const bridge = await addBridge('rv-full', ['10.80.0.1/16'])
const reserved = '52:54:00:80:00:99'
const options = {
  dataDirectory: join(directory, 'data'),
  http: '0.0.0.0:8080',
  flags: [
    '--interface',
    bridge.name,
    '--dhcp',
    'full',
    '--pool',
    '10.80.0.100-10.80.3.250',
    '--router',
    '10.80.0.1',
    '--reservation',
    `${reserved}=10.80.9.9`,
    '--lease-seconds',
    '600',
    '--log-level',
    'debug',
  ],
}
let server = await startServer(options)
const client = await addHost('one', [{ bridge }])
const other = await addHost('two', [{ bridge }])
const wire = await Datagrams.open(other, [68])

test.after.always(async () => {
  await wire.close()
  await client.stop()
  await other.stop()
  await server.stop()
  await removeLink(bridge.name)
  await rm(directory, { recursive: true })
})

const macOf = (number: number): string => `52:54:00:80:01:${number.toString(16).padStart(2, '0')}`

test.serial('D4-07 D4-09 D4-27: udhcpc gets, renews, keeps over kill -9, and releases an address', async (t) => {
  const capture = await startCapture(bridge.name, join(directory, 'udhcpc.pcapng'))
  t.teardown(() => capture.stop())
  const first = await startUdhcpc(client, directory)
  t.teardown(() => first.stop())
  const bound = await first.next('bound')
  t.regex(bound.address, /^10\.80\.0\.1\d\d$/)
  t.like(bound, { router: '10.80.0.1', leaseSeconds: 600 })

  first.renew()
  t.is((await first.next('renew')).address, bound.address)

  await server.kill()
  server = await startServer(options)
  first.renew()
  t.is((await first.next('renew')).address, bound.address, 'the lease is known after the restart')

  first.release()
  await first.next('deconfig')
  await first.stop()
  const again = await startUdhcpc(client, directory)
  t.teardown(() => again.stop())
  t.is((await again.next('bound')).address, bound.address, 'the binding is remembered')
  await again.stop()

  await capture.complete(10)
  const malformed = await capture.read('_ws.malformed || _ws.expert.severity >= 0x800000', ['frame.number'])
  t.deepEqual(malformed, [])
  const servers = await capture.read('dhcp.option.dhcp == 5', ['ip.src', 'udp.srcport', 'dhcp.option.dhcp_server_id'])
  t.deepEqual(
    [...new Set(servers)],
    ['10.80.0.1\t67\t10.80.0.1'],
    'D4-28 R15: every ACK comes from our port and address',
  )
})

test.serial('a second client gets another address, a reservation its own', async (t) => {
  const { ack: one } = await obtainAddress(wire, { macAddress: macOf(1) })
  const { ack: two } = await obtainAddress(wire, { macAddress: macOf(2) })
  const { ack: kept } = await obtainAddress(wire, { macAddress: reserved })
  t.not(one.packet.yiaddr, two.packet.yiaddr)
  t.is<string, string>(kept.packet.yiaddr, '10.80.9.9')
  t.deepEqual([...(one.packet.options.get(OptionCode.leaseTime) ?? [])], [0, 0, 600 >> 8, 600 & 255])
})

test.serial(
  'D4-06 R17: INIT-REBOOT with an address of another network is refused, an unknown one met with silence',
  async (t) => {
    const initReboot = (machine: Machine, address: string) => {
      const xid = newTransaction()
      const requested = [OptionCode.requestedAddress, encodeIpv4Address(addressFrom(address))] as const
      broadcast(wire, messageOf(machine, { type: 'DHCPREQUEST', xid, options: [requested] }))
      return xid
    }
    const unknown = initReboot({ macAddress: macOf(3) }, '10.80.0.200')
    const wrong = initReboot({ macAddress: macOf(4) }, '192.168.1.20')
    const refused = await answerTo(wire, wrong)
    t.is(messageTypeOf(refused.packet), 'DHCPNAK')
    t.is<string, string>(refused.packet.yiaddr, '0.0.0.0')
    t.is(refused.heard.toAddress, '255.255.255.255', 'D4-04')
    await server.logged(/DHCPREQUEST gets no answer: no record of this client/)
    t.deepEqual(answersSoFar(wire, unknown), [])
  },
)

test.serial('D4-08: a declined address rests', async (t) => {
  const machine = { macAddress: macOf(5) }
  const { ack } = await obtainAddress(wire, machine)
  broadcast(
    wire,
    messageOf(machine, {
      type: 'DHCPDECLINE',
      xid: newTransaction(),
      options: [
        [OptionCode.requestedAddress, encodeIpv4Address(ack.packet.yiaddr)],
        [OptionCode.serverIdentifier, encodeIpv4Address(serverOf(ack.packet))],
      ],
    }),
  )
  await server.logged(new RegExp(`${ack.packet.yiaddr} is in use by somebody .*declined`))
  const { ack: next } = await obtainAddress(wire, machine)
  t.not(next.packet.yiaddr, ack.packet.yiaddr)
  t.is(await metric(server, 'reveille_dhcp_datagrams_total', { outcome: 'address-conflict' }), 1)
})

test.serial('D4-10 D20: INFORM is answered to its address, without an address or a lease', async (t) => {
  const machine = { macAddress: macOf(6) }
  const { ack } = await obtainAddress(wire, machine)
  const inform = await useAddress(wire, ack, async () => {
    const xid = newTransaction()
    const question = messageOf(machine, { type: 'DHCPINFORM', xid, fields: { ciaddr: ack.packet.yiaddr, flags: 0 } })
    wire.say(encodeDhcpPacket(question), { fromPort: 68, toAddress: '10.80.0.1', toPort: 67 })
    return answerTo(wire, xid)
  })
  t.is(messageTypeOf(inform.packet), 'DHCPACK')
  t.is<string, string>(inform.packet.yiaddr, '0.0.0.0')
  t.false(inform.packet.options.has(OptionCode.leaseTime))
  t.is<string, string>(inform.heard.toAddress, ack.packet.yiaddr)
})

test.serial('D4-05: a REQUEST that names another server gets nothing from us', async (t) => {
  const machine = { macAddress: macOf(7) }
  const xid = newTransaction()
  broadcast(wire, messageOf(machine, { type: 'DHCPDISCOVER', xid }))
  const offer = await answerTo(wire, xid, is('DHCPOFFER'))
  const elsewhere = newTransaction()
  broadcast(
    wire,
    messageOf(machine, {
      type: 'DHCPREQUEST',
      xid: elsewhere,
      options: [
        [OptionCode.serverIdentifier, encodeIpv4Address(addressFrom('10.80.0.77'))],
        [OptionCode.requestedAddress, encodeIpv4Address(offer.packet.yiaddr)],
      ],
    }),
  )
  await server.logged(/the client chose the server 10\.80\.0\.77/)
  await obtainAddress(wire, { macAddress: macOf(8) })
  t.deepEqual(answersSoFar(wire, elsewhere), [])
})

test.serial(
  'D4-11: an address that a squatter uses is set aside, and a neighbour that has gone does not count',
  async (t) => {
    const free = async (number: number) => (await obtainAddress(wire, { macAddress: macOf(number) })).ack.packet.yiaddr
    const last = await free(10)
    const next = last.replace(/\d+$/, (digits) => String(Number(digits) + 1))
    const afterNext = last.replace(/\d+$/, (digits) => String(Number(digits) + 2))
    const inClient = (...words: string[]) => runOn(client, 'ip', ...words)
    // This one is only remembered by the kernel: it answered once and went away.
    await inClient('addr', 'flush', 'dev', 'eth0')
    await inClient('addr', 'add', `${afterNext}/16`, 'dev', 'eth0')
    await runOn(client, 'curl', '--silent', '--fail', 'http://10.80.0.1:8080/healthz')
    await inClient('addr', 'flush', 'dev', 'eth0')
    await inClient('addr', 'add', `${next}/16`, 'dev', 'eth0')
    t.is(await free(11), addressFrom(afterNext))
    t.regex(await server.logged(new RegExp(`${next} is in use`)), /probed/)
    await inClient('addr', 'flush', 'dev', 'eth0')
  },
)

test.serial('perfdhcp makes its exchanges without losing one', async (t) => {
  await runOn(client, 'ip', 'addr', 'add', '10.80.20.1/16', 'dev', 'eth0')
  const words = ['-4', '-l', 'eth0', '-r', '50', '-R', '200', '-n', '200', '-W', '2000000', '-d', '2', '10.80.0.1']
  const stdout = (await runOn(client, 'perfdhcp', ...words)).toString()
  t.regex(stdout, /DISCOVER-OFFER[\s\S]*drops: 0\n/)
  t.deepEqual(
    [...stdout.matchAll(/^(?:drops|rejected leases|non unique addresses): (\d+)/gm)]
      .map(([, n]) => n)
      .filter((n) => n !== '0'),
    [],
    stdout,
  )
  t.deepEqual(
    [...stdout.matchAll(/^received packets: (\d+)/gm)].map(([, n]) => n),
    ['200', '200'],
    stdout,
  )
})
