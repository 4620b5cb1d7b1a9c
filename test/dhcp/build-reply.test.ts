/** What answers look like on the wire: peers.md section 6.2, PXE 2.1, and what firmware does with them. */

import test from 'ava'
import * as fc from 'fast-check'
import { buildReply, replyLimits } from '../../server/dhcp/build-reply.ts'
import type { BootPart, DhcpAnswer, LeaseTerms, Responder } from '../../server/dhcp/dhcp-answer.ts'
import { decodeText, encodeText } from '../../server/wire/ascii.ts'
import { messageTypeOf } from '../../server/wire/dhcp-option-values.ts'
import { decodeDhcpPacket, encodeDhcpPacket, type DhcpPacket } from '../../server/wire/dhcp-packet.ts'
import {
  codesOf,
  client,
  ip,
  message,
  octets,
  pxeMessage,
  readFixture,
  uint16,
  type MessageParts,
} from './dhcp-messages.ts'

const us = ip('10.0.0.1')
const tftp: BootPart = { kind: 'tftp', file: 'x64/snponly.efi' }
const script: BootPart = { kind: 'http', url: 'http://10.0.0.1:8080/boot/script.ipxe' }
const lease: LeaseTerms = {
  address: ip('10.0.0.50'),
  leaseSeconds: 3600,
  prefixLength: 24,
  routers: [ip('10.0.0.254')],
  dnsServers: [ip('10.0.0.2')],
}
const proxy: Responder = { mode: 'proxy', serverAddress: us }
const full: Responder = { mode: 'full', serverAddress: us }
const proxyOffer: DhcpAnswer = { kind: 'proxy-offer', boot: tftp }
const fullOffer: DhcpAnswer = { kind: 'offer', lease, boot: tftp }
const rom = (parts: MessageParts = {}) => client(pxeMessage({ architecture: 0, ...parts }))
const uefi = (parts: MessageParts = {}) => client(pxeMessage({ architecture: 7, ...parts }))
const ipxe = (architecture = 0) => client(pxeMessage({ architecture, options: [[77, encodeText('iPXE')]] }))

/** Through the octets, as the client sees it. */
function seen(packet: DhcpPacket | undefined): DhcpPacket {
  if (packet === undefined) throw new Error('no reply')
  return decodeDhcpPacket(encodeDhcpPacket(packet))
}

const text = (packet: DhcpPacket, code: number) => decodeText(packet.options.get(code) ?? Uint8Array.of())

test('PX-02, R16: a proxy offer names us and PXEClient, and gives no address and no lease options', (t) => {
  const reply = seen(buildReply(rom(), proxyOffer, proxy))
  t.is(messageTypeOf(reply), 'DHCPOFFER')
  t.is(String(reply.yiaddr), '0.0.0.0')
  t.is(text(reply, 60), 'PXEClient')
  t.deepEqual(reply.options.get(54), octets('0a000001'))
  for (const code of [1, 3, 6, 51, 58, 59]) t.false(reply.options.has(code))
})

test('R16: beside another DHCP server there is no NAK, no address and no network', (t) => {
  for (const mode of ['proxy', 'off'] as const) {
    const responder: Responder = { mode, serverAddress: us }
    for (const answer of [
      fullOffer,
      { kind: 'ack', lease },
      { kind: 'nak', reason: 'no' },
      { kind: 'inform-ack' },
    ] as const) {
      t.is(buildReply(rom(), answer, responder), undefined)
    }
  }
})

test('PX-01: boot data never goes to a client that did not ask for it', (t) => {
  t.is(buildReply(client(message()), proxyOffer, proxy), undefined)
  const reply = seen(buildReply(client(message()), fullOffer, full))
  t.is(String(reply.yiaddr), '10.0.0.50')
  t.is(reply.file, '')
  for (const code of [43, 60, 66, 67]) t.false(reply.options.has(code))
})

test('R03, R05, PX-13: the name is in file and option 67, our address in siaddr, 54 and 66', (t) => {
  for (const reply of [buildReply(rom(), proxyOffer, proxy), buildReply(uefi(), fullOffer, full)].map(seen)) {
    t.is(reply.file, 'x64/snponly.efi')
    t.is(text(reply, 67), 'x64/snponly.efi\0')
    t.is(reply.siaddr, us)
    t.is(text(reply, 66), us)
    t.deepEqual(reply.options.get(54), octets('0a000001'))
  }
})

test('R04: option 67 ends with NUL for firmware, and never inside a URL', (t) => {
  t.is(
    text(seen(buildReply(ipxe(), { kind: 'proxy-offer', boot: script }, proxy)), 67),
    script.kind === 'http' ? script.url : '',
  )
})

test('R08, PX-05: a BIOS ROM is told to use the file at once, and option 43 ends with 255', (t) => {
  t.deepEqual(seen(buildReply(rom(), proxyOffer, proxy)).options.get(43), octets('060108 ff'))
})

test('R10: a UEFI client gets a proxy offer without option 43, so that it asks port 4011', (t) => {
  const reply = seen(buildReply(uefi(), proxyOffer, proxy))
  t.false(reply.options.has(43))
  t.is(text(reply, 60), 'PXEClient')
  t.is(reply.siaddr, us)
})

test('R12: an offer with an address tells UEFI firmware to use its file at once', (t) => {
  t.deepEqual(seen(buildReply(uefi(), fullOffer, full)).options.get(43), octets('060108 ff'))
})

test('B01, PX-04: port 4011 is answered by an ACK with file, 54, 60 and 97, and the address the client has', (t) => {
  const request = client(decodeDhcpPacket(readFixture('ovmf-x64-boot-server-request')), 4011)
  const reply = seen(buildReply(request, { kind: 'proxy-ack', boot: tftp }, proxy))
  t.is(messageTypeOf(reply), 'DHCPACK')
  t.is(String(reply.ciaddr), '10.0.2.15')
  t.is(String(reply.yiaddr), '0.0.0.0')
  t.is(reply.file, 'x64/snponly.efi')
  t.is(text(reply, 60), 'PXEClient')
  t.deepEqual(reply.options.get(97), request.packet.options.get(97))
  t.is(reply.xid, 0x77aa1502)
})

test('B03, PX-04: the boot item that was chosen is named again', (t) => {
  const asked = client(pxeMessage({ type: 'DHCPREQUEST', options: [[43, octets('4704 80010000 ff')]] }), 4011)
  t.deepEqual(
    seen(buildReply(asked, { kind: 'proxy-ack', boot: tftp }, proxy)).options.get(43),
    octets('4704 80010000 ff'),
  )
})

test('R13, PX-09, D4-17, D4-18: 97, 61 and 82 come back octet for octet, 82 last; none when none was sent', (t) => {
  const sent = [
    [82, octets('0104deadbeef')],
    [61, octets('ff0102')],
    [97, octets('00 3a7f')],
  ] as const
  for (const answer of [proxyOffer, fullOffer, { kind: 'nak', reason: 'no' }] as const) {
    const reply = seen(buildReply(rom({ options: sent }), answer, answer === proxyOffer ? proxy : full))
    for (const [code, value] of sent) t.deepEqual(reply.options.get(code), value)
    t.is(codesOf(reply).at(-1), 82)
    const bare = seen(buildReply(rom(), answer, answer === proxyOffer ? proxy : full))
    for (const [code] of sent) t.false(bare.options.has(code))
  }
})

test('L02, D4-04, S6-039: a NAK echoes option 82, has no address, and asks the relay to broadcast', (t) => {
  const request = rom({
    type: 'DHCPREQUEST',
    fields: { giaddr: ip('10.9.0.1'), ciaddr: ip('10.9.0.5') },
    options: [[82, octets('0101ff')]],
  })
  const reply = seen(buildReply(request, { kind: 'nak', reason: 'wrong network\n' }, full))
  t.deepEqual(
    [reply.yiaddr, reply.ciaddr, reply.siaddr, reply.giaddr],
    ['0.0.0.0', '0.0.0.0', '0.0.0.0', '10.9.0.1'].map(ip),
  )
  t.is(reply.flags, 0x8000)
  t.deepEqual(reply.options.get(82), octets('0101ff'))
  t.is(text(reply, 56), 'wrong network?')
})

test('D4-02: xid, flags, giaddr, htype, hlen and chaddr are copied; op is 2 and hops 0', (t) => {
  const request = rom({ fields: { flags: 0x8000, giaddr: ip('10.9.0.1'), hops: 3, secs: 9, xid: 0xfedcba98 } })
  const reply = seen(buildReply(request, fullOffer, full))
  t.like(reply, { op: 2, hops: 0, secs: 0, xid: 0xfedcba98, flags: 0x8000, giaddr: '10.9.0.1', htype: 1 })
  t.deepEqual(reply.chaddr, request.packet.chaddr)
})

test('R14, L04: a proxy offer asks for broadcast, because nobody has an address yet', (t) => {
  t.is(seen(buildReply(rom({ fields: { giaddr: ip('10.9.0.1') } }), proxyOffer, proxy)).flags, 0x8000)
})

test('a lease comes with mask, router, servers, name and times', (t) => {
  const reply = seen(buildReply(client(message({ options: [[55, Uint8Array.of(28)]] })), { kind: 'ack', lease }, full))
  const expected = {
    1: 'ffffff00',
    3: '0a0000fe',
    6: '0a000002',
    28: '0a0000ff',
    51: '00000e10',
    58: '00000708',
    59: '00000c4e',
  }
  for (const [code, value] of Object.entries(expected)) t.deepEqual(reply.options.get(Number(code)), octets(value))
})

test('D4-10, D20: INFORM is acknowledged without address and lease time', (t) => {
  const request = rom({ type: 'DHCPINFORM', fields: { ciaddr: ip('10.0.0.77') } })
  const reply = seen(buildReply(request, { kind: 'inform-ack', network: lease, boot: tftp }, full))
  t.is(messageTypeOf(reply), 'DHCPACK')
  t.is(String(reply.ciaddr), '10.0.0.77')
  t.is(String(reply.yiaddr), '0.0.0.0')
  for (const code of [51, 58, 59]) t.false(reply.options.has(code))
  t.is(reply.file, 'x64/snponly.efi')
})

test("D4-19: a relay's server identifier override is what the client hears", (t) => {
  const reply = seen(buildReply(rom({ options: [[82, octets('0b04 0a090001')]] }), fullOffer, full))
  t.deepEqual(reply.options.get(54), octets('0a090001'))
})

test('D4-13: options follow the order of option 55', (t) => {
  const request = client(message({ options: [[55, Uint8Array.of(28, 6, 3, 1)]] }))
  const codes = codesOf(seen(buildReply(request, { kind: 'ack', lease }, full)))
  t.deepEqual(codes, [53, 54, 51, 28, 6, 3, 1, 58, 59])
})

test('D4-13, D4-18: however long option 55 is, options 61 and 82 come last', (t) => {
  const list = new Uint8Array(1_020).fill(1)
  list.set([3, 6], 1_018)
  const sent = [[55, list] as const, [61, octets('01 525400123456')] as const, [82, octets('0104 deadbeef')] as const]
  const reply = seen(buildReply(client(message({ options: sent })), { kind: 'ack', lease }, full))
  t.deepEqual(codesOf(reply), [53, 54, 51, 1, 3, 6, 58, 59, 61, 82])
})

test('R20: a client that does not list 43, 66 and 67 gets them all the same', (t) => {
  const reply = seen(buildReply(rom({ options: [[55, Uint8Array.of(1)]] }), proxyOffer, proxy))
  for (const code of [43, 60, 66, 67]) t.true(reply.options.has(code))
})

test('H01, H02, UH-01: UEFI HTTP firmware gets HTTPClient and a whole URL, without option 43', (t) => {
  const request = client(decodeDhcpPacket(readFixture('ovmf-x64-http')))
  const boot: BootPart = { kind: 'http', url: 'http://10.0.0.1:8080/boot/x64/snponly.efi' }
  for (const [answer, responder] of [
    [{ kind: 'proxy-offer', boot }, proxy],
    [{ kind: 'offer', lease, boot }, full],
  ] as const) {
    const reply = seen(buildReply(request, answer, responder))
    t.is(text(reply, 60), 'HTTPClient')
    t.is(text(reply, 67), boot.url)
    t.is(reply.file, boot.url)
    t.false(reply.options.has(43))
    t.false(reply.options.has(66))
  }
})

test('UH-02, H03: the lease of HTTP firmware carries the name servers', (t) => {
  const reply = seen(buildReply(client(pxeMessage({ architecture: 16 })), { kind: 'offer', lease, boot: script }, full))
  t.deepEqual(reply.options.get(6), octets('0a000002'))
})

test('UH-03: a name for HTTP firmware or a URL for TFTP firmware is our own mistake', (t) => {
  t.throws(() => buildReply(client(pxeMessage({ architecture: 16 })), proxyOffer, proxy), { name: 'AssertionError' })
  t.throws(() => buildReply(uefi(), { kind: 'proxy-offer', boot: script }, proxy), { name: 'AssertionError' })
})

test('D07, R27: iPXE gets its script with siaddr and file at once, on BIOS and UEFI', (t) => {
  for (const architecture of [0, 7]) {
    const reply = seen(buildReply(ipxe(architecture), { kind: 'proxy-offer', boot: script }, proxy))
    t.is(reply.file, 'http://10.0.0.1:8080/boot/script.ipxe')
    t.is(reply.siaddr, us)
    t.is(text(reply, 60), 'PXEClient')
  }
})

test('R26: iPXE need not wait for a proxy in full mode, and must in proxy mode', (t) => {
  t.deepEqual(seen(buildReply(ipxe(), { kind: 'offer', lease, boot: script }, full)).options.get(175), octets('b00101'))
  t.false(seen(buildReply(ipxe(), { kind: 'proxy-offer', boot: script }, proxy)).options.has(175))
  t.false(seen(buildReply(rom(), fullOffer, full)).options.has(175))
})

test('PX-13: a URL that is too long for file stands in option 67 alone', (t) => {
  const url = `http://10.0.0.1/${'a'.repeat(300)}`
  const reply = seen(buildReply(ipxe(), { kind: 'proxy-offer', boot: { kind: 'http', url } }, proxy))
  t.is(reply.file, '')
  t.is(text(reply, 67), url)
})

test('D23, PX-14: with nothing to boot, full mode gives an address and no trace of PXE', (t) => {
  const reply = seen(buildReply(rom(), { kind: 'offer', lease }, full))
  t.is(String(reply.siaddr), '0.0.0.0')
  t.is(reply.file, '')
  for (const code of [43, 60, 66, 67]) t.false(reply.options.has(code))
})

test('R18: the same message gets the same answer', (t) => {
  t.deepEqual(buildReply(rom(), fullOffer, full), buildReply(rom(), fullOffer, full))
})

test('R21: a client that takes 576 octets still gets the whole of its boot data', (t) => {
  const request = uefi({
    options: [
      [61, new Uint8Array(200).fill(7)],
      [97, octets(`00${'3a'.repeat(16)}`)],
    ],
  })
  const reply = buildReply(request, fullOffer, full)
  const bytes = encodeDhcpPacket(reply ?? message(), replyLimits(request.packet))
  t.true(bytes.length <= 548)
  const back = decodeDhcpPacket(bytes)
  for (const code of [1, 3, 43, 51, 53, 54, 60, 66, 67, 97]) t.true(back.options.has(code), `option ${code}`)
})

test('property: every reply is between 300 and 1472 octets and within option 57, with no cut option (R01, R02, D4-13)', (t) => {
  const sent = fc.record({
    size: fc.integer({ min: 0, max: 65_535 }),
    identifier: fc.uint8Array({ maxLength: 255 }),
    machine: fc.uint8Array({ maxLength: 40 }),
    relay: fc.uint8Array({ maxLength: 255 }),
    list: fc.uint8Array({ maxLength: 60 }),
    architecture: fc.constantFrom(0, 7),
  })
  const answers = fc.constantFrom(proxyOffer, fullOffer, { kind: 'nak', reason: 'no' } as const)
  fc.assert(
    fc.property(sent, answers, ({ size, identifier, machine, relay, list, architecture }, answer) => {
      const options = [
        [57, uint16(size)],
        [61, identifier],
        [97, machine],
        [82, relay],
        [55, list],
      ] as const
      const request = client(pxeMessage({ architecture, options }))
      const reply = buildReply(request, answer, answer === proxyOffer ? proxy : full)
      if (reply === undefined) return false
      const bytes = encodeDhcpPacket(reply, replyLimits(request.packet))
      const back = decodeDhcpPacket(bytes)
      for (const [code, value] of back.options) t.deepEqual(value, reply.options.get(code) ?? Uint8Array.of())
      const clientBytes = bytes.length - (relay.length + 2)
      return (
        bytes.length >= 300 && bytes.length <= 1472 && (bytes.length === 300 || clientBytes <= Math.max(size, 576) - 28)
      )
    }),
    { numRuns: 300 },
  )
})
