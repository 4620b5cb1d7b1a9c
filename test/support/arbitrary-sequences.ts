/**
 * Random task sequence documents for properties: small trees of groups and steps, with conditions and settings. Two children
 * stand behind their steps Run Task Sequence; the second one runs the first.
 */

import * as fc from 'fast-check'
import { parsePackageId, type PackageId } from '../../server/address/identifiers.ts'
import { expandSequence } from '../../server/sequence/expand-sequence.ts'
import type { TaskSequence } from '../../server/sequence/task-sequence.ts'
import { childStep, commandStep, sequenceOf } from './sequences.ts'

const variableName = fc.constantFrom('A', 'B', 'C', 'Nothing')
const text = fc.constantFrom('', '1', '10', 'lab', '%A%', '%B%%B%')

const variableCondition = fc.record({
  variable: variableName,
  operator: fc.constantFrom(
    'exists',
    'not-exists',
    'equals',
    'not-equals',
    'less',
    'greater-equal',
    'like',
    'not-like',
  ),
  value: text,
})

const machineCondition = fc.constantFrom(
  { kind: 'file', path: '/%A%' },
  { kind: 'folder', path: '/srv', modified: { operator: 'less', at: '2026-01-01' } },
  { kind: 'registry', key: 'HKLM', operator: 'not-exists' },
  { kind: 'software', package: 'vim', version: { operator: 'greater', value: '2' } },
  { kind: 'os-version', system: 'debian' },
  { kind: 'os-language', language: 'de' },
  { kind: 'wmi', query: 'SELECT * FROM Win32_BIOS' },
)

const oneCondition = fc.oneof({ weight: 3, arbitrary: variableCondition }, { weight: 1, arbitrary: machineCondition })

const condition = fc.oneof(
  oneCondition,
  fc.array(oneCondition, { minLength: 1, maxLength: 3 }),
  fc.record({
    kind: fc.constantFrom('all', 'any', 'none'),
    conditions: fc.array(oneCondition, { minLength: 1, maxLength: 3 }),
  }),
)

const action = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('run-command-line'), commandLine: fc.constantFrom('run', '%A%') }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('set-task-sequence-variable'), variable: variableName, value: text }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('setup-windows-and-configmgr') }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('format-and-partition-disk'), partitions: fc.constant([{}]) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('restart-computer'),
      target: fc.constantFrom('boot-image', 'installed-system'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('run-task-sequence'),
      taskSequenceId: fc.constantFrom('RVL00002', 'RVL00003'),
    }),
  },
)

const settings = {
  name: fc.constantFrom('One', 'Two', 'Three'),
  disabled: fc.boolean(),
  continueOnError: fc.boolean(),
  condition,
}

const step = fc.record({ ...settings, timeoutSeconds: fc.constant(60), action }, { requiredKeys: ['action'] })

const { node } = fc.letrec<{ node: unknown; group: unknown }>((tie) => ({
  node: fc.oneof({ depthSize: 'small', withCrossShrink: true }, { weight: 3, arbitrary: step }, tie('group')),
  group: fc.record({ ...settings, children: fc.array(tie('node'), { maxLength: 4 }) }, { requiredKeys: ['children'] }),
}))

export const arbitraryDocument: fc.Arbitrary<unknown> = fc.record({
  name: fc.constant('Random'),
  children: fc.array(node, { maxLength: 5 }),
})

export interface Children {
  /** RVL00002 is disabled where it is deployed (S1-033). */
  readonly isDisabled: boolean
}

/** The document as a run has it: its children in their places. */
export function expandedSequence(document: unknown, { isDisabled }: Children): TaskSequence {
  const first = [commandStep('In a child', { continueOnError: true }), commandStep('And another')]
  const second = [childStep('First', 'RVL00002'), { name: 'G', children: [commandStep('Last')] }]
  const objects = new Map(
    [
      { text: 'RVL00002', name: 'First', children: first, enabled: !isDisabled },
      { text: 'RVL00003', name: 'Second', children: second, enabled: true },
    ].map(({ text, name, children, enabled }) => {
      const id = idOf(text)
      return [id, { id, enabled, revision: 1, sequence: sequenceOf({ name, children }) }]
    }),
  )
  const expanded = expandSequence({ sequence: sequenceOf(document) }, (id) => objects.get(id))
  if (expanded.kind === 'expanded') return expanded.sequence
  throw new Error(JSON.stringify(expanded.faults))
}

function idOf(text: string): PackageId {
  const id = parsePackageId(text)
  if (id === undefined) throw new Error(text)
  return id
}
