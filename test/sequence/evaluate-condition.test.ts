/** Conditions: one table for the operators, one for All, Any and None. */

import test from 'ava'
import * as fc from 'fast-check'
import type { Condition, VariableOperator } from '../../server/sequence/condition.ts'
import { emptyEnvironment, setVariables } from '../../server/sequence/environment.ts'
import { compareValues, evaluateCondition } from '../../server/sequence/evaluate-condition.ts'
import { matchesWildcards } from '../../server/sequence/match-wildcards.ts'

const holds = test.macro((t, variable: string, operator: VariableOperator, value: string, expected: boolean) => {
  t.is(evaluateCondition({ kind: 'variable', variable, operator, value }, environment()), expected)
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
    t.is(evaluateCondition({ kind, conditions }, environment()), expected, JSON.stringify({ kind, conditions }))
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

function environment() {
  const values = { Name: 'Lab-9', Nine: '9', Seven: '7', Model: 'DELL-ABC-9001' }
  const assignments = Object.entries(values).map(([name, value]) => ({ name, value, secret: false }))
  const result = setVariables(emptyEnvironment, assignments, 'product')
  return result.kind === 'set' ? result.environment : emptyEnvironment
}
