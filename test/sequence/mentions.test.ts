/** What a sequence says that others must know of: references, variables, secrets. */

import test from 'ava'
import { findReferences, holdsSecrets, mapSequenceSecrets, mentionsOf } from '../../server/sequence/mentions.ts'
import { flattenNodes } from '../../server/sequence/progress.ts'
import type { StepType } from '../../server/sequence/step-type.ts'
import { stepTypes } from '../../server/sequence/step-types.ts'
import { sequenceOf } from '../support/sequences.ts'

const sequence = sequenceOf({
  name: 'All',
  children: [
    {
      name: 'Install',
      children: [
        { action: { type: 'format-and-partition-disk', partitions: [{ variable: 'Root' }] } },
        {
          disabled: true,
          action: { type: 'apply-operating-system-image', imageId: 'RVL00004', destinationVariable: 'Root' },
        },
      ],
    },
    { action: { type: 'set-task-sequence-variable', variable: 'Pin', value: '7777', secret: true } },
    { action: { type: 'set-task-sequence-variable', variable: 'Open', value: '7777' } },
  ],
})

test('S1-096: a reference knows its step and its place in the document', (t) => {
  t.deepEqual(findReferences(sequence), [
    {
      id: 'RVL00004',
      kind: 'operating-system-image',
      path: [0, 1],
      field: 'children[0].children[1].action.imageId',
      stepName: 'Apply Operating System Image',
      enabled: false,
    },
  ])
})

test('variables that steps set and read are found with their places', (t) => {
  const mentions = flattenNodes(sequence).flatMap(({ node }) => (node.kind === 'step' ? mentionsOf(node.action) : []))
  t.deepEqual(
    mentions.flatMap((mention) =>
      'variable' in mention ? [`${mention.kind} ${mention.variable} ${mention.path}`] : [],
    ),
    [
      'sets-variable Root partitions[0].variable',
      'reads-variable Root destinationVariable',
      'sets-variable Pin variable',
      'sets-variable Open variable',
    ],
  )
})

test('S1-071: the value of a secret variable is replaced, and of no other', (t) => {
  t.true(holdsSecrets(sequence))
  const masked = mapSequenceSecrets(sequence, () => '')
  t.false(holdsSecrets(masked))
  t.deepEqual(masked.children[0], sequence.children[0])
  t.deepEqual(masked.children[2], sequence.children[2])
})

test('S2: every step type is listed under its own name, with what an editor needs', (t) => {
  const types: readonly (readonly [string, StepType])[] = Object.entries(stepTypes)
  for (const [name, { type, title, about, fields }] of types) {
    t.is(type, name)
    t.not(title, '')
    t.regex(about, /\.$/)
    for (const field of Object.values(fields)) t.regex(field.about, /[.)]$/)
  }
})
