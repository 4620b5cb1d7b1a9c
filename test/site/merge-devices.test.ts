/** What two records of one machine have as one, and what one record of two machines has as two. */

import test from 'ava'
import * as fc from 'fast-check'
import { assert } from '../../server/assert.ts'
import { mergeDevices, splitIdentifiers } from '../../server/site/merge-devices.ts'
import type { Device } from '../../server/site/device.ts'
import {
  device,
  deploymentId,
  deviceId,
  guid,
  guidA,
  guidB,
  mac,
  macA,
  macB,
  variable,
} from '../support/boot-fixtures.ts'

const a = device({ macAddresses: [macA] })
const b = device({ id: deviceId('2'), name: 'PC-B', macAddresses: [macB] })

const reasonOf = (result: unknown) => (typeof result === 'string' ? result : JSON.stringify(result))

const merges = test.macro(
  (t, [kept, from]: readonly [Partial<Device>, Partial<Device>], expected: Partial<Device> | RegExp) => {
    const result = mergeDevices({ ...a, ...kept }, { ...b, ...from }, {})
    if (expected instanceof RegExp) t.regex(reasonOf(result), expected)
    else t.like(result, { id: a.id, name: a.name, macAddresses: [macA, macB], ...expected })
  },
)

test('the kept record has no GUID', merges, [{}, { smbiosGuid: guidB, serialNumber: 'S-B' }], {
  smbiosGuid: guidB,
  serialNumber: 'S-B',
})
test(
  'both orders of one GUID',
  merges,
  [{ smbiosGuid: guidA }, { smbiosGuid: guid('AAAAAAAA-0100-0200-0003-00000000000A') }],
  { smbiosGuid: guidA },
)
test('a placeholder gives way', merges, [{ serialNumber: 'Default string' }, { serialNumber: 'S-1234' }], {
  serialNumber: 'S-1234',
})
test(
  'two GUIDs are two machines',
  merges,
  [{ smbiosGuid: guidA }, { smbiosGuid: guidB }],
  /different SMBIOS GUIDs.*force.smbiosGuid/,
)
test(
  'two serial numbers are two machines',
  merges,
  [{ serialNumber: 'S-1234' }, { serialNumber: 'S-5678' }],
  /different serial numbers/,
)
test(
  'variables of a name that is there stay as they are',
  merges,
  [{ variables: [variable('Site', 'Bonn')] }, { variables: [variable('SITE', 'Berlin'), variable('Role', 'desk')] }],
  { variables: [variable('Site', 'Bonn'), variable('Role', 'desk')] },
)

test('two GUIDs, and it is said whose is right', (t) => {
  const [kept, from] = [
    { ...a, smbiosGuid: guidA },
    { ...b, smbiosGuid: guidB },
  ]
  t.like(mergeDevices(kept, from, { smbiosGuid: 'other' }), { smbiosGuid: guidB })
  t.like(mergeDevices(kept, from, { smbiosGuid: 'kept' }), { smbiosGuid: guidA })
})

const someMarks = fc
  .uniqueArray(fc.tuple(fc.constantFrom('RVL20001', 'RVL20002', 'RVL20003'), fc.nat(5)), { selector: ([id]) => id })
  .map((marks) => marks.map(([id, startedAtMs]) => ({ deploymentId: deploymentId(id), startedAtMs })))

test('S6-025: a merge loses no mark, whichever record is kept', (t) => {
  fc.assert(
    fc.property(someMarks, someMarks, (ofA, ofB) => {
      const result = mergeDevices({ ...a, requiredPxeMarks: ofA }, { ...b, requiredPxeMarks: ofB }, {})
      assert(typeof result !== 'string', reasonOf(result))
      for (const { deploymentId: id } of [...ofA, ...ofB]) {
        const times = [...ofA, ...ofB].filter((mark) => mark.deploymentId === id).map(({ startedAtMs }) => startedAtMs)
        const kept = result.requiredPxeMarks.filter((mark) => mark.deploymentId === id)
        t.deepEqual(kept, [{ deploymentId: id, startedAtMs: Math.max(...times) }])
      }
    }),
  )
})

const both = device({ macAddresses: [macA, macB], smbiosGuid: guidA, serialNumber: 'S-1234' })

test('identifiers go or stay, and none is lost or doubled', (t) => {
  const rest = { macAddresses: [macB], smbiosGuid: guidA, serialNumber: 'S-1234' }
  t.deepEqual(splitIdentifiers(both, { macAddresses: [macA] }), { rest, taken: { macAddresses: [macA] } })
  const swapped = guid('AAAAAAAA-0100-0200-0003-00000000000A')
  t.deepEqual(splitIdentifiers(both, { macAddresses: [], smbiosGuid: swapped, serialNumber: 's-1234' }), {
    rest: { macAddresses: [macA, macB] },
    taken: { macAddresses: [], smbiosGuid: guidA, serialNumber: 'S-1234' },
  })
})

test('what is not its own cannot be taken out, nor everything, nor nothing', (t) => {
  const why = (wanted: Parameters<typeof splitIdentifiers>[1]) => reasonOf(splitIdentifiers(both, wanted))
  t.regex(why({ macAddresses: [mac('52:54:00:00:00:0c')] }), /no MAC address of PC-A/)
  t.regex(why({ macAddresses: [], smbiosGuid: guidB }), /not the SMBIOS GUID/)
  t.regex(why({ macAddresses: [], serialNumber: 'S-5678' }), /not the serial number/)
  t.regex(why({ macAddresses: [] }), /name at least one/)
  t.regex(why({ macAddresses: [macA, macB], smbiosGuid: guidA, serialNumber: 'S-1234' }), /nothing would be left/)
})
