/** The language of query rules (configmgr-spec 9.2): what is read, what is refused and where, what is printed, who fits. */

import test from 'ava'
import * as fc from 'fast-check'
import type { Device } from '../../server/site/device.ts'
import type { KeptInventory } from '../../server/site/inventory.ts'
import { unknownComputers } from '../../server/site/unknown-computer.ts'
import { matchesPattern } from '../../server/sequence/match-pattern.ts'
import {
  type DeviceQuery,
  findProperty,
  operatorsOf,
  queryCharactersMax,
  queryDepthMax,
  queryProperties,
  type QueryValue,
} from '../../server/targeting/device-query.ts'
import { compileDeviceQuery } from '../../server/targeting/evaluate-device-query.ts'
import { parseLikePattern } from '../../server/targeting/like-pattern.ts'
import { parseDeviceQuery } from '../../server/targeting/parse-device-query.ts'
import { printDeviceQuery } from '../../server/targeting/print-device-query.ts'
import { type Machine, querySubject } from '../../server/targeting/query-subject.ts'
import { device, guid, mac, variable } from '../support/boot-fixtures.ts'

const inventory: KeptInventory = {
  architecture: 'x64',
  firmware: 'uefi',
  secureBoot: true,
  secureBootAuthorities: ['Microsoft UEFI CA 2023', 'Reveille'],
  chassisType: 23,
  macAddresses: ['52:54:00:00:00:99'],
  manufacturer: 'Dell Inc. ',
  model: 'OptiPlex 7010',
  operatingSystem: { name: 'debian', version: '12.5' },
  memoryBytes: 8 * 1_024 ** 3,
  disks: [
    { name: 'sda', bytes: 500_000_000_000, removable: false },
    { name: 'sdb', bytes: 900_000_000_000, removable: true },
    { name: 'sdc', bytes: 250_000_000_000, removable: false },
  ],
  heardAtMs: 0,
  ipAddress: '192.168.7.20',
  startedFrom: 'boot-image',
}

const known: Device = device({
  name: 'Lab-01',
  smbiosGuid: guid('4C4C4544-0043-4810-8054-B4C04F4A3332'),
  serialNumber: 'CZC1',
  variables: [variable('Site', 'North'), variable('Key', 'opensesame', true)],
  inventory,
})

const fits = test.macro({
  exec(t, text: string, expected: boolean | 'not said', machine: Machine = known) {
    const parsed = parseDeviceQuery(text)
    if (parsed.kind === 'faults') {
      t.fail(JSON.stringify(parsed.faults))
      return
    }
    t.is(compileDeviceQuery(parsed.query)(querySubject(machine)) ?? 'not said', expected)
    t.deepEqual(parseDeviceQuery(printDeviceQuery(parsed.query)), parsed)
  },
  title: (name, text, expected) => name ?? `S9-008: ${[text, expected].join(' is ')}`,
})

const bare = device({ name: 'Bare' })

test(fits, 'model like "OptiPlex%" and memoryBytes >= 8 GiB and not name like "srv-%"', true)
test(fits, 'MODEL LIKE "optiplex 70_0" AND NOT NAME LIKE "%-02"', true)
test(fits, 'manufacturer = "dell inc."', true)
test(fits, 'manufacturer != "dell inc."', false)
test(fits, 'memoryBytes > 8GiB or memoryBytes < 8 gib', false)
test(fits, 'memoryBytes <= 8.5 GB and memoryBytes > 8589934591', false)
test(fits, 'diskCount = 2 and diskBytes = 500 GB', true)
test(fits, 'macAddress = "5254.0000.0099"', true)
test(fits, 'macAddress like "52:54:00:%"', true)
test(fits, 'macAddress in ("52-54-00-00-00-01", "52-54-00-00-00-02")', false)
test(fits, 'smbiosGuid = "{4c4c4544-0043-4810-8054-b4c04f4a3332}"', true)
test(fits, 'smbiosGuid = "44454C4C-4300-1048-8054-B4C04F4A3332"', true)
test(fits, 'serialNumber in ("czc0", "czc1")', true)
test(fits, 'architecture = "X64" and firmware != "bios" and secureBoot = true', true)
test(fits, 'secureBoot != true', false)
test(fits, 'secureBootAuthority like "%2023" and chassisType in (17, 23)', true)
test(fits, 'not secureBootAuthority like "%2011"', true)
test(fits, 'operatingSystem = "debian" and operatingSystemVersion >= "12" and operatingSystemVersion < "12.10"', true)
test(fits, 'variable.site = "north"', true)
test(fits, 'variable.Other = "north"', 'not said')
test(
  'S9-008, S1-071: the value of a secret variable cannot be asked for',
  fits,
  'variable.Key like "open%"',
  'not said',
)
test('S9-008, S1-071: nor whether there is one', fits, 'variable.Key is known', false)
test(fits, 'name = "a" or name = "b" and name = "Lab-01"', false)
test(fits, '(name = "Lab-01" or name = "b") and diskCount > 0', true)
test('S9-008: under not, what cannot be said stays unsaid', fits, 'not model like "Server%"', 'not said', bare)
test('S9-008: nor does != say it', fits, 'model != "Server"', 'not said', bare)
test('S9-008: what is settled is settled', fits, 'model = "x" or name = "bare"', true, bare)
test('S9-008: what is settled the other way', fits, 'model = "x" and name = "other"', false, bare)
test('S9-008: machines that told nothing can be found', fits, 'model is unknown and not (model is known)', true, bare)
test(
  'S9-010: an unknown computer has name and architecture',
  fits,
  'architecture = "x64" and name like "%unknown%"',
  true,
  unknownComputers[1],
)
test('S9-010: an unknown computer has nothing else', fits, 'memoryBytes >= 0', 'not said', unknownComputers[1])

const refused = test.macro({
  exec(t, text: string, ...expected: readonly (readonly [number, RegExp])[]) {
    const parsed = parseDeviceQuery(text)
    const faults = parsed.kind === 'faults' ? parsed.faults : []
    t.deepEqual(
      faults.map(({ at }) => at),
      expected.map(([at]) => at),
      JSON.stringify(faults),
    )
    for (const [index, [, message]] of expected.entries()) t.regex(faults[index]?.message ?? '', message)
  },
  title: (name, text) => `S9-008: faults are found with their places: ${name ?? JSON.stringify(text)}`,
})

test(refused, '', [1, /empty/])
test('blanks only', refused, '   ', [4, /empty/])
test(refused, 'colour = "red"', [1, /no property colour; there are name, /])
test(refused, 'memoryBytes = "8"', [15, /a number/])
test(refused, 'memoryBytes >= 8 PiB', [18, /and, or, or the end/])
test(refused, 'memoryBytes >= 8zib', [16, /zib is no unit/])
test(refused, 'memoryBytes = 0.5', [15, /whole number/])
test(refused, 'name < "x"', [6, /name cannot be compared with </])
test(refused, 'secureBoot = 1', [14, /true or false/])
test(refused, 'architecture = "sparc"', [16, /one of x86, x64, arm64/])
test(refused, 'macAddress = "zz" or smbiosGuid = "1"', [14, /no MAC address/], [35, /no SMBIOS GUID/])
test(refused, 'name = "open', [8, /no closing quotation mark/])
test(refused, 'name ~ "x"', [6, /~ means nothing/], [8, /operator is expected/])
test(refused, 'name "x"', [6, /operator is expected/])
test(refused, 'name = ', [8, /value is expected/])
test(refused, 'name = "a" name = "b"', [12, /and, or, or the end/])
test(refused, '(name = "a" or model = "b"', [1, /not closed/])
test(refused, 'name = "a")', [11, /no parenthesis is open/])
test(refused, 'name in ("a", 5)', [15, /"text"/])
test(refused, 'name in "a"', [9, /list in parentheses/])
test(refused, 'name in ("a"', [9, /not closed/])
test(refused, 'name is there', [9, /known or unknown/])
test(refused, 'and', [1, /property is expected/], [4, /property is expected/])
test(refused, 'a = 1 and b = 2 or not c = 3', [1, /property a;/], [11, /property b;/], [24, /property c;/])
test('too deep', refused, `${'('.repeat(queryDepthMax)}name = "a"${')'.repeat(queryDepthMax)}`, [33, /32 deep/])
test('too long', refused, 'x'.repeat(queryCharactersMax + 1), [1, /at most 4000 characters/])

test('S9-008: like is case-blind through the query, and brackets take signs as they are', (t) => {
  const like = (text: string, pattern: string) => matchesPattern(text, parseLikePattern(pattern))
  t.true(like('', '%'))
  t.false(like('', '_'))
  t.true(like('a%b', 'a[%]b'))
  t.false(like('axb', 'a[%]b'))
  t.true(like('a[b', 'a[[]b'))
  t.true(like('a[b', 'a[b'))
  t.true(like('abcabd', '%ab_'))
  t.false(like('abcab', '%abd%'))
  // A pattern of many stars over a long text must not take its time.
  t.false(like('a'.repeat(4_000), `${'%a'.repeat(500)}b`))
})

const texts = fc.string({ unit: 'binary', maxLength: 12 })
const anyCondition: fc.Arbitrary<DeviceQuery> = fc
  .constantFrom(...Object.keys(queryProperties), 'variable.Site')
  .chain((property): fc.Arbitrary<DeviceQuery> => {
    const { type, choices = ['?'] } = findProperty(property)?.definition ?? { type: 'text' as const }
    const plain: fc.Arbitrary<QueryValue> = {
      text: texts,
      version: texts,
      choice: fc.constantFrom(...choices),
      'mac-address': fc.constant(mac('52:54:00:00:00:01')),
      'smbios-guid': fc.constant(guid('4C4C4544-0043-4810-8054-B4C04F4A3332')),
      number: fc.oneof(
        fc.maxSafeNat(),
        fc.nat(4_000).map((count) => count * 1_024 ** 3),
      ),
      boolean: fc.boolean(),
    }[type]
    return fc.oneof(
      fc
        .constantFrom(...operatorsOf[type])
        .chain((operator) =>
          (operator === 'like' ? texts : plain).map(
            (value): DeviceQuery => ({ kind: 'compare', property, operator, value }),
          ),
        ),
      fc.array(plain, { minLength: 1, maxLength: 4 }).map((values): DeviceQuery => ({ kind: 'in', property, values })),
      fc
        .constantFrom('known' as const, 'unknown' as const)
        .map((state): DeviceQuery => ({ kind: 'is', property, state })),
    )
  })

const { query: anyQuery } = fc.letrec<{ query: DeviceQuery }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 5 },
    anyCondition,
    tie('query').map((operand): DeviceQuery => ({ kind: 'not', operand })),
    fc
      .tuple(fc.constantFrom('all' as const, 'any' as const), fc.array(tie('query'), { minLength: 2, maxLength: 3 }))
      .map(([kind, operands]): DeviceQuery => ({ kind, operands })),
  ),
}))

test('S9-008: what is printed reads back as the same query', (t) => {
  fc.assert(
    fc.property(anyQuery, (query) => {
      const text = printDeviceQuery(query)
      if (text.length <= queryCharactersMax) t.deepEqual(parseDeviceQuery(text), { kind: 'query', query })
    }),
  )
})

test('S9-008: whatever is typed, it is read or refused with places inside the text', (t) => {
  const pieces = fc.constantFrom(
    'name',
    'model',
    '=',
    'like',
    '"a"',
    '8 GiB',
    'and',
    'or',
    'not',
    '(',
    ')',
    ',',
    'in',
    'is',
    'known',
    '"',
    '\\',
    '%',
    '\n',
  )
  const typed = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.array(pieces, { maxLength: 30 }).map((all) => all.join(' ')),
  )
  fc.assert(
    fc.property(typed, (text) => {
      const parsed = parseDeviceQuery(text)
      if (parsed.kind === 'query') return t.deepEqual(parseDeviceQuery(printDeviceQuery(parsed.query)), parsed)
      t.true(parsed.faults.length > 0)
      return t.true(parsed.faults.every(({ at }) => at >= 1 && at <= text.length + 1))
    }),
    { numRuns: 2_000 },
  )
})
