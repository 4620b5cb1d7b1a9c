/** Ends of a step that are easily forgotten: variables that fit no field, limits of attempts, what a time-out leaves behind. */

import test from 'ava'
import { advance, startRun } from '../../server/sequence/advance.ts'
import { type Variable, valueOf } from '../../server/sequence/environment.ts'
import type { SequenceEvent } from '../../server/sequence/event.ts'
import { stepAttemptsMax } from '../../server/sequence/judge-step.ts'
import type { Run } from '../../server/sequence/run.ts'
import { commandStep, printEffect, sequenceOf } from '../support/sequences.ts'

const variable = (name: string, value: string): Variable => ({ name, value, secret: false })
const ended = (exitCode: number, ...variables: Variable[]): SequenceEvent => ({
  kind: 'step-ended',
  exitCode,
  message: '',
  variables,
})
const started = (children: readonly unknown[], variables: readonly Variable[] = []): ReturnType<typeof advance> =>
  advance(startRun(sequenceOf({ name: 'Ends', children }), variables), { kind: 'start' })
const exitCodeOf = ({ state }: Run) =>
  state.kind === 'ended' && state.outcome.kind === 'failed' ? state.outcome.exitCode : undefined

test('S6-018: the end of a run says what the machine is called, unless nobody said so or it is a secret', (t) => {
  const endOf = (...variables: readonly Variable[]) =>
    started([], variables).effects.flatMap((effect) =>
      effect.kind === 'report' && effect.report.kind === 'sequence-ended' ? [effect.report] : [],
    )
  const outcome = { kind: 'succeeded' } as const
  t.deepEqual(endOf(variable('osdcomputername', 'PC-1')), [{ kind: 'sequence-ended', outcome, computerName: 'PC-1' }])
  t.deepEqual(endOf(), [{ kind: 'sequence-ended', outcome }])
  const secret = { ...variable('OSDComputerName', 'PC-1'), secret: true }
  t.deepEqual(endOf(secret), [{ kind: 'sequence-ended', outcome }])
})

test('S1-060: a variable that fits no field fails the step with 87, and the step is not handed out', (t) => {
  const disk = { name: 'Disk', action: { type: 'convert-disk-to-dynamic' } }
  const { run, effects } = started([disk], [variable('OSDConvertDiskIndex', 'first')])
  t.false(effects.some(({ kind }) => kind === 'run-step'))
  t.is(exitCodeOf(run), 87)
  t.is(valueOf(run.environment, '_SMSTSLastActionRetCode'), '87')
})

test('S1-017 S1-056: after a time-out nothing is left of what the action brought along', (t) => {
  const step = commandStep('Slow', {
    timeoutSeconds: 60,
    continueOnError: true,
    action: { type: 'run-command-line', commandLine: 'sleep', workingDirectory: '/srv' },
  })
  const { run } = started([step, commandStep('Next')])
  t.is(valueOf(run.environment, 'WorkingDirectory'), '/srv')
  const after = advance(run, { kind: 'step-timed-out' }).run
  t.is(valueOf(after.environment, 'WorkingDirectory'), '')
  t.is(valueOf(after.environment, '_SMSTSLastActionRetCode'), '1460')
})

test('S1-017: only a step with a time limit is handed out with one', (t) => {
  const limits = started([commandStep('Limited', { timeoutSeconds: 60 })]).effects.at(-1)
  t.true(limits?.kind === 'run-step' && limits.timeoutSeconds === 60)
  const unlimited = started([commandStep('Free')]).effects.at(-1)
  t.true(unlimited?.kind === 'run-step' && !('timeoutSeconds' in unlimited))
})

test('S1-041: restarts that ask for no other attempt are not counted as attempts', (t) => {
  const children = Array.from({ length: stepAttemptsMax + 2 }, (_, index) => commandStep(`Step ${index}`))
  let { run } = started(children)
  for (const _ of children) {
    t.is(run.state.kind, 'running-step')
    run = advance(run, ended(3_010)).run
    run = advance(run, { kind: 'resumed', where: 'boot-image' }).run
  }
  t.deepEqual(run.state, { kind: 'ended', outcome: { kind: 'succeeded' } })
})

test('S1-041: at its last attempt a step may still restart the machine and go on', (t) => {
  const again = [variable('SMSTSRebootRequested', 'WinPE'), variable('SMSTSRetryRequested', 'true')]
  let { run } = started([commandStep('Again'), commandStep('Next')])
  for (let attempt = 1; attempt < stepAttemptsMax; attempt += 1) {
    run = advance(run, ended(0, ...again)).run
    run = advance(run, { kind: 'resumed', where: 'boot-image' }).run
  }
  t.like(run.state, { kind: 'running-step', path: [0], attempt: stepAttemptsMax })
  run = advance(run, ended(3_010)).run
  t.like(run.state, { kind: 'restarting' })
  run = advance(run, { kind: 'resumed', where: 'boot-image' }).run
  t.like(run.state, { kind: 'running-step', path: [1], attempt: 1 })
})

test('S1-019 S1-041: attempts after unexpected restarts count as attempts too', (t) => {
  const again = [variable('SMSTSRebootRequested', 'HD'), variable('SMSTSRetryRequested', 'true')]
  const updates = { name: 'Updates', action: { type: 'install-software-updates' } }
  const sequence = sequenceOf({ name: 'Updates', children: [updates] })
  let { run } = advance(startRun(sequence, []), { kind: 'start', where: 'installed-system' })
  for (let attempt = 1; attempt < stepAttemptsMax; attempt += 1) {
    run = advance(run, ended(0, ...again)).run
    run = advance(run, { kind: 'resumed', where: 'installed-system' }).run
  }
  t.like(run.state, { kind: 'running-step', attempt: stepAttemptsMax })
  t.is(exitCodeOf(advance(run, { kind: 'resumed', where: 'installed-system' }).run), 1_115)
})

test('S1-040: a request that nobody understands is shown, and never all of a long one', (t) => {
  const { run } = started([commandStep('Odd')])
  const { effects } = advance(run, ended(0, variable('SMSTSRebootRequested', 'x'.repeat(4_000))))
  const told = effects.map(printEffect)
  t.regex(told[0] ?? '', /^report step-ended \[0\] failed 87: SMSTSRebootRequested was set to "x{60}"/)
  t.true((told[0] ?? '').length < 250)
})

test('S1-046: a step that is to run again waits for the second restart first', (t) => {
  const children = [{ name: 'Updates', action: { type: 'install-software-updates' } }, commandStep('Next')]
  const wait = variable('SMSTSWaitForSecondReboot', '60')
  const again = [variable('SMSTSRebootRequested', 'HD'), variable('SMSTSRetryRequested', 'true')]
  const sequence = sequenceOf({ name: 'Waits', children })
  for (const [variables, path, attempt] of [
    [again, [0], 2],
    [again.slice(0, 1), [1], 1],
  ] as const) {
    const begun = advance(startRun(sequence, [wait]), { kind: 'start', where: 'installed-system' }).run
    const restarting = advance(begun, ended(0, ...variables)).run
    const back = advance(restarting, { kind: 'resumed', where: 'installed-system' })
    t.deepEqual(back.effects.at(-1), { kind: 'wait', seconds: 60 })
    const after = advance(JSON.parse(JSON.stringify(back.run)), { kind: 'waited' })
    t.like(after.run.state, { kind: 'running-step', path: [...path], attempt })
  }
})
