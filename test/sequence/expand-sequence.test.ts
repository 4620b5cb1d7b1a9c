/** Child task sequences put in their places, and those that are refused. */

import test from 'ava'
import { parsePackageId, type PackageId } from '../../server/address/identifiers.ts'
import { childDepthMax, childSequences, expandSequence } from '../../server/sequence/expand-sequence.ts'
import { flattenNodes } from '../../server/sequence/progress.ts'
import type { TaskSequenceObject } from '../../server/sequence/task-sequence-object.ts'
import { childStep, commandStep, sequenceOf } from '../support/sequences.ts'

function idOf(text: string): PackageId {
  const id = parsePackageId(text)
  if (id === undefined) throw new Error(text)
  return id
}

function object(id: string, name: string, children: readonly unknown[], more: Partial<TaskSequenceObject> = {}) {
  return { id: idOf(id), enabled: true, revision: 3, sequence: sequenceOf({ name, children }), ...more }
}

function expand(parent: TaskSequenceObject, ...others: readonly TaskSequenceObject[]) {
  const known = new Map([parent, ...others].map((one) => [one.id, one]))
  return expandSequence(parent, (id) => known.get(id))
}

const tools = object('RVL00002', 'Tools', [
  commandStep('Editor'),
  { name: 'More', children: [commandStep('Compiler')] },
])

test("S1-085: the steps of a child stand in its place, under the step's own settings", (t) => {
  const condition = { kind: 'variable', variable: 'A', operator: 'exists', value: '' } as const
  const step = childStep('Install tools', 'RVL00002', { description: 'd', continueOnError: true, condition })
  const parent = object('RVL00001', 'Parent', [commandStep('First'), { name: 'G', children: [step] }])
  const expanded = expand(parent, tools)
  t.is(expanded.kind, 'expanded')
  if (expanded.kind !== 'expanded') return
  t.deepEqual(
    flattenNodes(expanded.sequence).map(({ path, node }) => `${path.join('.')} ${node.kind} ${node.name}`),
    [
      '0 step First',
      '1 group G',
      '1.0 group Install tools',
      '1.0.0 step Editor',
      '1.0.1 group More',
      '1.0.1.0 step Compiler',
    ],
  )
  const group = flattenNodes(expanded.sequence)[2]?.node
  t.like(group, { description: 'd', continueOnError: true, disabled: false, condition })
  t.deepEqual(group?.kind === 'group' && group.taskSequence, {
    id: tools.id,
    name: 'Tools',
    revision: 3,
    enabled: true,
  })
  // The stored documents stay as they are.
  t.deepEqual(childSequences(parent.sequence.children), [tools.id])
})

test('S1-085: a child stands in every place that names it, and brings its own children', (t) => {
  const middle = object('RVL00003', 'Middle', [childStep('Tools', 'RVL00002')], { enabled: false })
  const expanded = expand(
    object('RVL00001', 'Parent', [childStep('A', 'RVL00003'), childStep('B', 'RVL00002')]),
    middle,
    tools,
  )
  if (expanded.kind !== 'expanded') return t.fail()
  const names = flattenNodes(expanded.sequence).map(({ path, node }) => `${path.join('.')} ${node.name}`)
  return t.deepEqual(names, [
    '0 A',
    '0.0 Tools',
    '0.0.0 Editor',
    '0.0.1 More',
    '0.0.1.0 Compiler',
    '1 B',
    '1.0 Editor',
    '1.1 More',
    '1.1.0 Compiler',
  ])
})

test('S1-096: what is disabled refers to nobody', (t) => {
  const gone = childStep('Gone', 'RVL00009', { disabled: true })
  const below = { name: 'G', disabled: true, children: [childStep('Gone too', 'RVL00009')] }
  const parent = object('RVL00001', 'Parent', [gone, below])
  t.deepEqual(childSequences(parent.sequence.children), [])
  t.is(expand(parent).kind, 'expanded')
})

const refused = test.macro((t, objects: readonly TaskSequenceObject[], ...expected: string[]) => {
  const [parent, ...others] = objects
  if (parent === undefined) return t.fail()
  const expanded = expand(parent, ...others)
  return t.deepEqual(
    expanded.kind === 'refused' ? expanded.faults.map(({ path, message }) => `${path}: ${message}`) : [],
    expected,
  )
})

test(
  'S1-086: a sequence does not run itself',
  refused,
  [object('RVL00001', 'A', [commandStep('One'), { name: 'G', children: [childStep('Again', 'RVL00001')] }])],
  'children[1].children[0].action.taskSequenceId: A > A: a task sequence cannot run itself.',
)
test(
  'S1-086: nor by way of others, and the chain is named',
  refused,
  [
    object('RVL00001', 'A', [childStep('B', 'RVL00002')]),
    object('RVL00002', 'B', [commandStep('x'), childStep('C', 'RVL00003')]),
    object('RVL00003', 'C', [childStep('A', 'RVL00001')]),
  ],
  'children[0].action.taskSequenceId: A > B > C > A: a task sequence cannot run itself.',
)
test(
  'S1-086: a child with a boot image is refused',
  refused,
  [
    object('RVL00001', 'A', [childStep('B', 'RVL00002')]),
    object('RVL00002', 'B', [], { bootImageId: idOf('RVL00007') }),
  ],
  'children[0].action.taskSequenceId: A > B: a task sequence that has a boot image cannot be run by another one.',
)
test(
  'S1-074: a child that is not there is refused',
  refused,
  [object('RVL00001', 'A', [childStep('B', 'RVL00002')])],
  'children[0].action.taskSequenceId: A > RVL00002: there is no such task sequence.',
)

test('S1-086: sequences run one another to a bounded depth', (t) => {
  const idAt = (index: number): PackageId => idOf(`RVL00${(256 + index).toString(16).toUpperCase()}`)
  const objects = (length: number) =>
    Array.from({ length }, (_, index) => {
      const next = index + 1 < length ? [childStep('Next', idAt(index + 1))] : []
      return object(idAt(index), `S${index}`, next)
    })
  const outcome = (length: number) => {
    const [parent, ...others] = objects(length)
    return parent === undefined ? undefined : expand(parent, ...others).kind
  }
  t.is(outcome(childDepthMax), 'expanded')
  t.is(outcome(childDepthMax + 1), 'refused')
})

test('children that multiply are stopped', (t) => {
  const idAt = (index: number): PackageId => idOf(`RVL00${(256 + index).toString(16).toUpperCase()}`)
  const [parent, ...others] = Array.from({ length: 10 }, (_, level) =>
    object(
      idAt(level),
      `S${level}`,
      Array.from({ length: 100 }, () => (level < 9 ? childStep('Next', idAt(level + 1)) : commandStep('x'))),
    ),
  )
  if (parent === undefined) return t.fail()
  const expanded = expand(parent, ...others)
  return t.is(expanded.kind === 'refused' && expanded.faults.length <= 100, true)
})
