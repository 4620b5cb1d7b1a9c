/** The tree as a list, its steps counted, and the ids it refers to. */

import test from 'ava'
import { AssertionError } from '../../server/assert.ts'
import { countSteps, countStepsAt, flattenNodes, nodeAt, stepNumber } from '../../server/sequence/progress.ts'
import { findReferences } from '../../server/sequence/mentions.ts'
import { commandStep, sequenceOf } from '../support/sequences.ts'

const apply = (imageId: string) => ({ name: imageId, action: { type: 'apply-operating-system-image', imageId } })

const sequence = sequenceOf({
  name: 'Tree',
  children: [
    commandStep('A'),
    { name: 'G', children: [commandStep('B'), commandStep('C', { disabled: true }), apply('RVL00004')] },
    { name: 'H', disabled: true, children: [commandStep('D'), apply('RVL00005')] },
    apply('RVL00004'),
  ],
})

test('S1-001: nodes are listed in the order of the tree, a group before its children', (t) => {
  t.deepEqual(
    flattenNodes(sequence).map(({ path, depth, node, enabled }) => [path.join('.'), depth, node.name, enabled]),
    [
      ['0', 0, 'A', true],
      ['1', 0, 'G', true],
      ['1.0', 1, 'B', true],
      ['1.1', 1, 'C', false],
      ['1.2', 1, 'RVL00004', true],
      ['2', 0, 'H', false],
      ['2.0', 1, 'D', false],
      ['2.1', 1, 'RVL00005', false],
      ['3', 0, 'RVL00004', true],
    ],
  )
})

test('S1-014, S10-011: counted are enabled steps that are not under a disabled group', (t) => {
  t.is(countSteps(sequence), 4)
  const paths = [[0], [1], [1, 1], [2], [2, 0], [3]]
  t.deepEqual(
    paths.map((path) => countStepsAt(sequence, path)),
    [1, 2, 0, 0, 0, 1],
  )
})

test('S3-002: steps are numbered from 1 among the counted ones', (t) => {
  t.deepEqual(
    [[0], [1, 0], [1, 2], [3]].map((path) => stepNumber(sequence, path)),
    [1, 2, 3, 4],
  )
})

test('a path that leads nowhere is our own mistake', (t) => {
  for (const path of [[], [4], [0, 0], [1, 3], [-1]]) {
    t.throws(() => nodeAt(sequence, path), { instanceOf: AssertionError }, path.join('.'))
  }
})

test('S1-006 S1-096: references are found with their places, in disabled nodes too', (t) => {
  t.deepEqual(
    findReferences(sequence).map(({ id, field, enabled }) => `${id} ${field} ${enabled}`),
    [
      'RVL00004 children[1].children[2].action.imageId true',
      'RVL00005 children[2].children[1].action.imageId false',
      'RVL00004 children[3].action.imageId true',
    ],
  )
})
