/** TFTP packets to and from octets, and the options in numbers. */

import test from 'ava'
import * as fc from 'fast-check'
import { DecodeError } from '../../server/wire/decode-error.ts'
import { parseRequestedOptions } from '../../server/wire/tftp-options.ts'
import type { RequestedOptions } from '../../server/wire/tftp-options.ts'
import { decodeTftpPacket, encodeTftpPacket } from '../../server/wire/tftp-packet.ts'
import type { TftpPacket } from '../../server/wire/tftp-packet.ts'

const octets = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0))

const decoded = test.macro((t, text: string, packet: TftpPacket) => {
  t.deepEqual(decodeTftpPacket(octets(text)), packet)
})

test('TF-02: the mode is read without case', decoded, '\0\x01boot.img\0OcTeT\0', {
  kind: 'read-request',
  file: 'boot.img',
  mode: 'octet',
  options: [],
})
test(
  'a request with options keeps their order and spelling',
  decoded,
  '\0\x01a\0octet\0BLKSIZE\x001468\0tsize\x000\0',
  {
    kind: 'read-request',
    file: 'a',
    mode: 'octet',
    options: [
      { name: 'BLKSIZE', value: '1468' },
      { name: 'tsize', value: '0' },
    ],
  },
)
test('T15: padding behind the options is not an option', decoded, '\0\x01a\0octet\0tsize\x000\0\0\0\0', {
  kind: 'read-request',
  file: 'a',
  mode: 'octet',
  options: [{ name: 'tsize', value: '0' }],
})
test('T15: an option without the end of its value is ignored', decoded, '\0\x01a\0octet\0tsize\x000\0blksize\x0014', {
  kind: 'read-request',
  file: 'a',
  mode: 'octet',
  options: [{ name: 'tsize', value: '0' }],
})
test('an ERROR without its NUL is read', decoded, '\0\x05\0\x08aborted', { kind: 'error', code: 8, message: 'aborted' })
test('an empty DATA is a block', decoded, '\0\x03\xff\xff', { kind: 'data', block: 65_535, octets: new Uint8Array(0) })
test('an ACK may have octets behind it', decoded, '\0\x04\x01\x02junk', { kind: 'acknowledgement', block: 258 })

const refusedAs = test.macro((t, text: string, code: string) => {
  t.throws(() => decodeTftpPacket(octets(text)), { instanceOf: DecodeError, code })
})

test('TF-32: an empty packet', refusedAs, '', 'too-short')
test('TF-32: one octet', refusedAs, '\0', 'too-short')
test('TF-32: an ACK without a number', refusedAs, '\0\x04\0', 'too-short')
test('TF-32: a name without an end', refusedAs, '\0\x01boot', 'tftp-missing-terminator')
test('TF-32: a mode without an end', refusedAs, '\0\x01boot\0octet', 'tftp-missing-terminator')
test('TF-32: 60,000 octets', refusedAs, `\0\x01${'a'.repeat(60_000)}`, 'too-long')
test('TF-32: no opcode of TFTP', refusedAs, '\0\x07a\0octet\0', 'tftp-unknown-opcode')
test('TF-32: a mode of a hundred letters', refusedAs, `\0\x01a\0${'m'.repeat(100)}\0`, 'tftp-bad-mode')

test('TF-42: sixty options of a request of more than 512 octets are all read', (t) => {
  const options = Array.from({ length: 60 }, (_, index) => ({ name: `option${index}`, value: '12345' }))
  const request: TftpPacket = { kind: 'read-request', file: 'a', mode: 'octet', options }
  const bytes = encodeTftpPacket(request)
  t.true(bytes.length > 512)
  t.deepEqual(decodeTftpPacket(bytes), request)
})

test('what is encoded is decoded to the same packet', (t) => {
  const text = fc.string({
    minLength: 1,
    maxLength: 20,
    unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
  })
  const option = fc.record({ name: text, value: text })
  const options = fc.array(option, { maxLength: 6 })
  const number = fc.integer({ min: 0, max: 65_535 })
  const packets: fc.Arbitrary<TftpPacket> = fc.oneof(
    fc.record({
      kind: fc.constantFrom('read-request', 'write-request'),
      file: text,
      mode: fc.constantFrom('octet', 'netascii'),
      options,
    }),
    fc.record({ kind: fc.constant('data'), block: number, octets: fc.uint8Array({ maxLength: 64 }) }),
    fc.record({ kind: fc.constant('acknowledgement'), block: number }),
    fc.record({ kind: fc.constant('error'), code: number, message: text }),
    fc.record({ kind: fc.constant('option-acknowledgement'), options }),
  )
  fc.assert(fc.property(packets, (packet) => t.deepEqual(decodeTftpPacket(encodeTftpPacket(packet)), packet)))
  t.pass()
})

test('TF-32, T15: any octets are a packet or a DecodeError', (t) => {
  const start = fc.constantFrom([], [0, 1], [0, 2], [0, 3], [0, 4], [0, 5], [0, 6])
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 600 }), (head, rest) => {
      try {
        decodeTftpPacket(Uint8Array.from([...head, ...rest]))
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error
      }
    }),
    { numRuns: 2_000 },
  )
  t.pass()
})

const asks = test.macro((t, pairs: readonly (readonly [string, string])[], requested: RequestedOptions) => {
  t.deepEqual(parseRequestedOptions(pairs.map(([name, value]) => ({ name, value }))), requested)
})

test('TF-18: names of options are read without case', asks, [['BlkSize', '1468']], { blockBytes: 1468 })
test(
  'TF-19: of an option that comes twice the first counts',
  asks,
  [
    ['blksize', '1024'],
    ['blksize', '512'],
  ],
  { blockBytes: 1024 },
)
test(
  'TF-19: an unreadable first one does not hide the second',
  asks,
  [
    ['blksize', 'x'],
    ['blksize', '512'],
  ],
  { blockBytes: 512 },
)
test(
  'TF-17: an unknown option is nothing',
  asks,
  [
    ['multicast', ''],
    ['x', 'y'],
  ],
  {},
)
for (const value of ['abc', '-1', '', '0', '7', '1e3', ' 512', '0x200']) {
  test(`TF-10, TF-12: blksize "${value}" is not asked`, asks, [['blksize', value]], {})
}
for (const value of ['0', '256', '-1', '1.5', '']) {
  test(`TF-13: timeout "${value}" is not asked`, asks, [['timeout', value]], {})
}
for (const value of ['0', '65536', '-4', '']) {
  test(`TF-14: windowsize "${value}" is not asked`, asks, [['windowsize', value]], {})
}
