/** Events of a run as status messages: each kind of event in one row, with its number, severity, component and insert strings. */

import test from 'ava'
import * as fc from 'fast-check'
import type { RunEventBody } from '../../server/contract/agent.ts'
import { givenUpMessage, messageIdsOf, statusMessagesOf } from '../../server/contract/status-message.ts'
import { commandStep, sequenceOf } from '../support/sequences.ts'

const sequence = sequenceOf({
  name: 'Install',
  children: [
    commandStep('Partition'),
    { kind: 'group', name: 'System', children: [commandStep('Apply'), commandStep('Drivers', { disabled: true })] },
  ],
})
const overPxe = { sequence }

const tells = test.macro((t, body: RunEventBody, ...expected: readonly string[]) => {
  const told = statusMessagesOf(body, overPxe, 'a line')
  t.deepEqual(
    told.map(({ messageId, severity, component, text, insertStrings }) =>
      [messageId, severity, component, text, insertStrings.join('|')].join(' / '),
    ),
    expected,
  )
})

const engine = 'Task Sequence Engine'
const at = (path: readonly number[]) => ({ path })
const apply = { kind: 'step-ended', path: [1, 0], name: 'Apply' } as const

test(
  'S10-005: it starts in a boot image',
  tells,
  { kind: 'sequence-started' },
  `11144 / information / ${engine} / The task sequence Install has started in a boot image. / |||`,
)
test(
  'S10-005: it goes on after a restart',
  tells,
  { kind: 'resumed', where: 'boot-image', expected: true },
  `11140 / information / ${engine} / The task sequence Install goes on after a restart. / |||`,
)
test(
  'S10-005: a restart',
  tells,
  { kind: 'restarting', target: 'installed-system' },
  '11142 / information / Task Sequence Action / An action restarts the machine into the installed system. / |||',
)
test(
  'S10-005: a group starts',
  tells,
  { kind: 'group-started', ...at([1]), name: 'System' },
  `11124 / information / ${engine} / The group System has started. / 2||System|`,
)
test(
  'S10-005: a group is completed',
  tells,
  { kind: 'group-ended', ...at([1]), outcome: 'succeeded' },
  `11127 / information / ${engine} / The group System was completed. / 2||System|`,
)
test(
  'S10-005: a group fails',
  tells,
  { kind: 'group-ended', ...at([1]), outcome: 'failed' },
  `11122 / error / ${engine} / The group System has failed. / 2||System|`,
)
test(
  'S10-005: an action is completed, with what it printed',
  tells,
  { ...apply, outcome: 'succeeded', exitCode: 0, message: '' },
  `11134 / information / ${engine} / The action Apply of the group System was completed with exit code 0. / 2|Apply|System|0|a line`,
)
test(
  'S10-005: an action fails',
  tells,
  { ...apply, outcome: 'failed', exitCode: 16_389, message: 'no such disk' },
  `11135 / error / ${engine} / The action Apply of the group System has failed with exit code 16389: no such disk / 2|Apply|System|16389|a line`,
)
test(
  'S10-005: an action fails, and the sequence goes on',
  tells,
  { kind: 'step-ended', path: [0], outcome: 'failed-continued', exitCode: 1, message: '' },
  `11138 / warning / ${engine} / The action Partition has failed with exit code 1, which was ignored / 1|Partition||1|a line`,
)
test(
  'S10-005: a disabled action is skipped',
  tells,
  { kind: 'node-skipped', ...at([1, 1]), reason: 'disabled', steps: 0 },
  `11128 / information / ${engine} / Drivers was skipped, because it is disabled. / 3|Drivers|System|`,
)
test(
  'S10-005: the condition of an action is false',
  tells,
  { kind: 'node-skipped', ...at([0]), reason: 'condition-false', steps: 1, because: 'Model is not "X1"' },
  `11130 / information / ${engine} / Partition was skipped, because Model is not "X1". / 1|Partition||`,
)
test('S10-005: what is not reached has no message', tells, {
  kind: 'node-skipped',
  ...at([0]),
  reason: 'parent-failed',
  steps: 1,
})
test(
  'S10-005, S10-007: the end is told by engine and manager',
  tells,
  { kind: 'sequence-ended', outcome: { kind: 'succeeded' } },
  `11143 / information / ${engine} / The task sequence Install has come to its end. / |||`,
  '11171 / information / Task Sequence Manager / The task sequence Install was completed. / |||',
)
test(
  'S10-005, S10-007: a failed end names the step',
  tells,
  { kind: 'sequence-ended', outcome: { kind: 'failed', path: [1, 0], exitCode: 5, message: 'no such disk' } },
  `11141 / error / ${engine} / The task sequence Install has failed in Apply with exit code 5: no such disk / 2|Apply|System|5|no such disk`,
  '11170 / error / Task Sequence Manager / The task sequence Install was not completed. / 2|Apply|System|5|no such disk',
)
test('S10-005: output alone is no message', tells, { kind: 'output', stream: 'stdout', lines: ['a line'] })
test('S10-005: nor is the start of an action', tells, {
  kind: 'step-started',
  ...at([0]),
  name: 'Partition',
  type: 'run-command-line',
  attempt: 1,
})

test('S10-005: a client tells 11140 at the start, where a boot image tells 11144', (t) => {
  const started = { kind: 'sequence-started' } as const
  t.is(statusMessagesOf(started, { sequence, userStarted: false })[0]?.messageId, 11_140)
  t.is(statusMessagesOf(started, { sequence, userStarted: true })[0]?.messageId, 11_140)
  t.is(givenUpMessage(overPxe, true).messageId, 11_170)
  t.regex(givenUpMessage(overPxe, true).text, /longer than it was allowed to/)
  t.deepEqual(messageIdsOf('error'), [11_122, 11_135, 11_141, 11_170])
})

test('S10-005: whatever a machine reports, it is at most ten insert strings, and the last of the output is kept', (t) => {
  const body = fc.record({
    kind: fc.constant('step-ended' as const),
    path: fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 6 }),
    outcome: fc.constantFrom('succeeded' as const, 'failed' as const, 'failed-continued' as const),
    exitCode: fc.integer(),
    message: fc.string(),
  })
  const output = fc.string({ maxLength: 4_000, size: 'max' })
  fc.assert(
    fc.property(body, output, (ended, printed) => {
      const [told] = statusMessagesOf(ended, overPxe, printed)
      const pieces = told?.insertStrings.slice(4) ?? []
      t.is(pieces.join(''), (printed === '' ? ended.message : printed).slice(-6 * 255))
      t.true(pieces.every((piece) => piece.length <= 255) && pieces.length <= 6)
    }),
  )
})
