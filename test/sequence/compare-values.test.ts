/** The order of values and of versions, in both directions of every pair. */

import test from 'ava'
import { compareValues, compareVersions } from '../../server/sequence/compare-values.ts'
import { matchesWildcards } from '../../server/sequence/match-wildcards.ts'

const versions = test.macro((t, first: string, sign: '<' | '=', second: string) => {
  const expected = sign === '<' ? -1 : 0
  t.is(Math.sign(compareVersions(first, second)), expected, `${first} ${sign} ${second}`)
  t.is(Math.sign(compareVersions(second, first)) + expected, 0, `${second} and ${first}, the other way round`)
})

test('S1-023: a release candidate comes before the release', versions, '1.0~rc1', '<', '1.0')
test('S1-023: a beta of a beta comes before it', versions, '1.0~beta1~svn1245', '<', '1.0~beta1')
test('S1-023: "~" comes before what another sign separates', versions, '10~0', '<', '10.0')
test('S1-023: letters come before other signs', versions, '1.0a', '<', '1.0+')
test('S1-023: letters have their own order, after the first too', versions, '1.aa', '<', '1.ab')
test('S1-023: digits are numbers', versions, '1.9', '<', '1.10')
test('S1-023: what is longer by letters is newer', versions, '10', '<', '10a0')
test('S1-023: what goes on after zeros is newer', versions, '10', '<', '10.0~rc1')
test('S1-023: the epoch decides first, as a number', versions, '9:9.0', '<', '10:0.1')
test('S1-023: no epoch is the epoch 0', versions, '99', '<', '1:0.1')
test('S1-023: an epoch of 0 is none', versions, '0:1.2', '=', '1.2')
test('S1-023: a revision decides last', versions, '1.0-2', '<', '1.1-1')
test('S1-023: revisions are compared as versions are', versions, '1.0-9', '<', '1.0-10')
test('S1-023: no revision comes before the first', versions, '1.0', '<', '1.0-1')
test('S1-023: the revision stands behind the last dash', versions, '1.0-1-1', '<', '1.0-2-1')
test('S1-023: missing parts are zero', versions, '10', '=', '10.0')
test('S1-023: several missing parts are zero', versions, '10', '=', '10.0.00')
test('S1-023: leading zeros mean nothing', versions, '1.007', '=', '1.7')
test('S1-055: letters are compared without case', versions, '1.0RC', '=', '1.0rc')
test('S1-023: white space around a version means nothing', versions, ' 1.0 ', '=', '1.0')

const values = test.macro((t, first: string, second: string) => {
  t.true(compareValues(first, second) < 0, `${first} < ${second}`)
  t.true(compareValues(second, first) > 0, `${second} > ${first}`)
})

test('S1-023: fractions of any length are numbers', values, '9.5', '10.25')
test('S1-023: a number with a letter behind it is text', values, '10x', '9')
test('S1-023: a number with a sign in front that is none of its own is text', values, 'x10', 'x9')
test('S1-023: a number and a text are compared as texts', values, '9', 'abc')

const matches = test.macro((t, text: string, pattern: string, expected: boolean) => {
  t.is(matchesWildcards(text, pattern), expected)
})

test('S2-023: a text that ends too soon does not match', matches, 'xyz', '*y?z', false)
test('S2-023: nor one that lacks the last character', matches, 'xyz', '*yz?', false)
test('S2-023: nor one that lacks a character behind a star', matches, 'xyz', '*yz*?', false)
test('S2-023: a star may stand for nothing at the end', matches, 'xyz', '*yz*', true)
test('S2-023: several stars are one', matches, 'xyz', '***z***', true)
test('S2-023: a pattern without stars is the whole text', matches, 'xyz', 'xy', false)
test('S2-023: an empty pattern is the empty text alone', matches, 'x', '', false)
