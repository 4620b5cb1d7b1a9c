/** Conditions: one table for the operators, one for All, Any and None. */

import test from 'ava'
import * as fc from 'fast-check'
import type { Condition, MachineCondition, VariableOperator } from '../../server/sequence/condition.ts'
import { emptyEnvironment, setVariables } from '../../server/sequence/environment.ts'
import { compareValues, compareVersions } from '../../server/sequence/compare-values.ts'
import { type ConditionFacts, evaluateCondition } from '../../server/sequence/evaluate-condition.ts'
import { explainFalse } from '../../server/sequence/explain-condition.ts'
import type { MachineAnswer } from '../../server/sequence/inspection.ts'
import { matchesWildcards } from '../../server/sequence/match-wildcards.ts'

const holds = test.macro((t, variable: string, operator: VariableOperator, value: string, expected: boolean) => {
  t.is(evaluateCondition({ kind: 'variable', variable, operator, value }, facts()), expected)
})

test('S1-023: exists', holds, 'name', 'exists', '', true)
test('S1-023: exists, not set', holds, 'Nothing', 'exists', '', false)
test('S1-023: not-exists', holds, 'Nothing', 'not-exists', '', true)
test('S1-055: equals is case-blind', holds, 'Name', 'equals', 'LAB-9', true)
test('S1-055: equals compares text, not numbers', holds, 'Seven', 'equals', '007', false)
test('S1-023: equals, not set', holds, 'Nothing', 'equals', 'true', false)
test('S1-023: not-equals', holds, 'Name', 'not-equals', 'other', true)
test('S4-022: not-equals holds when the variable is not set', holds, '_SMSTSBootUEFI', 'not-equals', 'true', true)
test('S1-023: less compares numbers as numbers', holds, 'Seven', 'less', '10', true)
test('S1-023: less compares text as text', holds, 'Name', 'less', 'lab-91', true)
test('S1-023: less, not set', holds, 'Nothing', 'less', '10', false)
test('S1-023: less-equal', holds, 'Seven', 'less-equal', '7.0', true)
test('S1-023: greater', holds, 'Seven', 'greater', '-8', true)
test('S1-023: greater, not set', holds, 'Nothing', 'greater', '-1', false)
test('S1-023: greater-equal', holds, 'Seven', 'greater-equal', '7.01', false)
test('S1-023: like', holds, 'Model', 'like', 'dell*900?', true)
test('S1-023: not-like', holds, 'Model', 'not-like', 'HP*', true)
test('S1-023: not-like holds when the variable is not set', holds, 'Nothing', 'not-like', 'HP*', true)
test('S1-060: the value may name another variable', holds, 'Name', 'equals', 'lab-%Nine%', true)

test('S1-022: All, Any and None, and they nest', (t) => {
  const yes: Condition = { kind: 'variable', variable: 'Name', operator: 'exists', value: '' }
  const no: Condition = { kind: 'variable', variable: 'Name', operator: 'not-exists', value: '' }
  const table: readonly (readonly ['all' | 'any' | 'none', readonly Condition[], boolean])[] = [
    ['all', [yes, yes], true],
    ['all', [yes, no], false],
    ['any', [no, yes], true],
    ['any', [no, no], false],
    ['none', [no, no], true],
    ['none', [no, yes], false],
    ['all', [yes, { kind: 'none', conditions: [{ kind: 'any', conditions: [no, no] }] }], true],
  ]
  for (const [kind, conditions, expected] of table) {
    t.is(evaluateCondition({ kind, conditions }, facts()), expected, JSON.stringify({ kind, conditions }))
  }
})

test('S1-023: order is a total order over numbers of any length', (t) => {
  const sorted = ['-100000000000000000001', '-100000000000000000000', '-0.5', '0', '0.05', '0.5', '9', '10', '10.1']
  for (const [index, first] of sorted.entries()) {
    for (const second of sorted.slice(index + 1)) {
      t.true(compareValues(first, second) < 0, `${first} < ${second}`)
      t.true(compareValues(second, first) > 0, `${second} > ${first}`)
    }
  }
  for (const same of ['0', '-0', '+0.0', ' 00 ']) t.is(Math.abs(compareValues('0', same)), 0, same)
})

type Asked = readonly [condition: MachineCondition, answer: MachineAnswer, expected: boolean]

const debian: MachineAnswer = {
  kind: 'os-version',
  system: 'ubuntu',
  like: ['debian'],
  version: '24.04',
  architecture: 'x64',
}
const aFile: MachineAnswer = { kind: 'path', found: 'file', modifiedAt: '2026-01-31T08:00:00Z' }
const program: MachineAnswer = {
  kind: 'path',
  found: 'file',
  modifiedAt: '2026-01-31T08:00:00Z',
  version: '10.0.19041.1',
}
const aFolder: MachineAnswer = { kind: 'path', found: 'folder', modifiedAt: '2026-01-31T08:00:00Z' }
const nothing: MachineAnswer = { kind: 'path', found: 'nothing' }
const dword: MachineAnswer = { kind: 'registry', exists: true, type: 'REG_DWORD', data: '10' }
const noValue: MachineAnswer = { kind: 'registry', exists: false }
const value = { kind: 'registry', key: 'k', valueName: 'v', data: '' } as const
const at = '2026-01-31T08:00:00Z'

const machine = test.macro((t, ...rows: Asked[]) => {
  for (const [condition, answer, expected] of rows) {
    const shown = JSON.stringify([condition, answer])
    t.is(evaluateCondition(condition, facts(new Map([[condition, answer]]))), expected, shown)
    t.is(evaluateCondition(condition, facts(new Map([[condition, unavailable]]))), false, shown)
    t.is(evaluateCondition(condition, facts()), undefined, shown)
  }
})

const unavailable: MachineAnswer = { kind: 'unavailable', reason: 'nobody knows' }

test(
  'S1-023: os-version',
  machine,
  [{ kind: 'os-version', system: 'Ubuntu' }, debian, true],
  [{ kind: 'os-version', system: 'debian' }, debian, true],
  [{ kind: 'os-version', system: 'windows' }, debian, false],
  [{ kind: 'os-version', system: 'ubuntu', architecture: 'x64' }, debian, true],
  [{ kind: 'os-version', system: 'ubuntu', architecture: 'arm64' }, debian, false],
  [{ kind: 'os-version', system: 'ubuntu', version: { operator: 'greater-equal', value: '24.4' } }, debian, true],
  // Ubuntu's numbers are not Debian's.
  [{ kind: 'os-version', system: 'debian', version: { operator: 'greater-equal', value: '12' } }, debian, false],
  [
    { kind: 'os-version', system: 'arch', version: { operator: 'less', value: '1' } },
    { ...debian, system: 'arch', version: '' },
    false,
  ],
)
test(
  'S1-023: os-language',
  machine,
  [{ kind: 'os-language', language: 'DE' }, { kind: 'os-language', language: 'de-AT' }, true],
  [{ kind: 'os-language', language: 'de-AT' }, { kind: 'os-language', language: 'de-AT' }, true],
  [{ kind: 'os-language', language: 'de-AT' }, { kind: 'os-language', language: 'de' }, false],
)
test(
  'S1-023: file, with version and time',
  machine,
  [{ kind: 'file', path: 'f' }, aFile, true],
  [{ kind: 'file', path: 'f' }, nothing, false],
  [{ kind: 'file', path: 'f' }, aFolder, false],
  [{ kind: 'file', path: 'f', version: { operator: 'equals', value: '10.0.19041.1' } }, program, true],
  [{ kind: 'file', path: 'f', version: { operator: 'greater', value: '10.0.9' } }, program, true],
  [{ kind: 'file', path: 'f', version: { operator: 'not-equals', value: '1' } }, aFile, false],
  [{ kind: 'file', path: 'f', modified: { operator: 'less-equal', at } }, aFile, true],
  [{ kind: 'file', path: 'f', modified: { operator: 'less', at } }, aFile, false],
  [{ kind: 'file', path: 'f', modified: { operator: 'not-equals', at } }, nothing, false],
)
test(
  'S1-023: folder, with time',
  machine,
  [{ kind: 'folder', path: 'f' }, aFolder, true],
  [{ kind: 'folder', path: 'f' }, aFile, false],
  [{ kind: 'folder', path: 'f', modified: { operator: 'greater', at: '2025-12-31T00:00:00Z' } }, aFolder, true],
)
test(
  'S1-023: the type of a registry value counts for exists and not-exists only',
  machine,
  [{ ...value, operator: 'exists' }, dword, true],
  [{ ...value, operator: 'exists', type: 'REG_SZ' }, dword, false],
  [{ ...value, operator: 'not-exists', type: 'REG_SZ' }, dword, true],
  [{ ...value, operator: 'not-exists' }, noValue, true],
  [{ ...value, operator: 'equals', type: 'REG_SZ', data: '10' }, dword, true],
  [{ ...value, operator: 'not-equals', data: '10' }, dword, false],
  [{ ...value, operator: 'greater', type: 'REG_SZ', data: '%Nine%' }, dword, true],
  [{ ...value, operator: 'less-equal', data: '9' }, dword, false],
  [{ ...value, operator: 'not-equals', data: '10' }, noValue, false],
)
test(
  'S1-023: a WMI query holds when it finds something',
  machine,
  [{ kind: 'wmi', namespace: 'n', query: 'q' }, { kind: 'wmi', rows: 2 }, true],
  [{ kind: 'wmi', namespace: 'n', query: 'q' }, { kind: 'wmi', rows: 0 }, false],
)
test(
  'S1-023: software is installed, in one version at least that fits',
  machine,
  [{ kind: 'software', productCode: 'c' }, { kind: 'software', versions: ['1'] }, true],
  [{ kind: 'software', package: 'p' }, { kind: 'software', versions: [] }, false],
  [
    { kind: 'software', package: 'p', version: { operator: 'less', value: '6.2' } },
    { kind: 'software', versions: ['6.10', '6.1'] },
    true,
  ],
  [
    { kind: 'software', package: 'p', version: { operator: 'less', value: '6.1' } },
    { kind: 'software', versions: ['6.10', '6.1'] },
    false,
  ],
)

test('S1-022: what is decided without the machine is decided, what is not waits', (t) => {
  const yes: Condition = { kind: 'variable', variable: 'Name', operator: 'exists', value: '' }
  const no: Condition = { kind: 'none', conditions: [yes] }
  const asks: Condition = { kind: 'folder', path: 'f' }
  const table: readonly (readonly ['all' | 'any' | 'none', readonly Condition[], boolean | undefined])[] = [
    ['all', [asks, yes], undefined],
    ['all', [asks, no], false],
    ['any', [asks, yes], true],
    ['any', [asks, no], undefined],
    ['none', [asks, no], undefined],
    ['none', [asks, yes], false],
  ]
  for (const [kind, conditions, expected] of table) {
    t.is(evaluateCondition({ kind, conditions }, facts()), expected, JSON.stringify({ kind, conditions }))
  }
})

test('S1-023: versions have one order', (t) => {
  const sorted = [
    '0~rc1',
    '0.9',
    '1~beta1~svn1',
    '1~beta1',
    '1',
    '1.0.1',
    '1.1a',
    '1.1b',
    '1.1+b',
    '1.2',
    '1.10',
    '1.10-1',
    '1.10-2',
    '2',
    '1:0.1',
  ]
  for (const [index, first] of sorted.entries()) {
    t.is(compareVersions(first, first), 0, first)
    for (const second of sorted.slice(index + 1)) {
      t.true(compareVersions(first, second) < 0, `${first} < ${second}`)
      t.true(compareVersions(second, first) > 0, `${second} > ${first}`)
    }
  }
  for (const same of ['10', '10.0', '010.0.0', '0:10', ' 10 ']) t.is(compareVersions('10', same), 0, same)
})

test('S1-071: what is said about a false condition masks secrets, before it cuts', (t) => {
  const secret = 'x"\\y'.repeat(40)
  const result = setVariables(
    emptyEnvironment,
    [
      { name: 'Pin', value: secret, secret: true },
      { name: 'Copy', value: `Pin is ${secret}`, secret: false },
    ],
    'product',
  )
  if (result.kind !== 'set') return t.fail()
  const file: MachineCondition = { kind: 'file', path: '/%Pin%' }
  const conditions: readonly Condition[] = [
    { kind: 'variable', variable: 'Pin', operator: 'equals', value: '1' },
    { kind: 'variable', variable: 'Copy', operator: 'equals', value: 'x%Pin%' },
    file,
  ]
  const because = explainFalse(
    { kind: 'any', conditions },
    { environment: result.environment, answers: new Map([[file, nothing]]) },
  )
  return t.is(
    because,
    'Pin equals "1" is false: it is "***". Copy equals "x***" is false: it is "Pin is ***". File "/***" is false: it does not exist.',
  )
})

test('S1-023: what is said about a false condition is bounded', (t) => {
  const one: Condition = { kind: 'variable', variable: 'Name', operator: 'equals', value: 'x'.repeat(4_000) }
  const because = explainFalse({ kind: 'any', conditions: Array.from({ length: 257 }, () => one) }, facts())
  t.true(because.length <= 1_000)
  t.regex(because, /And 252 more\.$/)
})

test('S2-023: the published patterns', (t) => {
  t.true(matchesWildcards('DELL-ABC-9001', 'DELL*900?'))
  t.true(matchesWildcards('DELL9009', 'DELL*900?'))
  t.false(matchesWildcards('DELL900', 'DELL*900?'))
  t.true(matchesWildcards('', '*'))
  t.false(matchesWildcards('', '?'))
  t.true(matchesWildcards('a.c', 'A.C'))
  t.false(matchesWildcards('abc', 'a.c'))
  t.true(matchesWildcards('aXbXc', 'a*b**c'))
})

test('the matcher agrees with the plainest one there is', (t) => {
  const letters = (...signs: string[]) => fc.string({ unit: fc.constantFrom(...signs), maxLength: 9 })
  t.notThrows(() =>
    fc.assert(
      fc.property(letters('a', 'b'), letters('a', 'b', '*', '?'), (text, pattern) => {
        return matchesWildcards(text, pattern) === plainly(text, pattern)
      }),
      { numRuns: 2_000 },
    ),
  )
})

test('D11: patterns made to hold up a matcher are answered', (t) => {
  const text = 'a'.repeat(4_000)
  t.false(matchesWildcards(text, `${'a*'.repeat(1_999)}b`))
  t.false(matchesWildcards(text, `*${'a'.repeat(2_000)}b`))
  t.false(matchesWildcards(text, `${'*?'.repeat(50_000)}b`))
  t.true(matchesWildcards('x'.repeat(100_000), '*'.repeat(100_000)))
})

function plainly(text: string, pattern: string): boolean {
  const sign = pattern[0]
  if (sign === undefined) return text === ''
  if (sign === '*') return plainly(text, pattern.slice(1)) || (text !== '' && plainly(text.slice(1), pattern))
  return text !== '' && (sign === '?' || sign === text[0]) && plainly(text.slice(1), pattern.slice(1))
}

function facts(answers: ReadonlyMap<MachineCondition, MachineAnswer> = new Map()): ConditionFacts {
  return { environment: environment(), answers }
}

function environment() {
  const values = { Name: 'Lab-9', Nine: '9', Seven: '7', Model: 'DELL-ABC-9001' }
  const assignments = Object.entries(values).map(([name, value]) => ({ name, value, secret: false }))
  const result = setVariables(emptyEnvironment, assignments, 'product')
  return result.kind === 'set' ? result.environment : emptyEnvironment
}
