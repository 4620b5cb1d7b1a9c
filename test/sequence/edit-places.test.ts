/** Places that an edit may name, and those that are refused; what a refused edit leaves behind is the tree as it was. */

import test from 'ava'
import { editSequence, type SequenceEdit } from '../../server/sequence/edit-sequence.ts'
import type { Node } from '../../server/sequence/task-sequence.ts'
import { commandStep, sequenceOf } from '../support/sequences.ts'

const before = sequenceOf({
  name: 'Edited',
  children: [
    commandStep('a'),
    { name: 'g', children: [commandStep('b'), { name: 'h', children: [commandStep('c')] }] },
    { name: 'k', children: [commandStep('d')] },
  ],
})

const refused = test.macro((t, edit: SequenceEdit, ...expected: string[]) => {
  const result = editSequence(before, [edit])
  t.deepEqual(
    result.kind === 'invalid'
      ? result.faults.map(({ path, code }) => `${path} ${code}`)
      : print(result.sequence.children),
    expected.map((fault) => `edits[0].${fault}`),
  )
})
const becomes = test.macro((t, edit: SequenceEdit, after: string) => {
  const result = editSequence(before, [edit])
  t.is(result.kind === 'edited' ? print(result.sequence.children) : JSON.stringify(result.faults), after)
})

const added = commandStep('n')

test(
  'S1-097: a group is not moved into itself',
  refused,
  { kind: 'move', path: [1], at: { into: [1] } },
  'at contradiction',
)
test(
  'S1-097: nor into a group within it',
  refused,
  { kind: 'move', path: [1], at: { into: [1, 1] } },
  'at contradiction',
)
test(
  'S1-097: nor beside what is in it',
  refused,
  { kind: 'move', path: [1], at: { after: [1, 0] } },
  'at contradiction',
)
test('S1-097: nor before it', refused, { kind: 'move', path: [1], at: { before: [1, 1, 0] } }, 'at contradiction')
test(
  'S1-097: beside itself it stays where it is',
  becomes,
  { kind: 'move', path: [1], at: { after: [1] } },
  'a g(b h(c)) k(d)',
)
test(
  'S1-097: into a group whose place begins with the same number it goes',
  becomes,
  { kind: 'move', path: [1, 0], at: { into: [1, 1] } },
  'a g(h(c b)) k(d)',
)
test(
  'S1-097: into a group at the same depth it goes',
  becomes,
  { kind: 'move', path: [1, 1], at: { into: [2] } },
  'a g(b) k(d h(c))',
)
test(
  'S1-097: only the group that is named changes, though another has a child at the same place',
  becomes,
  { kind: 'add', node: added, at: { after: [2, 0] } },
  'a g(b h(c)) k(d n)',
)

test('there is no place in a step', refused, { kind: 'add', node: added, at: { into: [0] } }, 'at out-of-range')
test('there is no place beside nothing', refused, { kind: 'add', node: added, at: { after: [3] } }, 'at out-of-range')
test('nor before it', refused, { kind: 'add', node: added, at: { before: [1, 2] } }, 'at out-of-range')
test('nor beside the sequence itself', refused, { kind: 'add', node: added, at: { after: [] } }, 'at out-of-range')
test('nor before the sequence itself', refused, { kind: 'add', node: added, at: { before: [] } }, 'at out-of-range')
test('nor below what is not there', refused, { kind: 'add', node: added, at: { after: [9, 0] } }, 'at out-of-range')
test('what is not there is not moved', refused, { kind: 'move', path: [3], at: { into: [] } }, 'path out-of-range')
test('nor copied', refused, { kind: 'copy', path: [1, 2], at: { into: [] } }, 'path out-of-range')
test('nor replaced', refused, { kind: 'replace', path: [0, 0], node: added }, 'path out-of-range')
test('nor moved up', refused, { kind: 'move-up', path: [5] }, 'path out-of-range')
test('nor moved down, when the place before it is there', refused, { kind: 'move-up', path: [3] }, 'path out-of-range')
test('nor below a step', refused, { kind: 'move-down', path: [0, 0] }, 'path out-of-range')
test('the sequence itself is not moved', refused, { kind: 'move-down', path: [] }, 'path out-of-range')
test('the first goes no further up', refused, { kind: 'move-up', path: [1, 0] }, 'path no-effect')
test('the last goes no further down', refused, { kind: 'move-down', path: [2] }, 'path no-effect')
test('a condition comes from somewhere', refused, { kind: 'copy-condition', path: [7], to: [0] }, 'path out-of-range')
test('a condition goes somewhere', refused, { kind: 'copy-condition', path: [0], to: [7] }, 'to out-of-range')
test(
  'the faults of a node stand below it',
  refused,
  { kind: 'add', node: { action: { type: 'run-command-line' } }, at: { into: [] } },
  'node.action.commandLine missing',
)
test('a node that is none at all', refused, { kind: 'add', node: 7, at: { into: [] } }, 'node wrong-type')

test('S1-097: where an edge is reached, the message says which', (t) => {
  const messageOf = (edit: SequenceEdit) => {
    const result = editSequence(before, [edit])
    return result.kind === 'invalid' ? result.faults[0]?.message : undefined
  }
  t.is(messageOf({ kind: 'move-up', path: [0] }), 'This is the first of its group already.')
  t.is(messageOf({ kind: 'move-down', path: [2] }), 'This is the last of its group already.')
})

function print(nodes: readonly Node[]): string {
  return nodes.map((node) => (node.kind === 'group' ? `${node.name}(${print(node.children)})` : node.name)).join(' ')
}
