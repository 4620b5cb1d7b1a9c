/** A task sequence that leaves the site: no secret goes with it, and it is valid all the same. */

import test from 'ava'
import { leaveSecretsOut } from '../../server/sequence/leave-secrets-out.ts'
import { holdsSecrets } from '../../server/sequence/mentions.ts'
import { parseSequence } from '../../server/sequence/parse-sequence.ts'
import { commandStep, sequenceOf } from '../support/sequences.ts'

const sequence = sequenceOf({
  name: 'Leaves',
  children: [
    commandStep('Plain'),
    {
      name: 'Group',
      children: [
        {
          name: 'Pin',
          action: { type: 'set-task-sequence-variable', variable: 'Pin', value: 'swordfish', secret: true },
        },
        {
          name: 'Settings',
          action: { type: 'apply-windows-settings', randomAdminPassword: false, localAdminPassword: 'swordfish' },
        },
      ],
    },
  ],
})

test('S11-003: no secret leaves, each is named with its step, and the steps without secrets stay as they are', (t) => {
  const { sequence: left, typeAgain } = leaveSecretsOut(sequence)
  t.notRegex(JSON.stringify(left), /swordfish/)
  t.is(left.name, 'Leaves')
  t.is(left.children[0], sequence.children[0])
  t.deepEqual(
    typeAgain.map(({ path, stepName }) => `${stepName}: ${path}`),
    ['Pin: children[1].children[0].action.value', 'Settings: children[1].children[1].action.localAdminPassword'],
  )
})

test('S11-003: what leaves is a valid document, and a step that cannot do without its secret waits, disabled', (t) => {
  const { sequence: left, typeAgain } = leaveSecretsOut(sequence)
  t.is(parseSequence(JSON.parse(JSON.stringify(left))).kind, 'valid')
  const [, group] = left.children
  const [pin, settings] = group?.kind === 'group' ? group.children : []
  t.like(pin, { disabled: false, action: { value: '' } })
  t.like(settings, { disabled: true, action: { localAdminPassword: '%SecretToTypeAgain%' } })
  t.deepEqual(
    typeAgain.map(({ disabled }) => disabled),
    [false, true],
  )
})

test('S11-003: a sequence without secrets leaves whole', (t) => {
  const plain = sequenceOf({ name: 'Plain', children: [{ name: 'Group', children: [commandStep('One')] }] })
  t.false(holdsSecrets(plain))
  t.deepEqual(leaveSecretsOut(plain), { sequence: plain, typeAgain: [] })
})
