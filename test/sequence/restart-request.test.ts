/** What an action that ended asks for by its variables and its exit code, and what the site's variables say about restarts. */

import test from 'ava'
import {
  readRestartRequest,
  restartDelaySecondsMax,
  restartNotice,
  secondRestartSeconds,
} from '../../server/sequence/restart-request.ts'
import { actionOf, environmentOf } from '../support/actions.ts'

const command = actionOf({ type: 'run-command-line', commandLine: 'true' })
const setup = actionOf({ type: 'setup-windows-and-configmgr' })

const asks = test.macro((t, variables: Readonly<Record<string, string>>, exitCode: number, expected: object) => {
  const environment = environmentOf(variables)
  t.deepEqual<object, object>(
    readRestartRequest({ action: command, exitCode, environment, where: 'boot-image' }),
    expected,
  )
})
const request = (target: string, retry = false) => ({ kind: 'restart', target, retry })

test('S1-039: 0 asks for nothing', asks, {}, 0, { kind: 'none' })
test('S1-039: 3010 comes back where it was', asks, {}, 3_010, request('boot-image'))
test('S1-040: a plain no is no request', asks, { SMSTSRebootRequested: 'False' }, 0, { kind: 'none' })
test(
  'S1-040: a plain no leaves 3010 its meaning',
  asks,
  { SMSTSRebootRequested: 'false' },
  3_010,
  request('boot-image'),
)
test('S1-040: the boot image, in any case', asks, { SMSTSRebootRequested: 'winpe' }, 0, request('boot-image'))
test('S1-040: the installed system', asks, { SMSTSRebootRequested: 'hd' }, 0, request('installed-system'))
test('S1-040: true is where the run is', asks, { SMSTSRebootRequested: 'TRUE' }, 0, request('boot-image'))
test('S1-040: another word is not guessed at, whatever the exit code', asks, { SMSTSRebootRequested: 'usb' }, 3_010, {
  kind: 'not-understood',
  value: 'usb',
})
for (const word of ['0', 'false', 'FALSE', 'no', 'No']) {
  test(
    `S1-041: "${word}" asks for no other attempt`,
    asks,
    { SMSTSRebootRequested: 'HD', SMSTSRetryRequested: word },
    0,
    request('installed-system'),
  )
}
for (const word of ['1', 'true', 'yes', 'please']) {
  test(
    `S1-041: "${word}" asks for another attempt`,
    asks,
    { SMSTSRetryRequested: word },
    3_010,
    request('boot-image', true),
  )
}
test('S1-041: an attempt without a restart is none', asks, { SMSTSRetryRequested: 'true' }, 0, { kind: 'none' })

test('S1-042: after Setup Windows and ConfigMgr the installed system starts, with or without an exit code', (t) => {
  const ended = { action: setup, where: 'boot-image' } as const
  for (const exitCode of [0, 3_010]) {
    t.deepEqual<object, object>(
      readRestartRequest({ ...ended, exitCode, environment: environmentOf({}) }),
      request('installed-system'),
    )
  }
  const environment = environmentOf({ SMSTSRebootRequested: 'WinPE' })
  t.deepEqual<object, object>(readRestartRequest({ ...ended, exitCode: 0, environment }), request('boot-image'))
})

const waits = test.macro((t, variables: Readonly<Record<string, string>>, restarts: number, expected: number) => {
  t.is(restartNotice(environmentOf(variables), restarts).delaySeconds, expected)
})

test('S1-048: nobody waits unless the site says so', waits, {}, 0, 0)
test('S1-048: the first restart', waits, { SMSTSRebootDelay: '5', SMSTSRebootDelayNext: '60' }, 0, 5)
test('S1-048: the next ones', waits, { SMSTSRebootDelay: '5', SMSTSRebootDelayNext: '60' }, 1, 60)
test('S1-048: without its own number the next is like the first', waits, { SMSTSRebootDelay: '5' }, 1, 5)
test('S1-048: a delay that is no number is none', waits, { SMSTSRebootDelay: '5s' }, 0, 0)
test('S1-048: a delay below zero is none', waits, { SMSTSRebootDelay: '-5' }, 0, 0)
test('S1-048: a delay that is no whole number is none', waits, { SMSTSRebootDelay: '2.5' }, 0, 0)
test('S1-048: nobody waits longer than a day', waits, { SMSTSRebootDelay: '999999999' }, 0, restartDelaySecondsMax)

test('S1-048: the text of the site, or our own', (t) => {
  t.is(restartNotice(environmentOf({ SMSTSRebootMessage: 'Back soon.' }), 0).message, 'Back soon.')
  t.is(restartNotice(environmentOf({}), 0).message, 'The task sequence restarts this computer.')
})

const sitsStill = test.macro((t, value: string, where: 'boot-image' | 'installed-system', expected: number) => {
  t.is(secondRestartSeconds(environmentOf({ SMSTSWaitForSecondReboot: value }), where), expected)
})

test('S1-046: so many seconds in the installed system', sitsStill, '90', 'installed-system', 90)
test('S1-046: with white space around them', sitsStill, ' 90 ', 'installed-system', 90)
test('S1-046: not in the boot image', sitsStill, '90', 'boot-image', 0)
test('S1-046: what is no number is no wait', sitsStill, '90s', 'installed-system', 0)
test('S1-046: what is below zero is no wait', sitsStill, '-90', 'installed-system', 0)
test('S1-046: a day at most', sitsStill, '100000', 'installed-system', restartDelaySecondsMax)
