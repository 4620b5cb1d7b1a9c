/** What is typed at a machine arrives, whether somebody waits for ever or for a while. */

import { PassThrough } from 'node:stream'
import test from 'ava'
import { readLine } from '../../bootstrap/console.ts'

for (const [what, timeoutMs] of [
  ['for ever', undefined],
  ['for a while', 5_000],
] as const) {
  test(`a line that is typed is what was waited for ${what}, and so is the next one`, async (t) => {
    const keyboard = new PassThrough()
    const first = readLine(keyboard, timeoutMs)
    keyboard.write('the first\n')
    t.is(await first, 'the first')
    const second = readLine(keyboard, timeoutMs)
    keyboard.write('the second\n')
    t.is(await second, 'the second')
  })
}

test('without a keyboard nobody is waited for who could wait for ever', async (t) => {
  const keyboard = new PassThrough()
  keyboard.end()
  t.is(await readLine(keyboard, undefined), undefined)
})

test('a keyboard that is gone does not cut the time short', async (t) => {
  const keyboard = new PassThrough()
  keyboard.end()
  t.is(await readLine(keyboard, 20), undefined)
})
