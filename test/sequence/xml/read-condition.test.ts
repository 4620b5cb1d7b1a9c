/** Conditions as the source system writes them: what each becomes, and what is said of those that have no counterpart. */

import test from 'ava'
import { decodeScript, encodeScript } from '../../../server/sequence/xml/base64.ts'
import { timeFromCim, timeToCim } from '../../../server/sequence/xml/cim-time.ts'
import { type XmlElement, xmlElement } from '../../../server/sequence/xml/element.ts'
import { readCondition } from '../../../server/sequence/xml/read-condition.ts'

const expression = (kind: string, values: Readonly<Record<string, string>>): XmlElement =>
  xmlElement('expression', {
    attributes: { type: kind === '' ? '' : `SMS_TaskSequence_${kind}ConditionExpression` },
    children: Object.entries(values).map(([name, text]) => xmlElement('variable', { attributes: { name }, text })),
  })
const operator = (type: string, ...children: readonly XmlElement[]) =>
  xmlElement('operator', { attributes: { type }, children })
const set = expression('Variable', { Variable: 'Site', Operator: 'exists' })
const site = { kind: 'variable', variable: 'Site', operator: 'exists' }

function read(...operands: readonly XmlElement[]) {
  const notes: string[] = []
  const step = xmlElement('step', { children: [xmlElement('condition', { children: operands })] })
  return {
    condition: readCondition(step, (text) => notes.push(text)),
    notes,
  }
}

const becomes = test.macro((t, operands: readonly XmlElement[], expected: object | undefined) => {
  t.deepEqual<unknown, unknown>(read(...operands), { condition: expected, notes: [] })
})

test('S11-001: an empty condition is none', becomes, [], undefined)
test('S11-001: one operand stands alone', becomes, [set], site)
test('S1-022: several operands are an implicit And', becomes, [set, set], { kind: 'all', conditions: [site, site] })
for (const [type, kind] of [
  ['and', 'all'],
  ['OR', 'any'],
  ['not', 'none'],
] as const) {
  test(`S1-022: the operator ${type}`, becomes, [operator(type, set)], { kind, conditions: [site] })
}
test(
  'S1-023: operators of two words',
  becomes,
  [expression('Variable', { Variable: 'N', Operator: 'greaterEqual', Value: '7' })],
  { kind: 'variable', variable: 'N', operator: 'greater-equal', value: '7' },
)
test(
  'S1-023: an operator that asks for existence needs no value',
  becomes,
  [expression('Variable', { Variable: 'N', Operator: ' notExists ', Value: 'left over' })],
  { kind: 'variable', variable: 'N', operator: 'not-exists' },
)
test(
  'S1-023: a query in a namespace of its own',
  becomes,
  [expression('WMI', { Namespace: 'root\\wmi', Query: 'SELECT * FROM X' })],
  { kind: 'wmi', namespace: 'root\\wmi', query: 'SELECT * FROM X' },
)
test('S1-023: a query without one', becomes, [expression('WMI', { Query: 'SELECT * FROM X' })], {
  kind: 'wmi',
  query: 'SELECT * FROM X',
})
test(
  'S1-023: a file with version and time',
  becomes,
  [
    expression('File', {
      Path: 'C:\\a',
      Version: '1.0',
      VersionOperator: 'less',
      DateTime: '20260131080000.000000+***',
      DateTimeOperator: 'greater',
    }),
  ],
  {
    kind: 'file',
    path: 'C:\\a',
    version: { operator: 'less', value: '1.0' },
    modified: { operator: 'greater', at: '2026-01-31T08:00:00Z' },
  },
)
test(
  'S1-023: without operators a file is compared for equality',
  becomes,
  [expression('File', { Path: 'C:\\a', Version: '1.0', DateTime: '20260131080000' })],
  {
    kind: 'file',
    path: 'C:\\a',
    version: { operator: 'equals', value: '1.0' },
    modified: { operator: 'equals', at: '2026-01-31T08:00:00Z' },
  },
)
test('S1-023: a folder', becomes, [expression('Folder', { Path: 'C:\\a' })], { kind: 'folder', path: 'C:\\a' })
test(
  'S1-023: a registry value with its type',
  becomes,
  [expression('Registry', { KeyPath: 'HKLM\\a', Value: 'b', Operator: 'equals', Type: 'reg_sz', Data: 'c' })],
  { kind: 'registry', key: 'HKLM\\a', valueName: 'b', operator: 'equals', type: 'REG_SZ', data: 'c' },
)
test(
  'S1-023: a registry value without a type',
  becomes,
  [expression('Registry', { KeyPath: 'HKLM\\a', Operator: 'exists' })],
  { kind: 'registry', key: 'HKLM\\a', valueName: '', operator: 'exists', data: '' },
)
test(
  'S1-023: any version of a product',
  becomes,
  [expression('Software', { Operator: 'AnyVersion', ProductCode: '{P}', UpgradeCode: '{U}' })],
  { kind: 'software', upgradeCode: '{U}' },
)
test(
  'S1-023: this version of a product',
  becomes,
  [expression('Software', { Operator: 'ThisVersion', ProductCode: '{P}', UpgradeCode: '{U}' })],
  { kind: 'software', productCode: '{P}' },
)

const never = test.macro((t, operand: XmlElement, what: string) => {
  const { condition, notes } = read(operand)
  t.deepEqual(notes, [`${what} has no counterpart; a condition that never holds stands in its place`])
  t.true(JSON.stringify(condition).includes(what), 'the condition says what stood in its place')
})

test('S11-001: an unknown element', never, xmlElement('loop'), 'the element loop')
test('S11-001: an unknown operator', never, operator('xor', set), 'the operator xor')
test('S11-001: an operator about nothing', never, operator('or'), 'an operator or about nothing')
test('S11-001: an expression without a type', never, expression('', {}), 'an expression without a type')
test('S11-001: an unknown expression', never, expression('Cloud', {}), 'SMS_TaskSequence_CloudConditionExpression')
test(
  'S11-001: a comparison that nobody knows',
  never,
  expression('Variable', { Variable: 'N', Operator: 'soundsLike' }),
  'SMS_TaskSequence_VariableConditionExpression',
)
test(
  'S11-001: software without a code',
  never,
  expression('Software', { Operator: 'ThisVersion' }),
  'SMS_TaskSequence_SoftwareConditionExpression',
)
test(
  'S11-001: a system without its query',
  never,
  xmlElement('osExpressionGroup', { attributes: { Name: 'Windows 10' } }),
  'the system Windows 10, without the query that it stands for',
)

test('S11-001: a system is its queries, one or several', (t) => {
  const query = expression('WMI', { Query: 'SELECT 1' })
  const wmi = { kind: 'wmi', query: 'SELECT 1' }
  const group = (...children: readonly XmlElement[]) => xmlElement('osExpressionGroup', { children })
  t.deepEqual<unknown, unknown>(read(group(query)).condition, wmi)
  t.deepEqual<unknown, unknown>(read(group(query, query)).condition, { kind: 'all', conditions: [wmi, wmi] })
})

test('S11-001: a time that is not understood is left out, and that is said', (t) => {
  const { condition, notes } = read(expression('Folder', { Path: 'C:\\a', DateTime: 'yesterday' }))
  t.deepEqual<unknown, unknown>(condition, { kind: 'folder', path: 'C:\\a' })
  t.deepEqual(notes, ['the time yesterday is not understood, so the condition no longer asks for it'])
})

test('times: UTC in both forms, and no other offset', (t) => {
  for (const same of [
    '20260131080000',
    ' 20260131080000.000000+*** ',
    '20260131080000.000000+000',
    '20260131080000.000000',
  ]) {
    t.is(timeFromCim(same), '2026-01-31T08:00:00Z', same)
  }
  for (const other of ['20260131080000.000000+060', '2026-01-31', 'x20260131080000', '20260131080000x', ''])
    t.is(timeFromCim(other), undefined, other)
  t.is(timeToCim('2026-01-31T08:00:00Z'), '20260131080000.000000+***')
})

test('scripts: what is encoded comes back, in all lengths, and what is no such text is refused', (t) => {
  for (const text of ['', 'a', 'ab', 'abc', 'Ünïcödé \u{1F600}\r\n']) t.is(decodeScript(encodeScript(text)), text)
  t.is(encodeScript('a'), 'YQA=')
  t.is(encodeScript('ab'), 'YQBiAA==')
  t.is(decodeScript('YQ Bi\r\nAA=='), 'ab')
  t.is(decodeScript('//5hAA=='), 'a')
  // A byte order mark counts at the beginning only.
  t.is(decodeScript(encodeScript('a\uFEFFb')), 'a\uFEFFb')
  for (const other of ['YQA', 'YQ=A', '!QA=', 'YQAA', 'YQ==', '====', 'YQA=YQA='])
    t.is(decodeScript(other), undefined, other)
})
