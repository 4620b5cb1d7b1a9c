/** Secrets of steps that are shown as masks and sent back. */

import test from 'ava'
import { keepMaskedSteps, maskSteps } from '../../server/http/api/secret-steps.ts'
import { sequenceOf } from '../support/sequences.ts'

const secret = (name: string, variable: string, value: string): unknown => ({
  name,
  action: { type: 'set-task-sequence-variable', variable, value, secret: true },
})

const stored = sequenceOf({
  name: 'Stored',
  children: [secret('First', 'A', 'one'), secret('Second', 'B', 'two'), secret('Second', 'B', 'three')],
})

test('S1-071: a document that comes back with its masks keeps its secrets', (t) => {
  t.deepEqual(keepMaskedSteps(maskSteps(stored), stored), { sequence: stored, faults: [] })
})

test('S1-071: a step keeps its secret when it is moved into a group, or renamed', (t) => {
  const sent = sequenceOf({
    name: 'Stored',
    children: [{ children: [secret('Second', 'B', '***'), secret('Second', 'B', '***')] }, secret('Other', 'A', '***')],
  })
  const expected = sequenceOf({
    name: 'Stored',
    children: [
      { children: [secret('Second', 'B', 'two'), secret('Second', 'B', 'three')] },
      secret('Other', 'A', 'one'),
    ],
  })
  t.deepEqual(keepMaskedSteps(sent, stored), { sequence: expected, faults: [] })
})

test('S1-071: a mask that stands for nothing is a fault at its place', (t) => {
  const sent = sequenceOf({ name: 'Stored', children: [secret('New', 'C', '***'), secret('First', 'A', 'new')] })
  t.deepEqual(
    keepMaskedSteps(sent, stored).faults.map(({ path }) => path),
    ['children[0].action.value'],
  )
})
