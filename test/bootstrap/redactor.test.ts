/** Masking of secrets in every spelling and across chunks (security A08). */

import test from 'ava'
import { array, assert, integer, property } from 'fast-check'
import { mask, Redactor } from '../../bootstrap/redactor.ts'

const secret = `pa55 "word" & o'ne/ü`

function redactorFor(value: string): Redactor {
  const redactor = new Redactor()
  redactor.learn(value)
  return redactor
}

test('A08: a secret is masked in each spelling that programs print', (t) => {
  const redactor = redactorFor(secret)
  const hex = Buffer.from(secret).toString('hex')
  const spellings = [
    secret,
    hex,
    hex.toUpperCase(),
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    secret.replaceAll("'", "'\\''"),
  ]
  for (const spelling of spellings) t.is(redactor.redact(`a ${spelling} b`), `a ${mask} b`)
})

test('A08: base64 is masked wherever the secret stands in it', (t) => {
  const redactor = redactorFor('correct horse battery')
  for (const before of ['', 'x', 'xy', 'xyz']) {
    const text = Buffer.from(`${before}correct horse battery!`).toString('base64')
    t.true(redactor.redact(text).includes(mask), before)
  }
})

test('A08: a secret cut across chunks at any place is masked, and nothing else is lost', (t) => {
  const text = `before ${secret} between ${secret}${secret} after`
  const expected = `before ${mask} between ${mask}${mask} after`
  assert(
    property(array(integer({ min: 0, max: text.length }), { maxLength: 12 }), (cuts) => {
      const stream = redactorFor(secret).stream()
      const places = [0, ...cuts.sort((a, b) => a - b), text.length]
      const parts = places.slice(1).map((place, index) => stream.write(text.slice(places[index], place)))
      return parts.join('') + stream.end() === expected
    }),
  )
  t.pass()
})

test('each line of a secret of several lines is masked by itself', (t) => {
  t.is(redactorFor('first line\nsecond line').redact('> second line'), `> ${mask}`)
})

test('a value too short to be masked is refused, and a longer one is not', (t) => {
  t.false(new Redactor().learn('abc'))
  t.true(new Redactor().learn('abcdef'))
})
