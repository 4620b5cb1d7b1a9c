/** The words on the machine's screen, by the variables that decide them. */

import test from 'ava'
import { emptyEnvironment, setVariables } from '../../server/sequence/environment.ts'
import { errorDialogSeconds, progressText } from '../../server/sequence/progress-text.ts'

function environment(values: Readonly<Record<string, string>>) {
  const assignments = Object.entries(values).map(([name, value]) => ({ name, value, secret: name === 'Pin' }))
  const result = setVariables(emptyEnvironment, assignments, 'product')
  return result.kind === 'set' ? result.environment : emptyEnvironment
}

const place = { name: 'Apply', number: 2, total: 10 }

const shows = test.macro((t, values: Readonly<Record<string, string>>, ...expected: string[]) => {
  const text = progressText(environment({ _SMSTSPackageName: 'Install', ...values }), place)
  t.deepEqual(text === undefined ? [] : [text.heading, text.step, text.position], expected)
})

test('S3: the heading is the name of the sequence', shows, {}, 'Running: Install', 'Apply', '')
test('S3: level 1', shows, { TSProgressInfoLevel: '1' }, 'Running: Install', 'Apply', '2 of 10')
test('S3: level 2', shows, { TSProgressInfoLevel: '2' }, 'Running: Install', 'Apply', '2 of 10 (20% complete)')
test('S3: level 3', shows, { TSProgressInfoLevel: '3' }, 'Running: Install', 'Apply', '(20% complete)')
test('S3: no such level', shows, { TSProgressInfoLevel: '4' }, 'Running: Install', 'Apply', '')
test('S5-029: nothing is shown', shows, { TSDisableProgressUI: 'TRUE' })
test('S5-029: shown again', shows, { TSDisableProgressUI: 'false' }, 'Running: Install', 'Apply', '')
test(
  'S3-002: a heading of its own, with secrets masked',
  shows,
  { _SMSTSCustomProgressDialogMessage: 'Pin 4711', Pin: '4711' },
  'Pin ***',
  'Apply',
  '',
)

test('S3: an error stays as long as SMSTSErrorDialogTimeout says, and without it until somebody comes', (t) => {
  const seconds = (value: string) => errorDialogSeconds(environment({ SMSTSErrorDialogTimeout: value }))
  t.deepEqual(['900', ' 5 ', '99999999', '', '0', '-1', 'soon'].map(seconds), [
    900,
    5,
    86_400,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})
