/** Task sequence variables: names, limits, secrets, and `%name%` in texts. */

import test from 'ava'
import {
  type Environment,
  emptyEnvironment,
  environmentBytesMax,
  getVariable,
  refuseName,
  setVariables,
  type Variable,
  type VariableAuthority,
  valueOf,
} from '../../server/sequence/environment.ts'
import { changedVariables, maskSecrets } from '../../server/sequence/mask-secrets.ts'
import { mentionsSecret, substitute, substituteMasked } from '../../server/sequence/substitute.ts'

test('S1-051 S1-052: names start with a letter and hold letters, digits, "_" and "-"', (t) => {
  for (const name of [
    'MyVariable',
    'My_Variable',
    'My_Variable_2',
    'a',
    'a-b',
    ' Spaces ',
    'constructor',
    'x'.repeat(256),
  ]) {
    t.is(refuseName(name, 'step'), undefined, name)
  }
  for (const name of ['1Variable', 'MyV@riable', '', ' ', 'My Variable', 'Ä', 'a\n', 'x'.repeat(257), '-a']) {
    // A line end counts as a space at the end, which is dropped.
    const expected = name === 'a\n' ? undefined : 'bad-variable-name'
    t.is(refuseName(name, 'step')?.code, expected, JSON.stringify(name))
  }
})

test('S1-052 S1-058: names with "_" in front are for the product, not for steps', (t) => {
  t.is(refuseName('_MyVariable', 'step')?.code, 'read-only-variable')
  t.is(refuseName('_MyVariable', 'product'), undefined)
  t.is(refuseName('_SMSTSInWinPE', 'engine'), undefined)
})

test('S1-051: names are case-blind, and keep the spelling they were first set with', (t) => {
  const environment = set([variable('OSDComputerName', 'a'), variable(' osdcomputername ', 'b')])
  t.deepEqual(changedVariables(emptyEnvironment, environment), [variable('OSDComputerName', 'b')])
  t.is(valueOf(environment, 'OSDCOMPUTERNAME'), 'b')
})

test('S1-054: the empty value deletes', (t) => {
  const environment = set([variable('A', '1'), variable('B', '2'), variable('a', '')])
  t.is(getVariable(environment, 'A'), undefined)
  t.is(valueOf(environment, 'A'), '')
  t.deepEqual(environment.variables, [variable('B', '2')])
})

test('S1-053: a value has at most 4,000 characters', (t) => {
  t.is(setVariables(emptyEnvironment, [variable('A', 'x'.repeat(4_000))], 'step').kind, 'set')
  const refused = setVariables(emptyEnvironment, [variable('A', 'x'.repeat(4_001))], 'step')
  t.is(refused.kind === 'refused' && refused.code, 'value-too-long')
})

test('S1-053: all variables together have at most 32 MB, and there is no limit to their number', (t) => {
  const count = Math.floor(environmentBytesMax / (2 * (4_000 + 6)))
  const full = set(Array.from({ length: count }, (_, index) => variable(`V${10_000 + index}`, 'x'.repeat(4_000))))
  const more = [variable('More', 'x'.repeat(4_000))]
  const refused = setVariables(full, more, 'product')
  t.is(refused.kind === 'refused' && refused.code, 'environment-full')
  t.is(setVariables(full, more, 'engine').kind, 'set')
  t.is(setVariables(full, [variable('V10000', ''), ...more], 'step').kind, 'set')
})

test('S1-054: an older environment stays as it was, whatever becomes of newer ones', (t) => {
  const first = set([variable('A', '1'), variable('B', '2'), variable('C', '3')])
  const second = set([variable('A', ''), variable('D', '4')], 'product', first)
  const third = set([variable('B', ''), variable('E', '5')], 'product', first)
  const texts = (environment: Environment) =>
    ['a', 'b', 'c', 'd', 'e'].map((name) => valueOf(environment, name)).join(' ')
  t.is(texts(second), ' 2 3 4 ')
  t.is(texts(third), '1  3  5')
  t.is(texts(first), '1 2 3  ')
  t.is(texts(set([variable('C', '6')], 'product', second)), ' 2 6 4 ')
})

test('all assignments are taken, or none', (t) => {
  const before = set([variable('A', '1')])
  t.is(setVariables(before, [variable('A', '2'), variable('_B', '2')], 'step').kind, 'refused')
  t.is(valueOf(before, 'A'), '1')
})

test('inherited properties are no variables, and __proto__ is a name like any other', (t) => {
  for (const name of ['constructor', 'toString', '__proto__'])
    t.is(getVariable(emptyEnvironment, name), undefined, name)
  const environment = set([variable('__proto__', 'x'), variable('constructor', 'y')], 'engine')
  const restored: Environment = JSON.parse(JSON.stringify(environment))
  t.is(valueOf(restored, '__proto__'), 'x')
  t.is(substitute('%constructor%%toString%', restored), 'y%toString%')
})

test('S1-071: a secret stays one until it is deleted and set again', (t) => {
  const secret = set([{ name: 'A', value: '1', secret: true }, variable('A', '2')])
  t.deepEqual(changedVariables(emptyEnvironment, secret), [{ name: 'A', value: '***', secret: true }])
  const again = set([{ name: 'A', value: '1', secret: true }, variable('A', ''), variable('A', '2')])
  t.deepEqual(changedVariables(emptyEnvironment, again), [variable('A', '2')])
})

test('S1-071: secrets are masked wherever they stand in a text, overlapping ones together', (t) => {
  const environment = set([
    { name: 'A', value: 'abc', secret: true },
    { name: 'B', value: 'bcd', secret: true },
    { name: 'C', value: 'aa', secret: true },
    variable('D', 'plain'),
  ])
  t.is(maskSecrets('xabcdx plain abc', environment), 'x***x plain ***')
  t.is(maskSecrets('aaa-a', environment), '***-a')
  t.is(maskSecrets('', environment), '')
})

test('S1-071: what a secret was before it was changed or deleted is masked too', (t) => {
  const before = set([{ name: 'A', value: 'old', secret: true }])
  const changed = setVariables(before, [variable('A', 'new')], 'step')
  t.is(changed.kind === 'set' && maskSecrets('old new', changed.environment), '*** ***')
  const passing = { name: 'A', value: 'passing', secret: true }
  const twice = setVariables(before, [passing, variable('A', 'new')], 'step')
  t.is(twice.kind === 'set' && maskSecrets('old passing new', twice.environment), '*** *** ***')
  const deleted = setVariables(before, [variable('A', '')], 'step')
  t.is(deleted.kind === 'set' && maskSecrets('old', deleted.environment), '***')
})

test('changes are shown with their secrets masked, deletions as empty', (t) => {
  const before = set([variable('A', '1'), variable('B', '1'), { name: 'S', value: '1', secret: true }])
  const result = setVariables(before, [variable('A', ''), variable('S', '2'), variable('N', '3')], 'step')
  t.true(result.kind === 'set')
  if (result.kind !== 'set') return
  t.deepEqual(changedVariables(before, result.environment), [
    { name: 'S', value: '***', secret: true },
    variable('N', '3'),
    variable('A', ''),
  ])
})

const substitution = test.macro((t, text: string, expected: string) => {
  const environment = set([
    variable('Name', 'lab-1'),
    variable('Site', '%Name%'),
    { name: 'Pin', value: '77', secret: true },
  ])
  t.is(substitute(text, environment), expected)
})

test('S1-060: a name is replaced, case-blind', substitution, 'x%name%y%NAME%z', 'xlab-1ylab-1z')
test('S1-060: a value is not looked at again', substitution, '%Site%', '%Name%')
test('S1-060: an unknown name stays as it is', substitution, '%Nobody% and %windir%', '%Nobody% and %windir%')
test('S1-060: a date format and an escaped address stay as they are', substitution, '+%Y%m%d a%20b', '+%Y%m%d a%20b')
test('S1-060: a sign alone stays, and two open no name', substitution, '100%%Name%%', '100%lab-1%')
test('S1-060: spaces are no part of a name in a text', substitution, '5% Name %', '5% Name %')
test('S1-060: the action gets the secret', substitution, 'pin=%Pin%', 'pin=77')

test('S1-071: a text for a screen gets stars, and what is made from a secret is known to be one', (t) => {
  const environment = set([{ name: 'Pin', value: '77', secret: true }, variable('Name', 'lab')])
  t.is(substituteMasked('%Name% %Pin%', environment), 'lab ***')
  t.true(mentionsSecret('%Name% %pin%', environment))
  t.false(mentionsSecret('%Name% pin %', environment))
})

function variable(name: string, value: string): Variable {
  return { name, value, secret: false }
}

function set(
  assignments: readonly Variable[],
  by: VariableAuthority = 'product',
  before: Environment = emptyEnvironment,
): Environment {
  const result = setVariables(before, assignments, by)
  if (result.kind === 'set') return result.environment
  throw new Error(result.message)
}
