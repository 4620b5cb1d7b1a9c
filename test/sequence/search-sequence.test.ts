/** Search: what is found, where it is found, and what is not. */

import test from 'ava'
import { searchScopes, searchSequence, type SequenceSearch } from '../../server/sequence/search-sequence.ts'
import { commandStep, sequenceOf } from '../support/sequences.ts'

const sequence = sequenceOf({
  name: 'Searched',
  children: [
    {
      name: 'Prepare',
      description: 'Before the disk',
      condition: [{ variable: 'Ready', operator: 'equals', value: 'disk' }],
      children: [
        commandStep('Disk check', { continueOnError: true }),
        {
          name: 'Erase',
          action: { type: 'format-and-partition-disk', partitions: [{ name: 'Data', variable: 'Root' }] },
        },
      ],
    },
    { name: 'Pin', action: { type: 'set-task-sequence-variable', variable: 'Pin', value: 'diskless', secret: true } },
  ],
})

const all: SequenceSearch = {
  text: '',
  scopes: searchScopes,
  nodes: 'both',
  onlyContinueOnError: false,
  onlyWithCondition: false,
}

const finds = test.macro((t, search: Partial<SequenceSearch>, expected: readonly string[]) => {
  const hits = searchSequence(sequence, { ...all, ...search })
  t.deepEqual(
    hits.map(({ name, found }) => `${name}: ${found.join(' ')}`.trim()),
    expected,
  )
})

test('S1-098: text is found in every scope, in any case, and never in a secret', finds, { text: 'DISK' }, [
  'Prepare: description condition',
  'Disk check: name',
  'Erase: type other',
])
test('S1-098: a variable is found where it is set and where it is asked', finds, { text: 'r', scopes: ['variable'] }, [
  'Prepare: variable',
  'Erase: variable',
])
test('S1-098: groups alone', finds, { text: 'disk', nodes: 'groups' }, ['Prepare: description condition'])
test('S1-098: steps alone', finds, { text: 'data', nodes: 'steps' }, ['Erase: other'])
test('S1-098: the filters alone find what they leave', finds, { onlyContinueOnError: true }, ['Disk check:'])
test('S1-098: nodes with conditions', finds, { onlyWithCondition: true }, ['Prepare:'])
test('S1-098: nothing is found where nobody looks', finds, { text: 'disk', scopes: [] }, [])
