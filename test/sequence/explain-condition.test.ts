/** What the report says about a node that was skipped: each kind of condition with what was asked and what was found. */

import test from 'ava'
import type { Condition, MachineCondition } from '../../server/sequence/condition.ts'
import { explainFalse } from '../../server/sequence/explain-condition.ts'
import type { MachineAnswer } from '../../server/sequence/inspection.ts'
import { environmentOf } from '../support/actions.ts'

const environment = environmentOf({ Site: 'lab' })

const explains = test.macro((t, condition: MachineCondition, answer: MachineAnswer | undefined, expected: string) => {
  const answers = new Map(answer === undefined ? [] : [[condition, answer]])
  // A condition that holds is explained by what it is the opposite of.
  t.is(explainFalse({ kind: 'any', conditions: [condition] }, { environment, answers }), expected)
})

const bookworm: MachineAnswer = {
  kind: 'os-version',
  system: 'debian',
  like: [],
  version: '12',
  architecture: 'x64',
}
const at = '2026-01-31T08:00:00Z'
const later = { operator: 'greater', at } as const
const newer = { operator: 'greater-equal', value: '2.%Site%' } as const
const aFile: MachineAnswer = { kind: 'path', found: 'file', modifiedAt: '2026-01-30T00:00:00Z' }
const aFolder: MachineAnswer = { kind: 'path', found: 'folder', modifiedAt: '2026-01-30T00:00:00Z' }

test(
  'S1-023: the system',
  explains,
  { kind: 'os-version', system: 'fedora' },
  bookworm,
  'Operating system "fedora" is false: it is debian 12 x64.',
)
test(
  'S1-023: the system with its architecture and its version',
  explains,
  { kind: 'os-version', system: 'debian', architecture: 'arm64', version: { operator: 'less', value: '12' } },
  bookworm,
  'Operating system "debian" arm64 version less "12" is false: it is debian 12 x64.',
)
test(
  'S1-023: a system without a version',
  explains,
  { kind: 'os-version', system: 'debian' },
  { ...bookworm, system: 'arch', version: '' },
  'Operating system "debian" is false: it is arch x64.',
)
test(
  'S1-023: the language',
  explains,
  { kind: 'os-language', language: 'de' },
  { kind: 'os-language', language: 'en-US' },
  'Operating system language "de" is false: it is en-US.',
)
test(
  'S1-023: a file that is not there, with its variable replaced',
  explains,
  { kind: 'file', path: '/srv/%Site%' },
  { kind: 'path', found: 'nothing' },
  'File "/srv/lab" is false: it does not exist.',
)
test(
  'S1-023: a file that is a folder',
  explains,
  { kind: 'file', path: '/srv' },
  aFolder,
  'File "/srv" is false: it is a folder.',
)
test(
  'S1-023: a file that is too old',
  explains,
  { kind: 'file', path: '/srv', modified: later },
  aFile,
  `File "/srv" changed at a time greater ${at} is false: it was changed at 2026-01-30T00:00:00Z.`,
)
test(
  'S1-023: a file that carries no version',
  explains,
  { kind: 'file', path: '/srv', version: newer },
  aFile,
  'File "/srv" version greater equal "2.lab" is false: it carries no version, and it was changed at 2026-01-30T00:00:00Z.',
)
test(
  'S1-023: a file of an older version, whose time nobody knows',
  explains,
  { kind: 'file', path: '/srv', version: newer },
  { kind: 'path', found: 'file', version: '1.9' },
  'File "/srv" version greater equal "2.lab" is false: its version is 1.9, and it was changed at a time nobody knows.',
)
test(
  'S1-023: a folder that is a file',
  explains,
  { kind: 'folder', path: '/srv' },
  aFile,
  'Folder "/srv" is false: it is a file.',
)
test(
  'S1-023: a folder that is too old',
  explains,
  { kind: 'folder', path: '/srv', modified: later },
  aFolder,
  `Folder "/srv" changed at a time greater ${at} is false: it was changed at 2026-01-30T00:00:00Z.`,
)
test(
  'S1-023: a registry value that is not there',
  explains,
  { kind: 'registry', key: 'HKLM\\%Site%', valueName: 'Name', operator: 'exists', data: 'unused' },
  { kind: 'registry', exists: false },
  'Registry value "HKLM\\lab\\Name" exists is false: it does not exist.',
)
test(
  'S1-023: a registry value that is another',
  explains,
  { kind: 'registry', key: 'HKLM', valueName: 'Name', operator: 'not-equals', data: '10' },
  { kind: 'registry', exists: true, type: 'REG_DWORD', data: '10' },
  'Registry value "HKLM\\Name" not equals "10" is false: it is REG_DWORD "10".',
)
test(
  'S1-023: a query that finds nothing',
  explains,
  { kind: 'wmi', namespace: 'root', query: 'SELECT * FROM %Site%' },
  { kind: 'wmi', rows: 0 },
  'WMI query "SELECT * FROM lab" is false: it finds 0 objects.',
)
test(
  'S1-023: software of a package manager',
  explains,
  { kind: 'software', package: 'tool-%Site%', version: { operator: 'equals', value: '3' } },
  { kind: 'software', versions: ['1', '2'] },
  'Installed software "tool-lab" version equals "3" is false: installed is 1, 2.',
)
test(
  'S1-023: software by its product code',
  explains,
  { kind: 'software', productCode: '{P}', upgradeCode: '{U}' },
  { kind: 'software', versions: [] },
  'Installed software {P} is false: it is not installed.',
)
test(
  'S1-023: software by its upgrade code',
  explains,
  { kind: 'software', upgradeCode: '{U}' },
  { kind: 'software', versions: [] },
  'Installed software {U} is false: it is not installed.',
)
test(
  'S1-022: what a machine cannot tell',
  explains,
  { kind: 'wmi', namespace: 'root', query: 'SELECT' },
  { kind: 'unavailable', reason: 'this is no Windows' },
  'WMI query "SELECT" is never true here, because this is no Windows.',
)
const variable = (name: string): Condition => ({ kind: 'variable', variable: name, operator: 'exists', value: '' })

test('S1-022: only what made the condition false is told', (t) => {
  const because = explainFalse(
    { kind: 'all', conditions: [variable('Site'), variable('Room'), { kind: 'none', conditions: [variable('Site')] }] },
    { environment, answers: new Map() },
  )
  t.is(because, 'Room exists is false: it is not set. Site exists is true: it is "lab".')
})

test('S1-022: five reasons are told, and a sixth is counted', (t) => {
  const told = (count: number) =>
    explainFalse(
      { kind: 'any', conditions: Array.from({ length: count }, (_, index) => variable(`V${index}`)) },
      { environment, answers: new Map() },
    )
  t.regex(told(5), /V4 exists is false: it is not set\.$/)
  t.regex(told(6), /V4 exists is false: it is not set\. And 1 more\.$/)
})

test('what is said is bounded, and a long value is cut with a sign', (t) => {
  const long: Condition = { kind: 'variable', variable: 'Site', operator: 'equals', value: 'x'.repeat(121) }
  const facts = { environment, answers: new Map() }
  t.is(explainFalse(long, facts), `Site equals "${'x'.repeat(120)}…" is false: it is "lab".`)
  t.is(
    explainFalse({ ...long, value: 'y'.repeat(120) }, facts),
    `Site equals "${'y'.repeat(120)}" is false: it is "lab".`,
  )
  t.is(explainFalse({ ...long, value: 'a\nb' }, facts), 'Site equals "a b" is false: it is "lab".')
  const names = Array.from({ length: 5 }, (_, index) => variable(`${'n'.repeat(255)}${index}`))
  t.is(explainFalse({ kind: 'any', conditions: names }, facts).length, 1_000)
})
