/** The pipeline over plain facts: what is sent, where it leaves from, what is counted and what is said. */

import test from 'ava'
import { subnetOf, unspecifiedAddress } from '../../server/address/ipv4-address.ts'
import { serverUrl } from '../../server/boot/server-url.ts'
import type { Observed } from '../../server/contract/progress.ts'
import type { ServerPort } from '../../server/dhcp/dhcp-client.ts'
import { createPxeResponder } from '../../server/listen/pxe-responder.ts'
import type { PxeResponderOptions } from '../../server/listen/pxe-responder.ts'
import type { UdpDatagram, UdpDestination } from '../../server/listen/udp-socket.ts'
import { OptionCode } from '../../server/wire/dhcp-option-code.ts'
import { addressOption } from '../../server/wire/dhcp-option-values.ts'
import { decodeDhcpPacket, encodeDhcpPacket } from '../../server/wire/dhcp-packet.ts'
import type { DhcpPacket } from '../../server/wire/dhcp-packet.ts'
import { ip, message, octets, pxeMessage } from '../dhcp/dhcp-messages.ts'
import { candidate, device, facts, now, policy, required } from '../support/boot-fixtures.ts'

interface Sent {
  readonly packet: DhcpPacket
  readonly to: UdpDestination
}

function responder(parts: Partial<PxeResponderOptions> = {}) {
  const counted: string[] = []
  const said: string[] = []
  const observed: Observed[] = []
  const say = (text: string | (() => string), fields?: object) =>
    void said.push(`${typeof text === 'string' ? text : text()} ${JSON.stringify(fields ?? {})}`)
  const opened = createPxeResponder({
    mode: 'proxy',
    facts: { about: async () => facts([candidate('RVL20001', required)], { devices: [device()] }) },
    policy: policy(),
    relays: [],
    fallbackAddress: ip('192.0.2.1'),
    serverUrl: (address) => serverUrl(address, 8080),
    observe: (one) => void observed.push(one),
    learned: () => undefined,
    count: (label) => void counted.push(label),
    log: { error: say, warn: say, info: say, debug: say },
    nowMs: () => now,
    ...parts,
  })
  const answer = async (
    bytes: Uint8Array,
    { port = 67, ...datagram }: Partial<UdpDatagram> & { port?: ServerPort } = {},
  ): Promise<readonly Sent[]> => {
    const sent: Sent[] = []
    const arrived = { bytes, sourceAddress: unspecifiedAddress, sourcePort: 68, ...datagram }
    await opened.answer(arrived, port, (octetsSent, to) => void sent.push({ packet: decodeDhcpPacket(octetsSent), to }))
    return sent
  }
  return { answer, counted, said, observed }
}

const discover = encodeDhcpPacket(pxeMessage({ mac: '52:54:00:00:00:0a' }))

test('D4-28 D4-29 R14: an offer leaves by the interface of the request, from our address there', async (t) => {
  const arrival = { interfaceAddress: ip('198.51.100.1'), interfaceName: 'eth7' }
  const { answer, counted } = responder()
  const [sent, ...more] = await answer(discover, arrival)
  t.deepEqual(more, [])
  t.deepEqual<unknown, unknown>(sent?.to, {
    address: '255.255.255.255',
    port: 68,
    fromAddress: '198.51.100.1',
    interfaceName: 'eth7',
  })
  t.is<string | undefined, string>(sent && addressOption(sent.packet, OptionCode.serverIdentifier), '198.51.100.1')
  t.deepEqual(counted, ['answered'])
})

test('where the system does not tell the interface, the first own address speaks', async (t) => {
  const [sent] = await responder().answer(discover)
  t.is<string | undefined, string>(sent?.packet.siaddr, '192.0.2.1')
})

test('D4-28: on an interface without an address of ours nothing is answered', async (t) => {
  const { answer, counted } = responder()
  t.deepEqual(await answer(discover, { interfaceAddress: unspecifiedAddress, interfaceName: 'eth8' }), [])
  t.deepEqual(counted, ['no-own-address'])
})

for (const [what, bytes, label] of [
  ['D4-01: octets that are no message', octets('0102'), 'too-short'],
  ['D4-25: BOOTP', encodeDhcpPacket({ ...message(), options: new Map() }), 'bootp'],
  ['L07: a message that passed 16 relays', encodeDhcpPacket(pxeMessage({ fields: { hops: 16 } })), 'too-many-hops'],
  ['PX-01: an ordinary client beside another server', encodeDhcpPacket(message()), 'silent'],
  ['PX-03: a REQUEST for the other server', encodeDhcpPacket(pxeMessage({ type: 'DHCPREQUEST' })), 'silent'],
] as const) {
  test(`${what}: silence and the counter ${label}`, async (t) => {
    const { answer, counted } = responder()
    t.deepEqual(await answer(bytes), [])
    t.deepEqual(counted, [label])
  })
}

test('C04, L07: with a list of relays the others are dropped and counted, without one all are answered', async (t) => {
  const through = (relay: string) =>
    encodeDhcpPacket(pxeMessage({ mac: '52:54:00:00:00:0a', fields: { giaddr: ip(relay), hops: 1 } }))
  const listed = responder({ relays: [subnetOf(ip('10.1.0.1'), 32), subnetOf(ip('10.2.0.0'), 16)] })
  t.is((await listed.answer(through('10.1.0.1'))).length, 1)
  t.is((await listed.answer(through('10.2.200.1'))).length, 1)
  t.is((await listed.answer(discover)).length, 1)
  t.deepEqual(await listed.answer(through('10.1.0.2')), [])
  t.deepEqual(await listed.answer(through('203.0.113.9'), { port: 4011 }), [])
  t.deepEqual(listed.counted, ['answered', 'answered', 'answered', 'unknown-relay', 'unknown-relay'])
  t.is(listed.observed.filter(({ observation }) => observation.kind === 'dhcp-request').length, 3)
  t.is((await responder().answer(through('203.0.113.9'))).length, 1)
})

test('C02: a broken store costs one answer, and is said', async (t) => {
  const { answer, counted, said } = responder({ facts: { about: () => Promise.reject(new Error('disk gone')) } })
  t.deepEqual(await answer(discover), [])
  t.deepEqual(counted, ['failed'])
  t.regex(said.join('\n'), /a DHCP message could not be answered .*disk gone/)
})

test('D03: an architecture of odd length is said beside the decision', async (t) => {
  const bytes = encodeDhcpPacket(pxeMessage({ options: [[OptionCode.clientSystemArchitecture, octets('000700')]] }))
  const { answer, said } = responder()
  await answer(bytes)
  t.regex(said.join('\n'), /option 93 has 3 octets and is ignored/)
})

test('a transaction is named by the same eight digits in every line about it', async (t) => {
  const short = { fields: { xid: 0x00ab12cd } }
  const { answer, said } = responder()
  await answer(encodeDhcpPacket(pxeMessage(short)))
  await answer(encodeDhcpPacket(pxeMessage({ ...short, type: 'DHCPREQUEST' })))
  await answer(encodeDhcpPacket({ ...message(short), options: new Map() }))
  const named = said.flatMap((line) => [...line.matchAll(/xid"?[=:]"?([0-9a-f]+)/g)].map(([, xid]) => xid))
  t.true(named.length > 5)
  t.deepEqual([...new Set(named)], ['00ab12cd'])
})

test('D06: a Raspberry Pi ROM, which says that it is a BIOS machine, is sent no loader, and the reason is said', async (t) => {
  const rom = pxeMessage({ architecture: 0, mac: 'dc:a6:32:01:02:03' })
  const { answer, said } = responder()
  t.deepEqual(await answer(encodeDhcpPacket(rom)), [])
  t.deepEqual(await answer(encodeDhcpPacket(rom), { port: 4011 }), [])
  t.true(
    said.some((line) => /architecture 41 cannot be served/.test(line)),
    said.join('\n'),
  )
  // The same message of another maker's card is a BIOS machine's.
  t.is((await answer(encodeDhcpPacket(pxeMessage({ architecture: 0, mac: '52:54:00:00:00:0a' })))).length, 1)
})

test('PX-08: what is decided is shown on the page and said with its reason', async (t) => {
  const { answer, observed, said, counted } = responder()
  t.deepEqual(await answer(encodeDhcpPacket(pxeMessage({ architecture: 99 }))), [])
  t.deepEqual(
    observed.map(({ observation }) => observation.kind),
    ['dhcp-request', 'boot-decided'],
  )
  t.regex(said.join('\n'), /Gets no answer: architecture 99 cannot be served/)
  t.false(counted.includes('answered'))
})

test('B01 B05: port 4011 answers in every mode, to the port that asked', async (t) => {
  for (const mode of ['off', 'proxy', 'full'] as const) {
    const question = pxeMessage({ mac: '52:54:00:00:00:0a', type: 'DHCPREQUEST', fields: { ciaddr: ip('192.0.2.50') } })
    const arrival = { port: 4011, sourceAddress: ip('192.0.2.50'), sourcePort: 4011 } as const
    const [sent] = await responder({ mode }).answer(encodeDhcpPacket(question), arrival)
    t.like(sent?.to, { address: ip('192.0.2.50'), port: 4011 })
  }
})

test('R24: the first message of a machine, with secs 0, is answered as its later ones are', async (t) => {
  const after = async (secs: number): Promise<DhcpPacket | undefined> => {
    const [sent] = await responder().answer(
      encodeDhcpPacket(pxeMessage({ mac: '52:54:00:00:00:0a', fields: { secs } })),
    )
    return sent?.packet
  }
  const first = await after(0)
  t.truthy(first)
  for (const secs of [4, 12, 28, 60]) t.deepEqual(await after(secs), first)
})

test('B02: on port 4011 a machine with nothing to boot, or without its loader, hears nothing', async (t) => {
  const arrival = { port: 4011, sourceAddress: ip('192.0.2.50'), sourcePort: 4011 } as const
  const ask = { mac: '52:54:00:00:00:0a', type: 'DHCPREQUEST', fields: { ciaddr: ip('192.0.2.50') } } as const
  const idle = responder({ facts: { about: async () => facts([], { devices: [device()] }) } })
  t.deepEqual(await idle.answer(encodeDhcpPacket(pxeMessage(ask)), arrival), [])
  t.regex(idle.said.join('\n'), /Goes on to its own disk/)
  const unserved = responder()
  t.deepEqual(await unserved.answer(encodeDhcpPacket(pxeMessage({ ...ask, architecture: 10 })), arrival), [])
  t.regex(unserved.said.join('\n'), /architecture 10 cannot be served/)
  for (const { counted } of [idle, unserved]) t.false(counted.some((label) => ['answered', 'failed'].includes(label)))
})

test('B06: a machine that failed at another server gets its file on port 4011, although it never asked us before', async (t) => {
  const { answer, counted } = responder()
  const mac = '52:54:00:00:00:0a'
  t.deepEqual(await answer(encodeDhcpPacket(pxeMessage({ mac, type: 'DHCPOFFER', fields: { op: 2 } }))), [])
  const elsewhere = [[OptionCode.serverIdentifier, Uint8Array.of(192, 0, 2, 9)]] as const
  t.deepEqual(await answer(encodeDhcpPacket(pxeMessage({ mac, type: 'DHCPREQUEST', options: elsewhere }))), [])
  const question = pxeMessage({ mac, type: 'DHCPREQUEST', fields: { ciaddr: ip('192.0.2.50') } })
  const arrival = { port: 4011, sourceAddress: ip('192.0.2.50'), sourcePort: 68 } as const
  const [sent] = await answer(encodeDhcpPacket(question), arrival)
  t.regex(sent?.packet.file ?? '', /^boot\/RVL00001\//)
  t.deepEqual(counted, ['not-a-request', 'silent', 'answered'])
})

test('in full mode without a pool for us nobody is given anything', async (t) => {
  t.deepEqual(await responder({ mode: 'full' }).answer(discover), [])
})
