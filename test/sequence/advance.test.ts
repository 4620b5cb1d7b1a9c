/**
 * The engine's conversations, one file each in test/fixtures/sequences. Commands:
 * `sequence` (a document as YAML), `start [where]`, `ended CODE [message]` (lines `NAME=value`, `secret NAME=value`),
 * `timed-out`, `resumed WHERE`, `variables [NAME…]`. The run goes through JSON before every command.
 */

import test from 'ava'
import { parse } from 'yaml'
import { AssertionError } from '../../server/assert.ts'
import { advance, startRun } from '../../server/sequence/advance.ts'
import { emptyEnvironment, type Variable } from '../../server/sequence/environment.ts'
import { changedVariables } from '../../server/sequence/mask-secrets.ts'
import type { SequenceEvent } from '../../server/sequence/event.ts'
import type { RestartTarget, Run } from '../../server/sequence/run.ts'
import { commandStep, printEffect, sequenceOf } from '../support/sequences.ts'
import { type Command, runTranscript } from '../support/transcript.ts'

const transcript = test.macro((t, file: string) => {
  let run: Run | undefined
  const answer = (command: Command): string => {
    if (command.name === 'sequence') {
      run = startRun(sequenceOf(parse(command.input)), [])
      return 'ready'
    }
    if (run === undefined) throw new Error('the first command is sequence')
    if (command.name === 'variables') return printVariables(run, command.arguments)
    const restored: Run = JSON.parse(JSON.stringify(run))
    const advanced = advance(restored, eventOf(command))
    run = advanced.run
    return advanced.effects.map(printEffect).join('\n')
  }
  const { actual, expected } = runTranscript(new URL(`../fixtures/sequences/${file}.txt`, import.meta.url), answer)
  t.is(actual, expected)
})

test(
  'S1-028: a failing step is absorbed by its own setting, then by its group, then by nobody',
  transcript,
  'six-steps',
)
test(
  'S1-029 S1-030 S1-031: a handler group runs after a failure, and the run is a success unless it fails too',
  transcript,
  'error-handler',
)
test('S1-026 S1-027: continue on error is looked at level by level', transcript, 'continue-on-error')
test('S1-032: a failure of Setup Windows and ConfigMgr always fails the run', transcript, 'setup-fails')
test('S1-014 S1-020 S1-021: disabled nodes and false conditions are passed over', transcript, 'skipped')
test('S1-002 S1-003 S1-004: groups nest, and steps run in order', transcript, 'nested-groups')
test('S1-039 S1-044: exit code 3010 restarts, and the next step follows', transcript, 'exit-code-3010')
test('S1-042 S1-043 S1-044: Restart Computer changes the place, and the run goes on', transcript, 'restart-computer')
test('S1-040 S1-041: an action asks for a restart and for another attempt', transcript, 'restart-requested')
test('S1-047: an unexpected restart fails the step that was running', transcript, 'unexpected-restart')
test('S1-035: coming up elsewhere than asked fails the run', transcript, 'wrong-place')
test('S1-017: a step that takes too long fails with its own code', transcript, 'time-out')
test('S1-018: success codes decide what a failure is', transcript, 'success-codes')
test('S1-048: a restart is announced by the variables of the site', transcript, 'restart-notice')
test('S1-054 S1-058 S1-060: Set Task Sequence Variable is done by the engine', transcript, 'set-variable')
test('S1-071: secrets reach the action, and no watcher', transcript, 'secrets')
test('S2-001: a step for the boot image fails in the installed system', transcript, 'wrong-environment')
test(
  'S2-001 S2-026: a step for the installed system fails in the boot image, and readiness fails with 4316',
  transcript,
  'not-installed-yet',
)
test('S1-042: a whole installation goes from the boot image to the installed system', transcript, 'installation')

test('S1-041: a step that always wants another attempt fails in the end', (t) => {
  let run = startRun(sequenceOf({ name: 'Again', children: [commandStep('Again')] }), [])
  run = advance(run, { kind: 'start' }).run
  const again = [variable('SMSTSRebootRequested', 'WinPE'), variable('SMSTSRetryRequested', 'true')]
  for (let attempt = 1; attempt < 20; attempt += 1) {
    run = advance(run, { kind: 'step-ended', exitCode: 0, message: '', variables: again }).run
    run = advance(run, { kind: 'resumed', where: 'boot-image' }).run
    t.deepEqual(run.state, { kind: 'running-step', path: [0], attempt: attempt + 1 })
  }
  run = advance(run, { kind: 'step-ended', exitCode: 0, message: '', variables: again }).run
  t.is(run.state.kind === 'ended' && run.state.outcome.kind === 'failed' && run.state.outcome.exitCode, 1237)
})

test('an event that does not fit the state is our own mistake', (t) => {
  const ready = startRun(sequenceOf({ name: 'One', children: [commandStep('One')] }), [])
  const running = advance(ready, { kind: 'start' }).run
  const ended = advance(running, stepEnded(0)).run
  const wrong: readonly (readonly [Run, SequenceEvent])[] = [
    [ready, stepEnded(0)],
    [ready, { kind: 'step-timed-out' }],
    [ready, { kind: 'resumed', where: 'boot-image' }],
    [running, { kind: 'start' }],
    // The step has no time limit, so it cannot have passed.
    [running, { kind: 'step-timed-out' }],
    [running, stepEnded(0.5)],
    [ended, stepEnded(0)],
    [ended, { kind: 'start' }],
  ]
  for (const [run, event] of wrong) t.throws(() => advance(run, event), { instanceOf: AssertionError }, event.kind)
})

test('a machine that restarts before the end was carried out is told the end again', (t) => {
  const ready = startRun(sequenceOf({ name: 'Nothing', children: [] }), [])
  const { run, effects } = advance(ready, { kind: 'start' })
  const again = advance(run, { kind: 'resumed', where: 'installed-system' })
  t.deepEqual(again, { run, effects: effects.slice(-1) })
})

test('S1-063: what comes later in the policy overrides what comes first, and steps override both', (t) => {
  const children = [{ action: { type: 'set-task-sequence-variable', variable: 'Site', value: '%site%-step' } }]
  const given = [variable('Site', 'collection'), variable('SITE', 'device'), variable('_SMSTSLaunchMode', 'PXE')]
  const run = startRun(sequenceOf({ name: 'Precedence', children }), given)
  t.is(run.environment.variables['site']?.value, 'device')
  const { environment } = advance(run, { kind: 'start' }).run
  t.is(environment.variables['site']?.value, 'device-step')
  t.is(environment.variables['_smstslaunchmode']?.value, 'PXE')
})

test('S1-053: variables that no environment can hold are not begun with', (t) => {
  const sequence = sequenceOf({ name: 'Nothing', children: [] })
  t.throws(() => startRun(sequence, [variable('A', 'x'.repeat(4_001))]), { instanceOf: AssertionError })
})

test('S1-053: an environment without room refuses a step, and the engine still keeps its own variables', (t) => {
  const children = [{ action: { type: 'set-task-sequence-variable', variable: 'More', value: 'y'.repeat(4_000) } }]
  const room = Math.floor((32 * 1024 * 1024) / (2 * 4_006))
  const full = Array.from({ length: room }, (_, index) => variable(`V${10_000 + index}`, 'x'.repeat(4_000)))
  const run = startRun(sequenceOf({ name: 'Full', children }), full)
  const { state, environment } = advance(run, { kind: 'start' }).run
  t.is(state.kind === 'ended' && state.outcome.kind === 'failed' && state.outcome.exitCode, 87)
  t.is(environment.variables['_smstslastactionretcode']?.value, '87')
})

function variable(name: string, value: string): Variable {
  return { name, value, secret: false }
}

function stepEnded(exitCode: number): SequenceEvent {
  return { kind: 'step-ended', exitCode, message: '', variables: [] }
}

function eventOf({ name, arguments: words, input }: Command): SequenceEvent {
  const [first = '', ...rest] = words
  switch (name) {
    case 'start':
      return first === '' ? { kind: 'start' } : { kind: 'start', where: placeOf(first) }
    case 'ended':
      return { kind: 'step-ended', exitCode: Number(first), message: rest.join(' '), variables: variablesOf(input) }
    case 'timed-out':
      return { kind: 'step-timed-out' }
    case 'resumed':
      return { kind: 'resumed', where: placeOf(first) }
    default:
      throw new Error(`no command ${name}`)
  }
}

function placeOf(word: string): RestartTarget {
  if (word === 'boot-image' || word === 'installed-system') return word
  throw new Error(`no place ${word}`)
}

function variablesOf(input: string): readonly Variable[] {
  const lines = input.split('\n').filter((line) => line !== '')
  return lines.map((line) => {
    const [, mark, name = '', value = ''] = /^(secret )?([^=]+)=(.*)$/.exec(line) ?? []
    return { name, value, secret: mark !== undefined }
  })
}

function printVariables({ environment }: Run, names: readonly string[]): string {
  const wanted = new Set(names.map((name) => name.toLowerCase()))
  return changedVariables(emptyEnvironment, environment)
    .filter(({ name }) => wanted.size === 0 || wanted.has(name.toLowerCase()))
    .map(({ name, value }) => `${name}=${value}`)
    .join('\n')
}
