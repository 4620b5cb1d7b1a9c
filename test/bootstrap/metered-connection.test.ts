/** Whether a client's connection is metered, as NetworkManager answers. */

import test from 'ava'
import { parseMetered } from '../../bootstrap/metered-connection.ts'

for (const [text, expected] of [
  ['v u 0\n', undefined],
  ['v u 1\n', true],
  ['v u 2\n', false],
  ['v u 3\n', true],
  ['v u 4\n', false],
  ['v u 5\n', undefined],
  ['', undefined],
  ['v s "1"\n', undefined],
] as const) {
  test(`S5-017: busctl says ${JSON.stringify(text)}`, (t) => {
    t.is(parseMetered(text), expected)
  })
}
