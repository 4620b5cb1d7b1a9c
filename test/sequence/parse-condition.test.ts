/** Conditions of the machine in documents: what is taken, what is left out, and the faults. */

import test from 'ava'
import { parseCondition } from '../../server/sequence/parse-condition.ts'
import type { Findings } from '../../server/sequence/read-document.ts'

function parse(value: unknown) {
  const findings: Findings = { faults: [], warnings: [] }
  const condition = parseCondition({ value, path: 'condition', findings })
  return { condition, faults: findings.faults.map(({ path, code }) => `${path} ${code}`) }
}

const code = '{90160000-008C-0000-1000-0000000FF1CE}'

const taken = test.macro((t, written: object, read: object) => {
  const { condition, faults } = parse(written)
  t.deepEqual(faults, [])
  t.deepEqual<unknown, unknown>(condition, read)
  // The normal form stays as it is.
  t.deepEqual(parse(condition).condition, condition)
})

test(
  'S1-023: an operating system by its name alone',
  taken,
  { kind: 'os-version', system: 'debian' },
  {
    kind: 'os-version',
    system: 'debian',
  },
)
test(
  'S1-023: an operating system with version and architecture',
  taken,
  { kind: 'os-version', system: 'ubuntu', architecture: 'x64', version: { operator: 'less', value: '24.04' } },
  { kind: 'os-version', system: 'ubuntu', architecture: 'x64', version: { operator: 'less', value: '24.04' } },
)
test(
  'S1-023: a language',
  taken,
  { kind: 'os-language', language: 'de-AT' },
  { kind: 'os-language', language: 'de-AT' },
)
test(
  'S1-023: a file with version and time; the time is UTC in one spelling',
  taken,
  {
    kind: 'file',
    path: '%windir%\\notepad.exe',
    version: { value: '10.0' },
    modified: { operator: 'less', at: '2026-01-31T08:00Z' },
  },
  {
    kind: 'file',
    path: '%windir%\\notepad.exe',
    version: { operator: 'equals', value: '10.0' },
    modified: { operator: 'less', at: '2026-01-31T08:00:00Z' },
  },
)
test(
  'S1-023: a folder',
  taken,
  { kind: 'folder', path: '/srv', modified: { operator: 'equals', at: '2026-01-31' } },
  { kind: 'folder', path: '/srv', modified: { operator: 'equals', at: '2026-01-31T00:00:00Z' } },
)
test(
  'S1-023: a registry value exists, unless something else is asked',
  taken,
  { kind: 'registry', key: 'HKLM\\Software' },
  {
    kind: 'registry',
    key: 'HKLM\\Software',
    valueName: '',
    operator: 'exists',
    data: '',
  },
)
test(
  'S1-023: a WMI query has a usual namespace',
  taken,
  { kind: 'wmi', query: 'SELECT * FROM Win32_BIOS' },
  {
    kind: 'wmi',
    namespace: 'root\\cimv2',
    query: 'SELECT * FROM Win32_BIOS',
  },
)
test(
  'S1-023: software by codes',
  taken,
  { kind: 'software', productCode: code, upgradeCode: code },
  {
    kind: 'software',
    productCode: code,
    upgradeCode: code,
  },
)
test(
  'S1-023: software by the name of its package',
  taken,
  { kind: 'software', package: 'libstdc++6', version: { operator: 'greater', value: '1:2~rc1-3' } },
  { kind: 'software', package: 'libstdc++6', version: { operator: 'greater', value: '1:2~rc1-3' } },
)

const faulty = test.macro((t, written: object, ...expected: string[]) => {
  t.deepEqual(
    parse(written).faults,
    expected.map((fault) => `condition${fault}`),
  )
})

test('S1-023: a registry value name has up to 250 characters', faulty, registry(250))
test('S1-023: and no more', faulty, registry(251), '.valueName too-long')
test('S1-023: a WMI query has up to 16,384 characters', faulty, wmi(16_384))
test('S1-023: and neither more', faulty, wmi(16_385), '.query too-long')
test('S1-023: nor none', faulty, wmi(0), '.query missing')
test('S1-023: software needs a code or a package', faulty, { kind: 'software' }, '.package missing')
test(
  'S1-023: a code is a code, and stands alone',
  faulty,
  { kind: 'software', productCode: '90160000', package: 'a' },
  '.productCode bad-characters',
  '.package contradiction',
)
test(
  'S1-023: a code names its version already',
  faulty,
  { kind: 'software', productCode: code, version: { value: '1' } },
  '.version contradiction',
)
test(
  'a package name is no option and no pattern',
  faulty,
  { kind: 'software', package: '--help' },
  '.package bad-characters',
)
test(
  'S1-023: times are UTC',
  faulty,
  { kind: 'file', path: '/a', modified: { operator: 'less', at: '2026-01-31T08:00:00+01:00' } },
  '.modified.at bad-characters',
)
test(
  'S1-023: times are times',
  faulty,
  { kind: 'file', path: '/a', modified: { operator: 'less', at: '2026-13-01' } },
  '.modified.at bad-characters',
)
test(
  'S1-023: registry types and operators are known ones',
  faulty,
  { kind: 'registry', key: 'a', type: 'REG_TEXT', operator: 'like' },
  '.type not-allowed',
  '.operator not-allowed',
)
test(
  'S1-023: a folder has no version',
  faulty,
  { kind: 'folder', path: '/a', version: { value: '1' } },
  '.version unknown-field',
)
test('languages are tags', faulty, { kind: 'os-language', language: 'de_DE.UTF-8' }, '.language bad-characters')
test(
  'S1-022: machine kinds nest',
  faulty,
  { kind: 'any', conditions: [{ kind: 'none', conditions: [{ kind: 'file' }] }] },
  '.conditions[0].conditions[0].path missing',
)

function registry(length: number): object {
  return { kind: 'registry', key: 'HKLM', valueName: 'x'.repeat(length) }
}

function wmi(length: number): object {
  return { kind: 'wmi', query: 'x'.repeat(length) }
}
