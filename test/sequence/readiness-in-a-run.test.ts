/** Check Readiness as a step of a run: what its failure does. */

import test from 'ava'
import { advance, startRun } from '../../server/sequence/advance.ts'
import { valueOf } from '../../server/sequence/environment.ts'
import { judgeReadiness, notReadyExitCode, readinessVariablesOf } from '../../server/sequence/judge-readiness.ts'
import { commandStep, printEffect, sequenceOf } from '../support/sequences.ts'

/** A machine with too little memory comes to the step. */
const runOn = (continueOnError: boolean) => {
  const check = { name: 'Check', action: { type: 'check-readiness' }, continueOnError }
  const started = advance(startRun(sequenceOf({ name: 'Ready?', children: [check, commandStep('Wipe')] }), []), {
    kind: 'start',
  })
  const asked = started.effects.at(-1)
  if (asked?.kind !== 'run-step' || asked.action.type !== 'check-readiness') throw new Error('not asked')
  const results = judgeReadiness(asked.action, { memoryMegabytes: 512, speedMegahertz: 3_000 })
  return advance(started.run, {
    kind: 'step-ended',
    exitCode: notReadyExitCode,
    message: 'not ready',
    variables: readinessVariablesOf(results),
  })
}

test('S1-034: with Continue on error Check Readiness only logs, and its variables tell what was missing', (t) => {
  const { run, effects } = runOn(true)
  t.deepEqual(effects.map(printEffect).slice(0, 2), [
    'report step-ended [0] failed-continued 4316: not ready',
    'report step-started [1] Wipe, run-command-line, attempt 1',
  ])
  t.is(valueOf(run.environment, '_TS_CRMEMORY'), '0')
  t.is(valueOf(run.environment, '_TS_CRSPEED'), '1')
  t.is(valueOf(run.environment, '_TS_CRDISK'), '')
  const ended = advance(run, { kind: 'step-ended', exitCode: 0, message: '', variables: [] })
  t.deepEqual(ended.run.state, { kind: 'ended', outcome: { kind: 'succeeded' } })
})

test('S1-034: without it a machine that is not ready runs nothing more', (t) => {
  const { run } = runOn(false)
  t.deepEqual(run.state, {
    kind: 'ended',
    outcome: { kind: 'failed', path: [0], exitCode: 4_316, message: 'not ready' },
  })
})
