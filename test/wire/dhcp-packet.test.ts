/** The DHCP codec against RFC 2131, 2132 and 3396, and against whatever a network can throw at it. */

import test from 'ava'
import * as fc from 'fast-check'
import { ipv4FromNumber } from '../../server/address/ipv4-address.ts'
import { DecodeError, type DecodeErrorCode } from '../../server/wire/decode-error.ts'
import { OptionCode } from '../../server/wire/dhcp-option-code.ts'
import { decodeDhcpPacket, encodeDhcpPacket, type DhcpPacket } from '../../server/wire/dhcp-packet.ts'
import { decodeOptionArea, optionsInPlace } from '../../server/wire/dhcp-options.ts'
import { printDhcpLine, printDhcpPage } from '../../server/wire/dhcp-summary.ts'
import { encodeText } from '../../server/wire/ascii.ts'
import { codesOf, ip, message, octets, pxeMessage } from '../dhcp/dhcp-messages.ts'

const fixedBytes = 240

/** A DISCOVER whose option area is the given hexadecimal. */
function withArea(area: string, fields: { readonly sname?: string; readonly file?: string } = {}): Uint8Array {
  const bytes = new Uint8Array(fixedBytes + octets(area).length)
  bytes.set(octets('01 01 06 00  1a2b3c4d  0000 0000'))
  bytes.set(octets('525400123456'), 28)
  bytes.set(octets(fields.sname ?? ''), 44)
  bytes.set(octets(fields.file ?? ''), 108)
  bytes.set(octets('63825363'), 236)
  bytes.set(octets(area), fixedBytes)
  return bytes
}

function changed(offset: number, value: number): Uint8Array {
  const bytes = withArea('350101 ff')
  bytes[offset] = value
  return bytes
}

const refuses = test.macro({
  title: (title = '') => `D4-01: ${title} is refused`,
  exec(t, bytes: Uint8Array, code: DecodeErrorCode, offset: number) {
    const error = t.throws(() => decodeDhcpPacket(bytes), { instanceOf: DecodeError })
    t.is(error?.code, code)
    t.is(error?.offset, offset)
  },
})

test('an op that is neither request nor reply', refuses, changed(0, 3), 'dhcp-bad-op', 0)
test('a hardware length of 17', refuses, changed(2, 17), 'dhcp-bad-hardware-length', 2)
test('a wrong magic cookie', refuses, changed(236, 0), 'dhcp-bad-cookie', 236)
test('a message cut inside the header', refuses, withArea('').subarray(0, 239), 'too-short', 236)
test('an option that runs past the end', refuses, withArea('3c08 5058'), 'dhcp-option-past-end', 242)
test('an option without a length', refuses, withArea('350101 3c'), 'dhcp-option-past-end', 244)
test('a datagram longer than a frame', refuses, new Uint8Array(1501), 'too-long', 1500)
test('option 61 in five pieces of 255', refuses, withArea(`3dff${'aa'.repeat(255)}`.repeat(5)), 'too-long', 1500)
test(
  'one value joined to more than 1,024 octets',
  refuses,
  withArea(`3df0${'aa'.repeat(240)}`.repeat(5)),
  'dhcp-option-too-long',
  0,
)

test('R22: options follow one another without a pad between them, and zeros come behind End only', (t) => {
  const packet = pxeMessage({
    options: [
      [OptionCode.userClass, encodeText('iPXE')],
      [OptionCode.clientMachineIdentifier, octets(`00${'3a'.repeat(16)}`)],
      [OptionCode.relayAgentInformation, octets('0104deadbeef')],
    ],
  })
  const area = encodeDhcpPacket(packet).subarray(fixedBytes)
  const codes: number[] = []
  let offset = 0
  while (area[offset] !== 255) {
    codes.push(area[offset] ?? 255)
    offset += 2 + (area[offset + 1] ?? 0)
  }
  t.deepEqual(codes, codesOf(packet))
  t.true(area.subarray(offset + 1).every((octet) => octet === 0))
})

test('D4-16: pad and End are allowed anywhere, and what follows End is ignored', (t) => {
  const packet = decodeDhcpPacket(withArea('0000 350101 00 3c0141 ff 3c0142 99'))
  t.deepEqual(
    [...packet.options],
    [
      [53, Uint8Array.of(1)],
      [60, Uint8Array.of(0x41)],
    ],
  )
})

test('D4-15, D4-16: values found in place are those of a table, whatever the octets', (t) => {
  const piece = fc.oneof(
    fc.constant([0]),
    fc.constant([255]),
    fc
      .tuple(fc.integer({ min: 1, max: 254 }), fc.uint8Array({ maxLength: 4 }))
      .map(([code, value]) => [code, value.length, ...value]),
    fc.uint8Array({ maxLength: 3 }).map((octets) => [...octets]),
  )
  let inPlace = 0
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const area = Uint8Array.from(pieces.flat())
      const found = optionsInPlace(area)
      if (found === undefined) return
      inPlace += 1
      const table = new Map<number, Uint8Array>()
      decodeOptionArea(area, 0, table)
      t.deepEqual([...found], [...table])
      for (let code = 0; code < 256; code += 1) {
        t.deepEqual(found.get(code), table.get(code))
        t.is(found.has(code), table.has(code))
      }
    }),
  )
  t.true(inPlace > 10)
})

test('C02, D4-16: what costs long looking is put into a table once', (t) => {
  const manyOptions = Array.from({ length: 100 }, (_, index) => `${(100 + index).toString(16)}00`)
  for (const filler of ['00'.repeat(1_000), manyOptions.join('')]) {
    const area = `350101 ${filler} 3c0141 ff`
    t.is(optionsInPlace(octets(area)), undefined)
    t.deepEqual(decodeDhcpPacket(withArea(area)).options.get(60), octets('41'))
  }
})

test('D4-16: a message without End is read to its last octet', (t) => {
  t.deepEqual(decodeDhcpPacket(withArea('350101')).options.get(53), Uint8Array.of(1))
})

test('R19, D4-14: overloaded fields are read as options', (t) => {
  const packet = decodeDhcpPacket(withArea('340103 350101 ff', { file: '430142 ff', sname: '420141 ff' }))
  t.is(packet.file, '')
  t.is(packet.sname, '')
  t.deepEqual(packet.options.get(OptionCode.bootFileName), Uint8Array.of(0x42))
  t.deepEqual(packet.options.get(OptionCode.tftpServerName), Uint8Array.of(0x41))
  t.false(packet.options.has(OptionCode.overload))
})

test('D4-15: pieces of one option join in the order options, file, sname', (t) => {
  const packet = decodeDhcpPacket(withArea('340103 3d0101 350101 3d0102 ff', { file: '3d0103 ff', sname: '3d0104 ff' }))
  t.deepEqual(packet.options.get(OptionCode.clientIdentifier), Uint8Array.of(1, 2, 3, 4))
})

test('D4-15: a value of more than 255 octets is split, and joins again', (t) => {
  const value = Uint8Array.from({ length: 600 }, (_, index) => index % 251)
  const packet = message({ options: [[OptionCode.clientIdentifier, value]] })
  t.deepEqual(decodeDhcpPacket(encodeDhcpPacket(packet)).options.get(OptionCode.clientIdentifier), value)
})

test('D4-18: option 82 is written last, directly before End', (t) => {
  const packet = message({
    options: [
      [OptionCode.relayAgentInformation, octets('0104 00010203')],
      [OptionCode.vendorClass, octets('41')],
    ],
  })
  const bytes = encodeDhcpPacket(packet)
  t.deepEqual(bytes.subarray(240, 255), octets('350101 3c0141 5206 0104 00010203 ff'))
})

test('R01, L03: the shortest message has 300 octets, zeros behind End', (t) => {
  const bytes = encodeDhcpPacket(message())
  t.is(bytes.length, 300)
  t.is(bytes[243], OptionCode.end)
  t.true(bytes.subarray(244).every((octet) => octet === 0))
})

const long = (code: number, length: number) => [code, new Uint8Array(length).fill(0x41)] as const

test('D4-13, D4-14: what does not fit goes whole into the unused fields, and is found there', (t) => {
  const packet = message({ options: [long(60, 280), long(67, 100), long(66, 40)] })
  const bytes = encodeDhcpPacket(packet, { maximumMessageSize: 576 })
  t.true(bytes.length <= 548)
  const back = decodeDhcpPacket(bytes)
  t.deepEqual(back, packet)
  t.is(bytes[108], OptionCode.bootFileName)
})

test('D4-13: an option that fits nowhere is left out whole, never cut', (t) => {
  const packet = message({
    fields: { file: 'x' },
    options: [long(60, 250), long(61, 200), [OptionCode.domainName, octets('41')]],
  })
  const back = decodeDhcpPacket(encodeDhcpPacket(packet, { maximumMessageSize: 576 }))
  t.deepEqual(codesOf(back), [53, 60, 15])
  t.is(back.file, 'x')
})

test('D4-13: option 57 below 576 counts as 576, and a huge one as one frame', (t) => {
  const packet = message({ fields: { file: 'x', sname: 'x' }, options: [long(60, 250)] })
  t.true(decodeDhcpPacket(encodeDhcpPacket(packet, { maximumMessageSize: 300 })).options.has(60))
  const big = message({ fields: { file: 'x', sname: 'x' }, options: [long(60, 900), long(61, 900)] })
  t.true(encodeDhcpPacket(big, { maximumMessageSize: 65_535 }).length <= 1472)
})

test("R02: option 82 is kept beside the client's own limit, because the relay takes it out", (t) => {
  const packet = message({ fields: { file: 'x', sname: 'x' }, options: [long(60, 300), long(82, 250)] })
  const bytes = encodeDhcpPacket(packet, { maximumMessageSize: 576 })
  t.deepEqual(codesOf(decodeDhcpPacket(bytes)), [53, 60, 82])
})

test('what a machine sends cannot break a log line or a page', (t) => {
  const packet = pxeMessage({ vendorClass: 'PXEClient\n"<script>\\\x1b[2J', fields: { file: 'a\r\nb' } })
  const line = printDhcpLine(packet)
  t.is(line.split('\n').length, 1)
  t.true(line.includes('vendorClass="PXEClient\\x0a\\x22\\x3cscript\\x3e\\x5c\\x1b[2J"'))
  t.true(line.includes('file="a\\x0d\\x0ab"'))
  t.false(/[^\n\x20-\x7e]|[<>]/.test(printDhcpPage(packet)))
})

const address = fc.nat({ max: 0xffffffff }).map(ipv4FromNumber)
const name = (width: number) =>
  fc.array(fc.integer({ min: 1, max: 255 }), { maxLength: width }).map((codes) => String.fromCharCode(...codes))
const optionCodes = fc.integer({ min: 1, max: 254 }).filter((code) => code !== OptionCode.overload)
const uint = (max: number) => fc.integer({ min: 0, max })
const optionList = fc.uniqueArray(fc.tuple(optionCodes, fc.uint8Array({ maxLength: 70 })), {
  selector: ([code]) => code,
  maxLength: 16,
})

const packets: fc.Arbitrary<DhcpPacket> = fc.record({
  op: fc.constantFrom(1, 2),
  htype: uint(255),
  hops: uint(255),
  xid: uint(0xffffffff),
  secs: uint(0xffff),
  flags: uint(0xffff),
  ciaddr: address,
  yiaddr: address,
  siaddr: address,
  giaddr: address,
  chaddr: fc.uint8Array({ maxLength: 16 }),
  sname: name(64),
  file: name(128),
  options: optionList.map((list) => new Map(list)),
})

function sorted(packet: DhcpPacket) {
  return { ...packet, options: [...packet.options].sort(([left], [right]) => left - right) }
}

test('property: what is encoded decodes to itself', (t) => {
  fc.assert(
    fc.property(packets, (packet) => {
      t.deepEqual(sorted(decodeDhcpPacket(encodeDhcpPacket(packet))), sorted(packet))
    }),
  )
  t.pass()
})

test('property: every encoded message is between 300 and 1472 octets and decodes, whatever the limit', (t) => {
  fc.assert(
    fc.property(packets, uint(0xffff), (packet, maximumMessageSize) => {
      const bytes = encodeDhcpPacket(packet, { maximumMessageSize })
      const back = decodeDhcpPacket(bytes)
      for (const [code, value] of back.options) t.deepEqual(value, packet.options.get(code) ?? Uint8Array.of())
      return bytes.length >= 300 && bytes.length <= 1472
    }),
  )
  t.pass()
})

/** Valid messages with a few octets changed, cut or doubled: nearer to trouble than noise is. */
const damaged = fc
  .tuple(packets, fc.array(fc.tuple(uint(1471), uint(255)), { maxLength: 8 }), uint(1500))
  .map(([packet, changes, length]) => {
    const bytes = encodeDhcpPacket(packet)
    for (const [offset, value] of changes) if (offset < bytes.length) bytes[offset] = value
    return bytes.slice(0, Math.max(length, 200))
  })

test('property: decoding throws nothing but DecodeError, and what decodes encodes and prints (C02, C03)', (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 1600 }), damaged), (bytes) => {
      try {
        const packet = decodeDhcpPacket(bytes)
        const again = encodeDhcpPacket(packet)
        decodeDhcpPacket(again)
        return again.length >= 300 && again.length <= 1472 && !printDhcpLine(packet).includes('\n')
      } catch (error) {
        return error instanceof DecodeError
      }
    }),
    { numRuns: 1500 },
  )
  t.pass()
})

test('fields keep octets above 127', (t) => {
  const packet = message({ fields: { file: '\xff\xfe', siaddr: ip('10.0.0.1') } })
  t.deepEqual(encodeText(decodeDhcpPacket(encodeDhcpPacket(packet)).file), Uint8Array.of(0xff, 0xfe))
})
