/** Values inside options: lists, sub-options, names. */

import test from 'ava'
import * as fc from 'fast-check'
import { encodeText } from '../../server/wire/ascii.ts'
import {
  architectureInVendorClass,
  architectureName,
  decodeClientArchitectures,
} from '../../server/wire/client-architecture.ts'
import {
  decodeIpxeFeatures,
  decodePxeOptions,
  encodeBootMenu,
  encodeMenuPrompt,
  encodeNoProxyDhcp,
  encodePxeOptions,
} from '../../server/wire/pxe-vendor-options.ts'
import { relayAgentInformationOf } from '../../server/wire/relay-agent-information.ts'
import { decodeUserClasses } from '../../server/wire/user-class.ts'
import { ip, message, octets } from '../dhcp/dhcp-messages.ts'

test('PX-07, D03: option 93 is an ordered list of 16-bit numbers, and an odd length is none', (t) => {
  t.deepEqual(decodeClientArchitectures(octets('0007 0009 0000')), [7, 9, 0])
  t.is(decodeClientArchitectures(octets('000700')), undefined)
  t.is(decodeClientArchitectures(octets('')), undefined)
})

test('D01: the number is found in the text of option 60, and only there', (t) => {
  t.is(architectureInVendorClass(encodeText('PXEClient:Arch:00007:UNDI:003016')), 7)
  t.is(architectureInVendorClass(encodeText('HTTPClient:Arch:00016')), 16)
  t.is(architectureInVendorClass(encodeText('PXEClient:Arch:99999:UNDI')), undefined)
  t.is(architectureInVendorClass(encodeText('PXEClient')), undefined)
})

test('D05: every registered number has a name of its own', (t) => {
  const names = Array.from({ length: 42 }, (_, code) => architectureName(code))
  t.is(new Set(names).size, 42)
  t.is(architectureName(99), 'unregistered')
})

test('D13, D4-20: the user class is a list of RFC 3004, or the raw text of iPXE', (t) => {
  t.deepEqual(decodeUserClasses(encodeText('iPXE')), ['iPXE'])
  t.deepEqual(decodeUserClasses(encodeText('\x04iPXE\x08Reveille')), ['iPXE', 'Reveille'])
  t.deepEqual(decodeUserClasses(octets('05 4142')), ['\x05AB'])
})

test('D4-19: link selection and server identifier override are read from option 82', (t) => {
  const packet = message({ options: [[82, octets('0502aaaa')]] })
  t.deepEqual(relayAgentInformationOf(packet), {})
  const full = message({ options: [[82, octets('0101ff 0504 0a010000 0b04 0a010001')]] })
  t.deepEqual(relayAgentInformationOf(full), {
    linkSelection: ip('10.1.0.0'),
    serverIdentifierOverride: ip('10.1.0.1'),
  })
})

test('R09, PX-05, PX-06: menu and prompt have the right lengths, and 255 ends option 43', (t) => {
  const value = encodePxeOptions(
    new Map([
      [6, Uint8Array.of(8)],
      [
        9,
        encodeBootMenu([
          { type: 1, description: 'One' },
          { type: 0, description: 'Local' },
        ]),
      ],
      [10, encodeMenuPrompt(0, 'PXE')],
    ]),
  )
  t.deepEqual(value, octets('060108 090e 0001 03 4f6e65 0000 05 4c6f63616c 0a04 00 505845 ff'))
})

test('R26: the sub-option that tells iPXE not to wait for a proxy', (t) => {
  t.deepEqual(encodeNoProxyDhcp(), octets('b00101'))
})

test('D14: features are the sub-options 16 to 79 of option 175', (t) => {
  t.deepEqual(decodeIpxeFeatures(octets('b105 0110ec8139 130101 240101 eb03010000')), new Set([19, 36]))
  t.is(decodeIpxeFeatures(octets('13ff')), undefined)
})

test('R23, B07: no garbage inside options 43, 77, 82, 93 and 175 makes a reader throw', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (value) => {
      decodePxeOptions(value)
      decodeIpxeFeatures(value)
      decodeUserClasses(value)
      decodeClientArchitectures(value)
      architectureInVendorClass(value)
      relayAgentInformationOf(message({ options: [[82, value]] }))
    }),
  )
  t.pass()
})
