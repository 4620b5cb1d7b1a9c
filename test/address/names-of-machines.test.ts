/** Every spelling of a machine's names that networks and people use, and what is no name. */

import test from 'ava'
import * as fc from 'fast-check'
import {
  parseCollectionId,
  parseDeploymentId,
  parsePackageId,
  printIdentifier,
  defaultSiteCode,
} from '../../server/address/identifiers.ts'
import {
  broadcastOf,
  ipv4FromNumber,
  ipv4ToNumber,
  isInSubnet,
  parseIpv4Address,
  parseIpv4Subnet,
} from '../../server/address/ipv4-address.ts'
import { decodeMacAddress, encodeMacAddress, parseMacAddress } from '../../server/address/mac-address.ts'
import {
  decodeSmbiosGuid,
  isMeaningfulSmbiosGuid,
  parseSmbiosGuid,
  swapSmbiosGuid,
} from '../../server/address/smbios-guid.ts'

const sameAddress = test.macro({
  exec: (t, spelling: string) => t.is<string | undefined, string>(parseMacAddress(spelling), '52:54:00:ab:cd:ef'),
  title: (_, spelling) => `reads the MAC address ${String(spelling)}`,
})
for (const spelling of [
  '52:54:00:AB:CD:EF',
  '52-54-00-ab-cd-ef',
  '525400abcdef',
  '5254.00ab.cdef',
  ' 52:54:00:ab:cd:ef ',
])
  test(sameAddress, spelling)

test('what is no MAC address is none', (t) => {
  for (const text of ['', '52:54:00:ab:cd', '52:54-00:ab:cd:ef', '52:54:00:ab:cd:eg', '52:54:00:ab:cd:ef:01'])
    t.is(parseMacAddress(text), undefined, text)
  t.is(decodeMacAddress(new Uint8Array(16)), undefined)
})

test('MAC addresses go to octets and back', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (octets) => {
      const address = decodeMacAddress(octets)
      t.deepEqual(address === undefined ? undefined : encodeMacAddress(address), octets)
    }),
  )
})

test('IPv4 addresses go to numbers and back; leading zeros and overlong parts are refused', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffffff }), (number) => ipv4ToNumber(ipv4FromNumber(number)) === number),
  )
  for (const text of ['1.2.3', '1.2.3.256', '01.2.3.4', '1.2.3.4.5', '1.2.3.-4', ''])
    t.is(parseIpv4Address(text), undefined, text)
})

test('subnets know their members and their broadcast address', (t) => {
  const subnet = parseIpv4Subnet('192.168.7.77/24')
  const [inside, outside] = [parseIpv4Address('192.168.7.200'), parseIpv4Address('192.168.8.1')]
  if (subnet === undefined || inside === undefined || outside === undefined) {
    t.fail('must be read')
    return
  }
  t.is<string, string>(subnet.network, '192.168.7.0')
  t.is<string, string>(broadcastOf(subnet), '192.168.7.255')
  t.true(isInSubnet(inside, subnet))
  t.false(isInSubnet(outside, subnet))
})

test('D10: the two byte orders of one SMBIOS GUID are each other turned round', (t) => {
  const stored = Uint8Array.from([
    0x44, 0x45, 0x4c, 0x4c, 0x38, 0, 0x10, 0x37, 0x80, 0x43, 0xb4, 0xc0, 0x4f, 0x4d, 0x34, 0x32,
  ])
  const guid = decodeSmbiosGuid(stored)
  t.is<string | undefined, string>(guid, '4C4C4544-0038-3710-8043-B4C04F4D3432')
  if (guid === undefined) return
  t.is<string, string>(swapSmbiosGuid(guid), '44454C4C-3800-1037-8043-B4C04F4D3432')
  t.is(swapSmbiosGuid(swapSmbiosGuid(guid)), guid)
  t.is(parseSmbiosGuid(`{${guid.toLowerCase()}}`), guid)
})

test('PX-10: GUIDs that many machines share are no identity', (t) => {
  for (const text of [
    '00000000-0000-0000-0000-000000000000',
    'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
    '03000200-0400-0500-0006-000700080009',
  ]) {
    const guid = parseSmbiosGuid(text)
    t.false(guid === undefined || isMeaningfulSmbiosGuid(guid), text)
  }
})

test('identifiers show their kind', (t) => {
  t.is(printIdentifier(defaultSiteCode, 0x20001), 'RVL20001')
  t.is<string | undefined, string>(parseDeploymentId('RVL20001'), 'RVL20001')
  t.is(parseDeploymentId('RVL00001'), undefined)
  t.is(parsePackageId('RVL20001'), undefined)
  t.is(parseCollectionId('RVL00001'), undefined)
  t.is(parseDeploymentId('rvl20001'), undefined)
})
