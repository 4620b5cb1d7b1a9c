/** Restart Computer and Set Task Sequence Variable as documents, and which steps can name an account. */

import test from 'ava'
import { stepTypes } from '../../../server/sequence/step-types.ts'
import { defaultsOf, faultsOf, resolvesTo } from '../../support/action-macros.ts'

test('S1-005: only Run Command Line and Run PowerShell Script can name an account for what they run', (t) => {
  const named = Object.values(stepTypes).filter(({ fields }) => 'runAsUser' in fields)
  t.deepEqual(
    named.map(({ title }) => title),
    ['Run Command Line', 'Run PowerShell Script'],
  )
})

const restart = { type: 'restart-computer' }

test('S2-018: without a message nobody waits, and the installed system starts', defaultsOf, restart, {
  target: 'installed-system',
  message: '',
  timeoutSeconds: 0,
})
test(
  'S2-018: a message stays for a minute, if nothing else is said',
  defaultsOf,
  { ...restart, message: 'Save your work.' },
  { target: 'installed-system', timeoutSeconds: 60 },
)
test(
  'S2-018: a message may stay for no time at all',
  defaultsOf,
  { ...restart, target: 'boot-image', message: 'Bye.', timeoutSeconds: 0 },
  {},
)
test(
  'S2-018: a message has up to 512 characters',
  faultsOf,
  { ...restart, message: 'x'.repeat(513) },
  'message too-long',
)
test('S2-018: 512 are not too many, on several lines', faultsOf, { ...restart, message: `${'x'.repeat(510)}\ny` })
test('S2-018: there are two targets', faultsOf, { ...restart, target: 'usb' }, 'target not-allowed')
test(
  'S2-018: a message stays a day at most',
  faultsOf,
  { ...restart, timeoutSeconds: 86_401 },
  'timeoutSeconds out-of-range',
)
test('S2-018: a day is allowed', faultsOf, { ...restart, timeoutSeconds: 86_400 })
test(
  'S2-019: variables say the message and its time',
  resolvesTo,
  { ...restart, message: 'Save your work.' },
  { SMSRebootMessage: 'Now.', SMSRebootTimeout: '5' },
  { message: 'Now.', timeoutSeconds: 5 },
)

const set = { type: 'set-task-sequence-variable', variable: 'Site' }

test('S2-020: a value that is left out is empty, and shown', defaultsOf, set, { value: '', secret: false })
test('S2-020: a variable has a name', faultsOf, { ...set, variable: ' ' }, 'variable bad-variable-name')
test('S2-020: a read-only variable is not set', faultsOf, { ...set, variable: '_Site' }, 'variable read-only-variable')
test('S2-020: a value has up to 4,000 characters', faultsOf, { ...set, value: 'x'.repeat(4_001) }, 'value too-long')
test('S2-020: 4,000 are not too many, on several lines', faultsOf, { ...set, value: `${'x'.repeat(3_998)}\ny` })
