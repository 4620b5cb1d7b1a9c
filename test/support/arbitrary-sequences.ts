/** Random task sequence documents for properties: small trees of groups and steps, with conditions and settings. */

import * as fc from 'fast-check'

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

const condition = fc.oneof(
  variableCondition,
  fc.array(variableCondition, { minLength: 1, maxLength: 3 }),
  fc.record({
    kind: fc.constantFrom('all', 'any', 'none'),
    conditions: fc.array(variableCondition, { minLength: 1, maxLength: 3 }),
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
