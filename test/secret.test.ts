/** A secret does not show itself, and few places may ask it to. */

import { inspect } from 'node:util'
import test from 'ava'
import { Secret } from '../server/secret.ts'
import { readSourceFiles } from './support/source-files.ts'

const text = 'canary-7f3a'

test('A08: however it is printed, a secret is ***', (t) => {
  const secret = new Secret(text)
  const nested = { token: secret, list: [secret] }
  const printed = [
    String(secret),
    secret.toString(),
    JSON.stringify(nested),
    inspect(nested, { depth: 9, showHidden: true }),
    inspect(new Error('x', { cause: nested })),
  ]
  for (const one of printed) t.false(one.includes(text), one)
  t.is(JSON.stringify(secret), '"***"')
  t.is(secret.reveal(), text)
})

test('only these places ask for the text of a secret', (t) => {
  const places = readSourceFiles('server', 'bootstrap', 'media').filter((file) => /\.reveal\(\)/.test(file.text))
  t.deepEqual(
    places.map((file) => file.path),
    ['server/http/token.ts', 'server/main.ts'],
  )
})
