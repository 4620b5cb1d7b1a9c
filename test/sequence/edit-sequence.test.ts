/** Editing: the tree before, the edits, and the tree after, each written as names in brackets. */

import test from 'ava'
import * as fc from 'fast-check'
import { editSequence, type SequenceEdit } from '../../server/sequence/edit-sequence.ts'
import { parseSequence } from '../../server/sequence/parse-sequence.ts'
import { flattenNodes } from '../../server/sequence/progress.ts'
import type { Node } from '../../server/sequence/task-sequence.ts'
import { arbitraryDocument } from '../support/arbitrary-sequences.ts'
import { commandStep, sequenceOf } from '../support/sequences.ts'

const before = sequenceOf({
  name: 'Edited',
  children: [
    commandStep('a', { condition: [{ variable: 'X', operator: 'exists' }] }),
    { name: 'g', children: [commandStep('b'), commandStep('c'), { name: 'h', children: [] }] },
    commandStep('d'),
  ],
})

const edits = test.macro((t, list: readonly SequenceEdit[], after: string) => {
  const result = editSequence(before, list)
  t.is(result.kind === 'edited' ? print(result.sequence.children) : JSON.stringify(result.faults), after)
})

test('the tree that is edited', edits, [], 'a g(b c h()) d')
test(
  'S1-097: a step is added after the selected one',
  edits,
  [{ kind: 'add', node: commandStep('n'), at: { after: [1, 0] } }],
  'a g(b n c h()) d',
)
test(
  'a step is added before another',
  edits,
  [{ kind: 'add', node: commandStep('n'), at: { before: [0] } }],
  'n a g(b c h()) d',
)
test(
  'a step is added at the end of a group',
  edits,
  [{ kind: 'add', node: commandStep('n'), at: { into: [1, 2] } }],
  'a g(b c h(n)) d',
)
test(
  'a step is added at the end',
  edits,
  [{ kind: 'add', node: commandStep('n'), at: { into: [] } }],
  'a g(b c h()) d n',
)
test('a group is removed with what is in it', edits, [{ kind: 'remove', path: [1] }], 'a d')
test(
  'a step takes the place of another',
  edits,
  [{ kind: 'replace', path: [1, 1], node: commandStep('n') }],
  'a g(b n h()) d',
)
test(
  'S1-097: up and down go one place at a time',
  edits,
  [
    { kind: 'move-up', path: [1, 1] },
    { kind: 'move-down', path: [0] },
  ],
  'g(c b h()) a d',
)
test(
  'a step is moved into a group further down',
  edits,
  [{ kind: 'move', path: [0], at: { into: [1, 2] } }],
  'g(b c h(a)) d',
)
test('a step is moved out of its group', edits, [{ kind: 'move', path: [1, 0], at: { after: [2] } }], 'a g(c h()) d b')
test(
  'a group is moved before its neighbour',
  edits,
  [{ kind: 'move', path: [1], at: { before: [0] } }],
  'g(b c h()) a d',
)
test('a step moved behind itself stays', edits, [{ kind: 'move', path: [0], at: { after: [0] } }], 'a g(b c h()) d')
test(
  'S1-097: a group is copied with what is in it, even into itself',
  edits,
  [{ kind: 'copy', path: [1], at: { into: [1] } }],
  'a g(b c h() g(b c h())) d',
)
test(
  'a step of a copied group is moved, and its original stays',
  edits,
  [
    { kind: 'copy', path: [1], at: { after: [1] } },
    { kind: 'move', path: [2, 0], at: { into: [] } },
  ],
  'a g(b c h()) g(c h()) d b',
)
test(
  'a later edit sees what an earlier one has left',
  edits,
  [
    { kind: 'remove', path: [0] },
    { kind: 'remove', path: [0] },
  ],
  'd',
)

test('S1-025: a condition is copied to another step, and its absence too', (t) => {
  const copied = editSequence(before, [{ kind: 'copy-condition', path: [0], to: [1, 0] }])
  t.deepEqual(
    copied.kind === 'edited' && nodesOf(copied.sequence.children)[2]?.condition,
    before.children[0]?.condition,
  )
  const taken = editSequence(before, [{ kind: 'copy-condition', path: [2], to: [0] }])
  t.true(taken.kind === 'edited' && !Object.hasOwn(taken.sequence.children[0] ?? {}, 'condition'))
})

test('every fault of a list of edits is named with its edit, and nothing is changed', (t) => {
  const result = editSequence(before, [
    { kind: 'remove', path: [7] },
    { kind: 'move', path: [1], at: { into: [1, 2] } },
    { kind: 'add', node: { action: { type: 'run-command-line' } }, at: { into: [] } },
    { kind: 'add', node: commandStep('n'), at: { into: [0] } },
    { kind: 'move-up', path: [0] },
    { kind: 'copy', path: [], at: { into: [] } },
    { kind: 'copy-condition', path: [0], to: [9, 9] },
  ])
  t.deepEqual(result.kind === 'invalid' && result.faults.map(({ path, code }) => `${path} ${code}`), [
    'edits[0].path out-of-range',
    'edits[1].at contradiction',
    'edits[2].node.action.commandLine missing',
    'edits[3].at out-of-range',
    'edits[4].path no-effect',
    'edits[5].path out-of-range',
    'edits[6].to out-of-range',
  ])
})

test('moving any node anywhere loses and doubles nothing', (t) => {
  const path = fc.array(fc.nat(4), { maxLength: 4 })
  const at = fc.oneof(fc.record({ after: path }), fc.record({ before: path }), fc.record({ into: path }))
  fc.assert(
    fc.property(arbitraryDocument, path, at, (document, from, to) => {
      const parsed = parseSequence(document)
      if (parsed.kind === 'invalid') return
      const result = editSequence(parsed.sequence, [{ kind: 'move', path: from, at: to }])
      if (result.kind === 'invalid') {
        t.not(result.faults.length, 0)
        return
      }
      const steps = (sequence: typeof parsed.sequence): readonly string[] =>
        flattenNodes(sequence)
          .map(({ node }) => JSON.stringify(node.kind === 'group' ? node.name : node))
          .toSorted()
      t.deepEqual(steps(result.sequence), steps(parsed.sequence))
    }),
  )
})

function print(nodes: readonly Node[]): string {
  return nodes.map((node) => (node.kind === 'group' ? `${node.name}(${print(node.children)})` : node.name)).join(' ')
}

function nodesOf(nodes: readonly Node[]): readonly Node[] {
  return nodes.flatMap((node) => [node, ...(node.kind === 'group' ? nodesOf(node.children) : [])])
}
