/** What comes before a task sequence on a client: another program, and a word to those who are at work. */

import test from 'ava'
import { parsePackageId } from '../../server/address/identifiers.ts'
import { assert } from '../../server/assert.ts'
import { withProgramFirst } from '../../server/sequence/run-first.ts'
import type { TaskSequence } from '../../server/sequence/task-sequence.ts'
import { defaultSettings } from '../../server/sequence/task-sequence-settings.ts'
import { userNotification } from '../../server/sequence/user-notification.ts'
import { actionOf } from '../support/actions.ts'

const step = (name: string, action: ReturnType<typeof actionOf>) =>
  ({ kind: 'step', name, description: '', disabled: false, continueOnError: false, action }) as const
const say = step('Say', actionOf({ type: 'run-command-line', commandLine: 'true', successCodes: [0] }))
const harmless: TaskSequence = { name: 'Patch', description: '', children: [say] }
const apply = step('Apply', actionOf({ type: 'apply-operating-system-image', imageId: 'RVL0000B' }))
const deploying: TaskSequence = { ...harmless, children: [apply] }

test('S1-075: the program is the first step, and its failure is no other step’s', (t) => {
  const packageId = parsePackageId('RVL0000A')
  assert(packageId !== undefined, 'it is one')
  const { children, ...rest } = withProgramFirst(harmless, { packageId, programName: 'Check battery' })
  t.deepEqual(rest, { name: 'Patch', description: '' })
  t.deepEqual(children, [
    {
      kind: 'step',
      name: 'Run another program first',
      description: '',
      disabled: false,
      continueOnError: false,
      action: { type: 'install-package', packageId, programName: 'Check battery', continueOnFailure: false },
    },
    say,
  ])
})

test('S1-081: suppressed, nobody is told, whatever it does', (t) => {
  for (const sequence of [harmless, deploying]) {
    t.is(userNotification(sequence, { ...defaultSettings, suppressNotifications: true }), undefined)
  }
})

test('S1-083: who is at work has five minutes where it is of high impact, and none where it is not', (t) => {
  t.deepEqual(userNotification(harmless, defaultSettings), {
    lines: ['The administrator of this computer runs "Patch" on it now.'],
    waitSeconds: 0,
  })
  for (const told of [
    userNotification(deploying, defaultSettings),
    userNotification(harmless, { ...defaultSettings, highImpact: true }),
  ]) {
    t.is(told?.waitSeconds, 300)
    t.deepEqual(told?.lines, [
      'The administrator of this computer is about to run "Patch".',
      'It may replace the operating system, and settings, programs and files on this computer may be lost.',
      'Save your work now.',
    ])
  }
})

test('S1-083: the administrator’s own words are told in their order', (t) => {
  const customNotification = { headline: 'One', message: 'two', emphasis: 'three', closing: 'four' }
  const told = userNotification(deploying, { ...defaultSettings, highImpact: true, customNotification })
  t.deepEqual(told, { lines: ['One', 'two', 'three', 'four'], waitSeconds: 300 })
})
