/** Which device a client is, by weighted evidence: the table of README.md row by row, and what holds for any evidence. */

import test from 'ava'
import * as fc from 'fast-check'
import { isMeaningfulSerialNumber } from '../../server/address/serial-number.ts'
import { swapSmbiosGuid } from '../../server/address/smbios-guid.ts'
import { clientForLookUp, deviceOfFirmware, identifyDevice } from '../../server/boot/identify-device.ts'
import type { PxeClient } from '../../server/boot/pxe-client.ts'
import type { Device } from '../../server/site/device.ts'
import { type IdentifierLists, nothingListed } from '../../server/site/listed-identifier.ts'
import { client, device, deviceId, guid, guidA, guidB, lists, mac, macA, macB } from '../support/boot-fixtures.ts'

const macC = mac('52:54:00:00:00:0c')
const pcA = device({ macAddresses: [macA], smbiosGuid: guidA, serialNumber: 'SERIAL-A' })
const pcB = device({
  id: deviceId('2'),
  name: 'PC-B',
  macAddresses: [macB],
  smbiosGuid: guidB,
  serialNumber: 'SERIAL-B',
})

/** As a store finds them: those that share an identifier. */
function ask(asking: PxeClient, devices: readonly Device[], listed: IdentifierLists = nothingListed): string {
  const sought = clientForLookUp(asking, listed)
  const addresses = [sought.macAddress, ...(sought.otherMacAddresses ?? [])]
  const found = devices.filter(
    (one) =>
      one.macAddresses.some((address) => addresses.includes(address)) ||
      (sought.smbiosGuid !== undefined &&
        [one.smbiosGuid, one.smbiosGuid && swapSmbiosGuid(one.smbiosGuid)].includes(sought.smbiosGuid)) ||
      (sought.serialNumber !== undefined && one.serialNumber === sought.serialNumber),
  )
  const identified = identifyDevice(asking, found, listed)
  return identified.kind === 'known' ? identified.device.name : identified.kind
}

const identifies = test.macro(
  (t, told: Partial<PxeClient>, expected: string, devices: readonly Device[] = [pcA, pcB]) => {
    t.is(ask(client(told), devices), expected)
  },
)

const [a, b] = [{ serialNumber: 'SERIAL-A' }, { serialNumber: 'SERIAL-B' }]
const bare = device()

test('S6-013: an address alone', identifies, { macAddress: macA }, 'PC-A')
test('S6-013, S6-061: a GUID alone', identifies, { macAddress: macC, smbiosGuid: guidA }, 'PC-A')
test('S6-061: a serial number alone', identifies, { macAddress: macC, ...a }, 'PC-A')
test(
  'nothing that the site has',
  identifies,
  { macAddress: macC, smbiosGuid: guid(`${'1'.repeat(7)}2-0001-0002-0003-00000000000C`) },
  'unknown',
)
test('a card was replaced', identifies, { macAddress: macC, smbiosGuid: guidA, ...a }, 'PC-A')
test('an address, and a GUID that its record lacks', identifies, { macAddress: macA, smbiosGuid: guidB }, 'PC-A', [
  bare,
])
test('D19: the address of one and the GUID of another', identifies, { macAddress: macA, smbiosGuid: guidB }, 'refused')
test(
  'D19: the same, where the record of the address has no GUID',
  identifies,
  { macAddress: macA, smbiosGuid: guidB },
  'refused',
  [bare, pcB],
)
test('D19: the address of one, and another GUID', identifies, { macAddress: macA, smbiosGuid: guidB }, 'refused', [pcA])
test('D19: the address of one and the serial number of another', identifies, { macAddress: macA, ...b }, 'refused')
test(
  'D19: the GUID of one and the serial number of another',
  identifies,
  { macAddress: macC, smbiosGuid: guidA, ...b },
  'refused',
)
test(
  'D19: address and serial number against the GUID',
  identifies,
  { macAddress: macA, smbiosGuid: guidB, ...a },
  'refused',
)
test('D19: two addresses of two devices', identifies, { macAddress: macA, otherMacAddresses: [macB] }, 'refused')
test(
  'S12-007: GUID and serial number against the address of a shared dock',
  identifies,
  { macAddress: macA, smbiosGuid: guidB, ...b },
  'PC-B',
)
test(
  'S12-007: GUID and an own address against the dock',
  identifies,
  { macAddress: macA, otherMacAddresses: [macB], smbiosGuid: guidB },
  'PC-B',
)
test(
  'GUID and address against a serial number',
  identifies,
  { macAddress: macA, smbiosGuid: guidA, serialNumber: 'RETYPED' },
  'PC-A',
)
test(
  'S12-008: one GUID in two records, and the address of one',
  identifies,
  { macAddress: macA, smbiosGuid: guidA },
  'refused',
  [pcA, { ...pcB, smbiosGuid: guidA }],
)
test(
  'S12-008: one GUID in two records, address and serial number of one',
  identifies,
  { macAddress: macA, smbiosGuid: guidA, ...a },
  'PC-A',
  [pcA, { ...pcB, smbiosGuid: guidA }],
)
test(
  'placeholders weigh nothing',
  identifies,
  {
    macAddress: macC,
    smbiosGuid: guid('FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF'),
    serialNumber: 'To be filled by O.E.M.',
  },
  'unknown',
  [{ ...pcA, serialNumber: 'To be filled by O.E.M.', smbiosGuid: guid('FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF') }],
)

test('serial numbers that many machines have', (t) => {
  for (const text of [
    '',
    '0',
    '0000000',
    'To Be Filled By O.E.M.',
    'Default string',
    ' none ',
    '123456789',
    'XXXXXXX',
    '.........',
  ]) {
    t.false(isMeaningfulSerialNumber(text), text)
  }
  for (const text of ['5CG1234ABC', 'VMware-56 4d 12', '1234567X']) t.true(isMeaningfulSerialNumber(text), text)
})

test('what firmware tells may name another device than everything the agent tells', (t) => {
  const told = client({ macAddress: macA, otherMacAddresses: [macB], ...b })
  const devices = [bare, { ...pcB, smbiosGuid: guidA }]
  t.is(deviceOfFirmware(told, devices, nothingListed)?.name, 'PC-A')
  t.is(ask(told, devices), 'PC-B')
})

const someMac = fc.constantFrom(macA, macB, macC)
const someGuid = fc.constantFrom(guidA, guidB, undefined)
const someSerial = fc.constantFrom('SERIAL-A', 'SERIAL-B', undefined)
const someEvidence = fc.record({
  macAddresses: fc.uniqueArray(someMac),
  smbiosGuid: someGuid,
  serialNumber: someSerial,
})
type Evidence = typeof someEvidence extends fc.Arbitrary<infer Value> ? Value : never

function identifiersOf({ smbiosGuid, serialNumber }: Evidence) {
  return {
    ...(smbiosGuid === undefined ? {} : { smbiosGuid }),
    ...(serialNumber === undefined ? {} : { serialNumber }),
  }
}

/** Up to four records, which may share anything: an address too, as while a record is being corrected. */
const someRecords = fc.array(someEvidence, { maxLength: 4 }).map((all) =>
  all.map((one, index) => {
    const {
      smbiosGuid: _,
      serialNumber: __,
      ...plain
    } = device({ id: deviceId(String(index + 1)), name: `PC-${index}` })
    return { ...plain, macAddresses: one.macAddresses, ...identifiersOf(one) }
  }),
)
const someClient = fc.tuple(someMac, someEvidence).map(([macAddress, told]) => {
  const { macAddresses: otherMacAddresses } = told
  return client({ macAddress, otherMacAddresses, ...identifiersOf(told) })
})

test('D19: the order of the records never matters', (t) => {
  fc.assert(
    fc.property(someClient, someRecords, (asking, records) => {
      t.is(ask(asking, records), ask(asking, records.toReversed()))
    }),
    { numRuns: 2_000 },
  )
})

test('D10: both byte orders of a GUID give the same answer, in the client and in the records', (t) => {
  const swapped = <T extends Evidence | PxeClient | Device>(one: T): T =>
    one.smbiosGuid === undefined ? one : { ...one, smbiosGuid: swapSmbiosGuid(one.smbiosGuid) }
  fc.assert(
    fc.property(someClient, someRecords, (asking, records) => {
      t.is(ask(swapped(asking), records), ask(asking, records))
      t.is(ask(asking, records.map(swapped)), ask(asking, records))
    }),
    { numRuns: 2_000 },
  )
})

test('S6-011, D19: an identifier that is put among the duplicates never turns a device into another', (t) => {
  fc.assert(
    fc.property(
      someClient,
      someRecords,
      fc.oneof(someMac, fc.constantFrom(guidA, guidB)),
      (asking, records, listed) => {
        const before = ask(asking, records)
        const after = ask(asking, records, lists({ duplicateIdentifiers: new Set<string>([listed]) }))
        t.true(!before.startsWith('PC-') || [before, 'unknown', 'refused'].includes(after), `${before}, then ${after}`)
      },
    ),
    { numRuns: 5_000 },
  )
})
