/** Who is asking: peers.md section 6.1 and the parts of 6.3 and 6.4 that a message alone decides. */

import test from 'ava'
import * as fc from 'fast-check'
import type { Platform } from '../../server/boot/pxe-client.ts'
import { classify } from '../../server/dhcp/classify.ts'
import type { DhcpClient, NotForUsCount, ServerPort } from '../../server/dhcp/dhcp-client.ts'
import { encodeText } from '../../server/wire/ascii.ts'
import { OptionCode } from '../../server/wire/dhcp-option-code.ts'
import { decodeDhcpPacket, encodeDhcpPacket, type DhcpPacket } from '../../server/wire/dhcp-packet.ts'
import { DecodeError } from '../../server/wire/decode-error.ts'
import { client, ip, message, octets, pxeMessage, readFixture } from './dhcp-messages.ts'

const guid = octets('00 3a7f1c0e52d44b9f8c2160e1f0a2b7c4')
const withOptions = (...options: (readonly [number, Uint8Array])[]) => ({ options })
const userClass = (text: string) => [OptionCode.userClass, encodeText(text)] as const
const features = (hex: string) => [OptionCode.ipxe, octets(hex)] as const

function platform(packet: DhcpPacket): Platform | undefined {
  return client(packet).boot?.client.platform
}

const ignores = test.macro({
  title: (title = '') => `${title} is not answered`,
  exec(t, packet: DhcpPacket, port: ServerPort, count: NotForUsCount) {
    const found = classify(packet, port)
    t.is(found.kind === 'not-for-us' ? found.count : found.kind, count)
  },
})

test('D4-01: a reply', ignores, message({ fields: { op: 2 } }), 67, 'not-a-request')
test(
  'D4-25, D4-01: BOOTP, without option 53,',
  ignores,
  message({ fields: {}, options: [[53, octets('')]] }),
  67,
  'bootp',
)
test('D4-24: a lease query', ignores, message({ type: 'DHCPLEASEQUERY' }), 67, 'leasequery')
test('an OFFER in a request', ignores, message({ type: 'DHCPOFFER' }), 67, 'unexpected-message')
test('a RELEASE on port 4011', ignores, pxeMessage({ type: 'DHCPRELEASE' }), 4011, 'unexpected-message')
test('D4-26, L07: a message that passed 16 relays', ignores, pxeMessage({ fields: { hops: 16 } }), 67, 'too-many-hops')
test('I02: a machine with a zero address', ignores, pxeMessage({ mac: '00:00:00:00:00:00' }), 67, 'no-mac-address')
test(
  'an InfiniBand card without a MAC address',
  ignores,
  pxeMessage({ fields: { htype: 32, chaddr: octets('') } }),
  67,
  'no-mac-address',
)
test('PX-01: an ordinary client on port 4011', ignores, message({ type: 'DHCPREQUEST' }), 4011, 'not-a-boot-client')
test(
  'D03, PX-08: an odd option 93 with nothing better',
  ignores,
  message({ vendorClass: 'PXEClient', ...withOptions([93, octets('000700')]) }),
  67,
  'architecture-unclear',
)
test(
  'D08: UEFI HTTP firmware without a number',
  ignores,
  message({ vendorClass: 'HTTPClient' }),
  67,
  'architecture-unclear',
)
test(
  'D08: UEFI firmware, known by its interface, without a number',
  ignores,
  message({ vendorClass: 'PXEClient', ...withOptions([94, octets('010310')]) }),
  67,
  'architecture-unclear',
)

const x64 = { architecture: 'x64', firmware: 'uefi', transport: 'tftp' } as const
const bios = { architecture: 'x86', firmware: 'bios', transport: 'tftp' } as const

test('D01: option 93 comes before the text of option 60', (t) => {
  const packet = message({ vendorClass: 'PXEClient:Arch:00000:UNDI:002001', architecture: 7 })
  t.deepEqual(platform(packet), { ...x64, code: 7 })
})

test('D01: the text of option 60 counts when option 93 is missing', (t) => {
  t.deepEqual(platform(message({ vendorClass: 'PXEClient:Arch:00007:UNDI:003016' })), { ...x64, code: 7 })
})

test('D03: the first number that can be booted wins', (t) => {
  const packet = message({ vendorClass: 'PXEClient', ...withOptions([93, octets('0019 000b 0007')]) })
  t.is(platform(packet)?.code, 11)
})

test('D03: an odd option 93 is ignored, with a remark, when option 60 says it better', (t) => {
  const found = client(message({ vendorClass: 'PXEClient:Arch:00011:UNDI:003016', ...withOptions([93, octets('00')]) }))
  t.is(found.boot?.client.platform.code, 11)
  t.deepEqual(found.remarks, ['option 93 has 1 octets and is ignored'])
})

test('D04: 7 and 9 are both x64 UEFI', (t) => {
  t.deepEqual(platform(pxeMessage({ architecture: 7 })), { ...x64, code: 7 })
  t.deepEqual(platform(pxeMessage({ architecture: 9 })), { ...x64, code: 9 })
})

test('D05, PX-08: every number has its platform, and no unknown number is a BIOS', (t) => {
  const found = Array.from({ length: 64 }, (_, code) => platform(pxeMessage({ architecture: code })))
  const known = found.flatMap((entry) => (entry === undefined || entry.architecture === 'other' ? [] : [entry]))
  t.deepEqual(
    known.map(({ code, architecture, firmware, transport }) => `${code} ${architecture} ${firmware} ${transport}`),
    [
      '0 x86 bios tftp',
      '6 x86 uefi tftp',
      '7 x64 uefi tftp',
      '9 x64 uefi tftp',
      '10 arm32 uefi tftp',
      '11 arm64 uefi tftp',
      '15 x86 uefi http',
      '16 x64 uefi http',
      '18 arm32 uefi http',
      '19 arm64 uefi http',
      '20 x86 bios http',
    ],
  )
  const others = found.filter((entry) => entry?.architecture === 'other')
  t.is(others.length, 64 - known.length)
  t.true(others.every((entry) => entry?.firmware !== 'bios'))
})

test('UH-03: option 60 says how the firmware fetches, whatever the number says', (t) => {
  t.is(platform(message({ vendorClass: 'HTTPClient', architecture: 7 }))?.transport, 'http')
  t.is(platform(message({ vendorClass: 'PXEClient', architecture: 16 }))?.transport, 'tftp')
})

test('D06, S02: a Raspberry Pi ROM is no BIOS machine, by hardware address or by option 97', (t) => {
  const byAddress = client(pxeMessage({ architecture: 0, mac: 'dc:a6:32:01:02:03' })).boot
  t.like(byAddress?.client.platform, { architecture: 'other', code: 41 })
  const code = [97, encodeText('\0RPi5\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c')] as const
  const request = client(message({ type: 'DHCPREQUEST', ...withOptions(code) })).boot
  t.is(request?.client.platform.code, 41)
  t.is(request?.client.smbiosGuid, undefined)
  t.is(client(pxeMessage({ architecture: 11, mac: 'dc:a6:32:01:02:03' })).boot?.client.platform.architecture, 'arm64')
})

test('D08: a bare PXEClient with nothing else is a BIOS ROM', (t) => {
  t.deepEqual(platform(message({ vendorClass: 'PXEClient' })), { ...bios, code: 0 })
})

test('D02, D17, D21: other classes are ordinary DHCP clients', (t) => {
  for (const vendorClass of [
    'U-Boot.armv8',
    'NVIDIA/BF/OOB',
    'BF2Client',
    'iDRAC',
    'CPQRIB3',
    'AAPLBSDPC/i386',
    'MSFT 5.0',
    'pxeclient',
  ]) {
    t.is(client(message({ vendorClass, architecture: 0 })).boot, undefined)
  }
  t.is(client(message()).boot, undefined)
})

test('D4-21: option 60 is octets: a terminator or anything else may follow', (t) => {
  t.is(client(message({ vendorClass: 'PXEClient\0\xff', architecture: 7 })).boot?.vendorClass, 'PXEClient')
})

test('D07, D13: iPXE is known by its user class in either form, on any architecture', (t) => {
  for (const text of ['iPXE', '\x04iPXE']) {
    for (const architecture of [0, 7]) {
      t.is(client(pxeMessage({ architecture, ...withOptions(userClass(text)) })).boot?.client.stage, 'ipxe')
    }
  }
  t.is(client(pxeMessage(withOptions(userClass('gPXE')))).boot?.client.stage, 'firmware')
})

test('D14, D24: iPXE without its user class is known by option 175', (t) => {
  const found = client(pxeMessage({ architecture: 0, ...withOptions(features('130101 210101')) })).boot
  t.is(found?.client.stage, 'ipxe')
  t.is(client(pxeMessage(withOptions(features('13ff')))).boot?.client.stage, 'ipxe')
})

test('D16: an iPXE that has features but not HTTP gets a loader like any ROM', (t) => {
  t.is(client(pxeMessage(withOptions(userClass('iPXE'), features('210101 240101')))).boot?.client.stage, 'firmware')
})

test('D15, PX-15: a loader with our user class is not sent round again', (t) => {
  t.is(client(pxeMessage(withOptions(userClass('\x04iPXE\x08Reveille')))).boot?.client.stage, 'ours')
  t.is(client(pxeMessage(withOptions(userClass('Reveille')))).boot?.client.stage, 'ours')
})

const guidSeen = (...value: readonly Uint8Array[]) =>
  client(pxeMessage(withOptions(...value.map((octets) => [97, octets] as const)))).boot?.client.smbiosGuid

test('D09: option 97 is optional', (t) => {
  t.is(guidSeen(), undefined)
  t.is<string | undefined, string>(guidSeen(guid), '0E1C7F3A-D452-9F4B-8C21-60E1F0A2B7C4')
})

test('PX-09: only type 0 with 16 octets is a GUID, and another length takes nothing else away', (t) => {
  for (const value of [
    octets('00'),
    guid.subarray(0, 16),
    octets(`00${'3a'.repeat(17)}`),
    octets(`01${'3a'.repeat(16)}`),
  ]) {
    t.is(guidSeen(value), undefined)
  }
})

test('PX-09: option 94 of another length than 3 says nothing about the firmware', (t) => {
  for (const value of ['0103', '01031000', '']) {
    const packet = message({ vendorClass: 'PXEClient', ...withOptions([94, octets(value)]) })
    t.is(platform(packet)?.firmware, 'bios')
  }
})

test('PX-10: one octet, repeated, is no identity', (t) => {
  for (const octet of ['00', 'ff']) t.is(guidSeen(octets(`00${octet.repeat(16)}`)), undefined)
})

test("D11: in EDK2's GUID mode the hardware address is the GUID, and option 61 has the MAC address", (t) => {
  const fields = { chaddr: guid.subarray(1) }
  const found = client(pxeMessage({ fields, ...withOptions([61, octets('01 5254 0012 3456')]) }))
  t.is(String(found.macAddress), '52:54:00:12:34:56')
  t.is(String(found.boot?.client.smbiosGuid), '0E1C7F3A-D452-9F4B-8C21-60E1F0A2B7C4')
  t.is(classify(pxeMessage({ fields }), 67).kind, 'not-for-us')
})

test('D4-17: the client key is option 61, else the hardware address', (t) => {
  t.is(client(message(withOptions([61, octets('ff0102')]))).clientKey, 'ff0102')
  t.is(client(message(withOptions([61, octets('ff')]))).clientKey, '1:52:54:00:12:34:56')
  t.is(client(message()).clientKey, '1:52:54:00:12:34:56')
})

test('B04: DISCOVER and INFORM are taken on port 4011 like REQUEST', (t) => {
  for (const type of ['DHCPDISCOVER', 'DHCPINFORM', 'DHCPREQUEST'] as const) {
    t.is(client(pxeMessage({ type, fields: { ciaddr: ip('10.0.0.9') } }), 4011).messageType, type)
  }
})

test('R23, B07: options of vendors are no error', (t) => {
  const options = [128, 129, 135, 250, 252].map((code) => [code, octets('ffff00')] as const)
  t.is(client(pxeMessage({ options: [...options, [43, octets('ff')]] })).kind, 'dhcp-client')
})

const summary = ({ boot, port, messageType }: DhcpClient) =>
  `${messageType} ${port} ${boot?.vendorClass} ${boot?.client.platform.code} ${boot?.client.stage}`

test('firmware as it is: each fixture is understood', (t) => {
  const read = (name: string, port: ServerPort = 67) => summary(client(decodeDhcpPacket(readFixture(name)), port))
  t.is(read('ovmf-x64'), 'DHCPDISCOVER 67 PXEClient 7 firmware')
  t.is(read('ovmf-x64-http'), 'DHCPDISCOVER 67 HTTPClient 16 firmware')
  t.is(read('seabios-ipxe-2019'), 'DHCPDISCOVER 67 PXEClient 0 ipxe')
  t.is(read('ipxe-efi-2019'), 'DHCPDISCOVER 67 PXEClient 7 ipxe')
  t.is(read('undi-rom'), 'DHCPDISCOVER 67 PXEClient 0 firmware')
  t.is(read('ovmf-x64-boot-server-request', 4011), 'DHCPREQUEST 4011 PXEClient 7 firmware')
})

test('property: no decodable message makes classification throw', (t) => {
  const bytes = encodeDhcpPacket(pxeMessage(withOptions([97, guid], userClass('iPXE'), features('130101'))))
  const change = fc.tuple(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 0, max: 255 }))
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), fc.constantFrom<ServerPort>(67, 4011), (changes, port) => {
      const copy = bytes.slice()
      for (const [offset, value] of changes) copy[offset] = value
      try {
        return ['dhcp-client', 'not-for-us'].includes(classify(decodeDhcpPacket(copy), port).kind)
      } catch (error) {
        return error instanceof DecodeError
      }
    }),
    { numRuns: 500 },
  )
  t.pass()
})
