/** The debugger's edges; its conversations are in test/fixtures/sequences/debug-*.txt, what always holds in debug-properties.test.ts. */

import test from 'ava'
import { AssertionError } from '../../server/assert.ts'
import { advance, startRun } from '../../server/sequence/advance.ts'
import { judgeDebugPath } from '../../server/sequence/debug.ts'
import { dryRun } from '../../server/sequence/dry-run.ts'
import type { Variable } from '../../server/sequence/environment.ts'
import type { SequenceEvent } from '../../server/sequence/event.ts'
import type { Run } from '../../server/sequence/run.ts'
import { commandStep, sequenceOf } from '../support/sequences.ts'

const two = sequenceOf({ name: 'Two', children: [commandStep('One'), commandStep('Two')] })
const step = (number: number): SequenceEvent => ({ kind: 'debug-command', number, command: { kind: 'step' } })
const variable = (name: string, value: string): Variable => ({ name, value, secret: false })

function started(...variables: readonly Variable[]): Run {
  return advance(startRun(two, variables), { kind: 'start' }).run
}

test('S1-100: TRUE is said in any case, by either variable, and nothing else is TRUE', (t) => {
  for (const value of ['TRUE', 'true', ' True ']) {
    t.is(started(variable('TSDebugMode', value)).state.kind, 'paused', value)
    t.like(started(variable('tsdebugonerror', value)), { state: { kind: 'running-step' }, debug: { stepping: false } })
  }
  for (const value of ['FALSE', '1', 'yes', 'TRUE TRUE']) t.false('debug' in started(variable('TSDebugMode', value)))
  const both = started(variable('TSDebugMode', 'TRUE'), variable('TSDebugOnError', 'TRUE'))
  t.like(both.debug, { stepping: true })
})

test('S1-100: a run that nobody debugs knows nothing of a debugger', (t) => {
  t.false('debug' in started())
  const sets = { action: { type: 'set-task-sequence-variable', variable: 'TSDebugMode', value: 'TRUE' } }
  const late = sequenceOf({ name: 'Late', children: [sets, commandStep('One')] })
  t.is(advance(startRun(late, []), { kind: 'start' }).run.state.kind, 'running-step')
})

test('S1-101: a command that comes at the wrong time, or twice, is our own mistake', (t) => {
  const running = started()
  const held = started(variable('TSDebugMode', 'TRUE'))
  const again = advance(advance(held, step(1)).run, { kind: 'step-ended', exitCode: 0, message: '', variables: [] }).run
  const wrong: readonly (readonly [Run, SequenceEvent])[] = [
    [running, step(1)],
    [running, { kind: 'debug-timed-out' }],
    // Nothing restarted, so there is no hour.
    [held, { kind: 'debug-timed-out' }],
    [held, { kind: 'waited' }],
    [held, step(0)],
    [again, step(1)],
  ]
  for (const [run, event] of wrong) t.throws(() => advance(run, event), { instanceOf: AssertionError }, event.kind)
})

test('S1-101: a command names a step that there is and that can run', (t) => {
  const tree = sequenceOf({
    name: 'Tree',
    children: [
      { name: 'Group', children: [commandStep('Step'), commandStep('Off', { disabled: true })] },
      { name: 'Off', disabled: true, children: [commandStep('Below')] },
    ],
  })
  t.is(judgeDebugPath(tree, [0, 0]), undefined)
  t.is(judgeDebugPath(tree, []), '"Tree" is a group: name one of its steps.')
  t.is(judgeDebugPath(tree, [0]), '"Group" is a group: name one of its steps.')
  t.is(judgeDebugPath(tree, [0, 2]), 'There is no step 1.3, counted from 1.')
  t.is(judgeDebugPath(tree, [0, 0, 0]), 'There is no step 1.1.1, counted from 1.')
  t.is(judgeDebugPath(tree, [2]), 'There is no step 3, counted from 1.')
  t.is(judgeDebugPath(tree, [0, 1]), 'Step 1.2 never runs: "Off" is disabled.')
  t.is(judgeDebugPath(tree, [1, 0]), 'Step 2.1 never runs: "Off" is disabled.')
})

test('S1-100: what is only described is played to its end, debugged or not', (t) => {
  const machine = { where: 'boot-image', variables: [], outcomes: [] } as const
  const plain = dryRun(two, machine)
  const debugged = dryRun(two, { ...machine, variables: [variable('TSDebugMode', 'TRUE')] })
  t.deepEqual(debugged.entries, plain.entries)
  t.deepEqual(debugged.outcome, { kind: 'succeeded' })
})

test('S1-071 S1-102: no report of the debugger holds a secret', (t) => {
  const secret = { name: 'Password', value: 'swordfish', secret: true }
  const run = started(secret, variable('TSDebugOnError', 'TRUE'))
  const failed = { kind: 'step-ended', exitCode: 1, message: 'no: swordfish', variables: [] } as const
  const { effects } = advance(run, failed)
  t.notRegex(JSON.stringify(effects), /swordfish/)
  t.regex(JSON.stringify(effects), /debugger-paused.*no: \*\*\*/)
})
