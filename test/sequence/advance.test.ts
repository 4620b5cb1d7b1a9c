/**
 * The engine's conversations, one file each in test/fixtures/sequences. Commands:
 * `child ID [disabled]` (a document as YAML that a `sequence` may run), `sequence [NAME=value…]` (a document as YAML), `start [where]`, `ended CODE [message]` (lines `NAME=value`, `secret NAME=value`),
 * `debug NUMBER COMMAND [PATH]`, `debug-timed-out`, `timed-out`, `waited`, `inspected` (a list of answers as YAML), `resumed WHERE`, `variables [NAME…]`. The run goes through JSON before every command.
 */

import test from 'ava'
import { parse } from 'yaml'
import { type PackageId, parsePackageId } from '../../server/address/identifiers.ts'
import { AssertionError } from '../../server/assert.ts'
import { advance, startRun } from '../../server/sequence/advance.ts'
import { type DebugCommand, placedDebugCommands, plainDebugCommands } from '../../server/sequence/debug.ts'
import { expandSequence } from '../../server/sequence/expand-sequence.ts'
import type { StoredSequence } from '../../server/sequence/expand-sequence.ts'
import { emptyEnvironment, type Variable, valueOf } from '../../server/sequence/environment.ts'
import { changedVariables } from '../../server/sequence/mask-secrets.ts'
import type { SequenceEvent } from '../../server/sequence/event.ts'
import type { MachineAnswer } from '../../server/sequence/inspection.ts'
import type { RestartTarget, Run } from '../../server/sequence/run.ts'
import type { TaskSequence } from '../../server/sequence/task-sequence.ts'
import { commandStep, printEffect, sequenceOf } from '../support/sequences.ts'
import { type Command, runTranscript } from '../support/transcript.ts'

const transcript = test.macro((t, file: string) => {
  let run: Run | undefined
  const children = new Map<string, StoredSequence>()
  const answer = (command: Command): string => {
    if (command.name === 'child') {
      const [id = '', state = 'enabled'] = command.arguments
      const sequence = sequenceOf(parse(command.input))
      children.set(id, { id: packageId(id), enabled: state === 'enabled', revision: 1, sequence })
      return 'ready'
    }
    if (command.name === 'sequence') {
      const expanded = expandSequence({ sequence: sequenceOf(parse(command.input)) }, (id) => children.get(id))
      if (expanded.kind === 'refused') throw new Error(JSON.stringify(expanded.faults))
      run = startRun(expanded.sequence, command.arguments.flatMap(variablesOf))
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
  'S2-049 S2-050: a run knows that it has begun to capture user state, whatever becomes of it',
  transcript,
  'user-state-begun',
)
test(
  'S1-029 S1-030 S1-031: a handler group runs after a failure, and the run is a success unless it fails too',
  transcript,
  'error-handler',
)
test('S1-015 S1-026 S1-027: continue on error is looked at level by level', transcript, 'continue-on-error')
test('S1-032: a failure of Setup Windows and ConfigMgr always fails the run', transcript, 'setup-fails')
test('S1-014 S1-016 S1-020 S1-021: disabled nodes and false conditions are passed over', transcript, 'skipped')
test(
  'S1-020 S1-023: a condition asks the machine just before its node would run, once, and only when variables do not decide',
  transcript,
  'inspection',
)
test(
  'S1-020 S1-022: what a machine cannot tell is never true there, and the report says why',
  transcript,
  'unavailable',
)
test('S1-047: an unexpected restart while a condition asks the machine asks it again', transcript, 'inspection-restart')
test('S1-002 S1-003 S1-004: groups nest, and steps run in order', transcript, 'nested-groups')
test('S1-039 S1-044: exit code 3010 restarts, and the next step follows', transcript, 'exit-code-3010')
test('S1-042 S1-043 S1-044: Restart Computer changes the place, and the run goes on', transcript, 'restart-computer')
test('S1-040 S1-041: an action asks for a restart and for another attempt', transcript, 'restart-requested')
test('S1-047: an unexpected restart fails the step that was running', transcript, 'unexpected-restart')
test('S1-035: coming up elsewhere than asked fails the run', transcript, 'wrong-place')
test('S1-017: a step that takes too long fails with its own code', transcript, 'time-out')
test(
  "S1-056: an action's own variables are there while it runs, and those that were set stay",
  transcript,
  'action-variables',
)
test('S1-046: after a restart the engine may wait for a second one', transcript, 'second-restart')
test('S1-057 S1-061: what actions set stays for later steps', transcript, 'output-variables')
test('S1-085: a child runs in its place, in the same environment, both ways', transcript, 'child-sequence')
test('S1-033: a disabled child fails the run, whatever Continue on error says', transcript, 'disabled-child')
test('S3: SMSTSPostAction comes after the end, whatever the end is', transcript, 'post-action')
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

test('S1-100 S1-101: TSDebugMode holds the run before each step whose condition holds', transcript, 'debug-steps')
test('S1-101: run goes to the next breakpoint, and breakpoints are set and cleared', transcript, 'debug-breakpoints')
test(
  'S1-101: set current repeats a step, passes steps over, and refuses what cannot run',
  transcript,
  'debug-set-current',
)
test('S1-101: in debug mode a failure that would end the run is held instead', transcript, 'debug-failure')
test('S1-100: TSDebugOnError opens the debugger on an error that would end the run', transcript, 'debug-on-error')
test('S1-037 S1-101: cancel fails the run, and quit lets it go on by itself', transcript, 'debug-cancel-and-quit')
test('S1-101: a held run survives restarts, and fails when nobody comes within the hour', transcript, 'debug-restart')

test('S1-041: a step that always wants another attempt fails in the end', (t) => {
  let run = startRun(sequenceOf({ name: 'Again', children: [commandStep('Again')] }), [])
  run = advance(run, { kind: 'start' }).run
  const again = [variable('SMSTSRebootRequested', 'WinPE'), variable('SMSTSRetryRequested', 'true')]
  for (let attempt = 1; attempt < 20; attempt += 1) {
    run = advance(run, { kind: 'step-ended', exitCode: 0, message: '', variables: again }).run
    run = advance(run, { kind: 'resumed', where: 'boot-image' }).run
    t.like(run.state, { kind: 'running-step', path: [0], attempt: attempt + 1 })
  }
  run = advance(run, { kind: 'step-ended', exitCode: 0, message: '', variables: again }).run
  t.is(run.state.kind === 'ended' && run.state.outcome.kind === 'failed' && run.state.outcome.exitCode, 1237)
})

const retried: TaskSequence = JSON.parse(
  JSON.stringify(sequenceOf({ name: 'Updates', children: [commandStep('Updates'), commandStep('Next')] })).replace(
    '"type":"run-command-line"',
    '"type":"run-command-line","retryUnexpectedRestarts":2',
  ),
)

test('S1-019: a step that may be retried runs again after an unexpected restart, as often as it may', (t) => {
  let run = advance(startRun(retried, []), { kind: 'start', where: 'installed-system' }).run
  for (const attempt of [2, 3]) {
    const { run: next, effects } = advance(run, { kind: 'resumed', where: 'installed-system' })
    t.deepEqual(effects.map(printEffect).slice(0, 2), [
      'report resumed in installed-system, not expected',
      `report step-started [0] Updates, run-command-line, attempt ${attempt}`,
    ])
    t.is(effects[2]?.kind, 'run-step')
    run = next
  }
  const { state } = advance(run, { kind: 'resumed', where: 'installed-system' }).run
  t.is(state.kind === 'ended' && state.outcome.kind === 'failed' && state.outcome.exitCode, 1115)
  // A success in between ends the matter.
  const { run: next } = advance(run, stepEnded(0))
  t.like(next.state, { kind: 'running-step', path: [1], attempt: 1 })
  t.false('unexpectedRestarts' in next.state)
})

test('S1-019 S1-047: coming up elsewhere is no retry, and neither is a step without the option', (t) => {
  const running = advance(startRun(retried, []), { kind: 'start', where: 'installed-system' }).run
  const lost = advance(running, { kind: 'resumed', where: 'boot-image' }).run
  t.is(lost.state.kind, 'ended')
  const next = advance(running, stepEnded(0)).run
  t.is(advance(next, { kind: 'resumed', where: 'installed-system' }).run.state.kind, 'ended')
})

test('S1-092: the report of each action says its name and its code', (t) => {
  const { run } = advance(startRun(sequenceOf({ name: 'One', children: [commandStep('First')] }), []), {
    kind: 'start',
  })
  for (const exitCode of [0, 7]) {
    const { effects, run: after } = advance(run, stepEnded(exitCode))
    const [first] = effects
    t.like(first, { kind: 'report', report: { kind: 'step-ended', name: 'First', exitCode } })
    t.is(valueOf(after.environment, '_smstslastactionname'), 'First')
    t.is(valueOf(after.environment, '_smstslastactionretcode'), String(exitCode))
  }
})

test('S1-091: no report holds what a step was told to run', (t) => {
  const hidden = { type: 'run-command-line', commandLine: 'join --domain example.org', workingDirectory: '/srv/hidden' }
  let run = startRun(sequenceOf({ name: 'Hidden', children: [{ name: 'Runs', action: hidden }] }), [])
  const told = []
  for (const event of [{ kind: 'start' } as const, stepEnded(1)]) {
    const advanced = advance(run, event)
    run = advanced.run
    told.push(...advanced.effects.filter(({ kind }) => kind !== 'run-step'))
  }
  t.notRegex(JSON.stringify(told), /example\.org|hidden/)
})

test('S1-050 S1-058: of all kinds of variables, a step reads each and sets all but the read-only ones', (t) => {
  const given = [
    variable('_SMSTSMake', 'Dell'),
    variable('SMSTSRebootDelay', '5'),
    variable('OSDComputerName', 'lab-1'),
    variable('Custom', 'mine'),
    variable('OSDPartitions0Type', 'Primary'),
  ]
  for (const { name, value } of given) {
    const copies = { action: { type: 'set-task-sequence-variable', variable: 'Copy', value: `%${name}%` } }
    const command = commandStep('Sets', { condition: { variable: name, operator: 'equals', value } })
    let run = startRun(sequenceOf({ name: 'Kinds', children: [copies, command] }), given)
    run = advance(run, { kind: 'start' }).run
    t.is(valueOf(run.environment, 'copy'), value, name)
    const set = { ...stepEnded(0), variables: [variable(name, 'new')] }
    const { state, environment } = advance(run, set).run
    const isReadOnly = name.startsWith('_')
    t.is(valueOf(environment, name.toLowerCase()), isReadOnly ? value : 'new', name)
    t.is(state.kind === 'ended' && state.outcome.kind, isReadOnly ? 'failed' : 'succeeded', name)
  }
})

test('S1-053: 10,000 steps run one after another, each numbered, with as many variables', (t) => {
  const children = Array.from({ length: 10_000 }, (_, index) => commandStep(`Step ${index}`))
  let run = startRun(sequenceOf({ name: 'Large', children: [{ name: 'Group', children }] }), [])
  let event: SequenceEvent = { kind: 'start' }
  for (let index = 0; index < 10_000; index += 1) {
    run = advance(run, event).run
    event = { kind: 'step-ended', exitCode: 0, message: '', variables: [variable(`Made${index}`, 'x')] }
  }
  t.is(valueOf(run.environment, 'SMSTSNextInstructionPointer'), '10000')
  t.is(valueOf(run.environment, '_SMSTSInstructionTableSize'), '10000')
  run = advance(run, event).run
  t.deepEqual(run.state, { kind: 'ended', outcome: { kind: 'succeeded' } })
  t.is(valueOf(run.environment, 'MADE9999'), 'x')
})

test('an event that does not fit the state is our own mistake', (t) => {
  const ready = startRun(sequenceOf({ name: 'One', children: [commandStep('One')] }), [])
  const running = advance(ready, { kind: 'start' }).run
  const ended = advance(running, stepEnded(0)).run
  const file = commandStep('Asks', { condition: { kind: 'file', path: '/etc' } })
  const asking = advance(startRun(sequenceOf({ name: 'Asks', children: [file] }), []), { kind: 'start' }).run
  const wrong: readonly (readonly [Run, SequenceEvent])[] = [
    [ready, stepEnded(0)],
    [ready, { kind: 'step-timed-out' }],
    [ready, { kind: 'resumed', where: 'boot-image' }],
    [running, { kind: 'start' }],
    // The step has no time limit, so it cannot have passed.
    [running, { kind: 'step-timed-out' }],
    [running, stepEnded(0.5)],
    [running, { kind: 'waited' }],
    [running, { kind: 'machine-inspected', answers: [] }],
    [asking, { kind: 'machine-inspected', answers: [] }],
    [asking, { kind: 'machine-inspected', answers: [{ kind: 'wmi', rows: 1 }] }],
    [asking, stepEnded(0)],
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
  t.is(valueOf(run.environment, 'site'), 'device')
  const { environment } = advance(run, { kind: 'start' }).run
  t.is(valueOf(environment, 'site'), 'device-step')
  t.is(valueOf(environment, '_smstslaunchmode'), 'PXE')
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
  t.is(valueOf(environment, '_smstslastactionretcode'), '87')
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
    case 'waited':
      return { kind: 'waited' }
    case 'inspected':
      return { kind: 'machine-inspected', answers: parse(input) as readonly MachineAnswer[] }
    case 'resumed':
      return { kind: 'resumed', where: placeOf(first) }
    case 'debug':
      return { kind: 'debug-command', number: Number(first), command: debugCommandOf(rest) }
    case 'debug-timed-out':
      return { kind: 'debug-timed-out' }
    default:
      throw new Error(`no command ${name}`)
  }
}

function packageId(text: string): PackageId {
  const id = parsePackageId(text)
  if (id === undefined) throw new Error(`no package id ${text}`)
  return id
}

function placeOf(word: string): RestartTarget {
  if (word === 'boot-image' || word === 'installed-system') return word
  throw new Error(`no place ${word}`)
}

function debugCommandOf([kind = '', place]: readonly string[]): DebugCommand {
  const path = place?.split('.').map(Number) ?? []
  const placed = placedDebugCommands.find((known) => known === kind)
  const plain = plainDebugCommands.find((known) => known === kind)
  if (placed !== undefined) return { kind: placed, path }
  if (plain !== undefined) return { kind: plain }
  throw new Error(`no command of the debugger: ${kind}`)
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
