/** Preconditions in the order of RFC 9110 section 13.2.2, as a table. */

import test from 'ava'
import { type ConditionHeaders, judgeConditions, type Verdict } from '../../server/http/conditional-request.ts'

const etag = '"aaaa"'
const lastModifiedMs = Date.parse('Tue, 02 Jan 2024 00:00:00 GMT') + 123
const before = 'Mon, 01 Jan 2024 00:00:00 GMT'
const exact = 'Tue, 02 Jan 2024 00:00:00 GMT'

const judges = test.macro<[ConditionHeaders, Verdict]>((t, headers, verdict) => {
  t.is(judgeConditions(headers, { etag, lastModifiedMs }), verdict)
})

test('HT-09: nothing asked', judges, {}, 'send')
test('HT-09: If-Match that matches', judges, { 'if-match': '"x", "aaaa"' }, 'send')
test('HT-09: If-Match with a star', judges, { 'if-match': '*' }, 'send')
test('HT-09, H07: If-Match that fails', judges, { 'if-match': '"x"' }, 'precondition-failed')
test('HT-09: If-Match never takes a weak tag', judges, { 'if-match': 'W/"aaaa"' }, 'precondition-failed')
test('HT-09: If-Match goes before dates', judges, { 'if-match': etag, 'if-unmodified-since': before }, 'send')
test('H07: changed since', judges, { 'if-unmodified-since': before }, 'precondition-failed')
test('H07: not changed since', judges, { 'if-unmodified-since': exact }, 'send')
test('HT-09: a date nobody can read', judges, { 'if-unmodified-since': 'yesterday' }, 'send')
test('HT-09: If-None-Match that matches', judges, { 'if-none-match': etag }, 'not-modified')
test('HT-09: If-None-Match compares weakly', judges, { 'if-none-match': 'W/"aaaa"' }, 'not-modified')
test('HT-09: If-None-Match goes before dates', judges, { 'if-none-match': '"x"', 'if-modified-since': exact }, 'send')
test('HT-09: If-Modified-Since', judges, { 'if-modified-since': exact }, 'not-modified')
test(
  'HT-09: If-Match fails before If-None-Match is seen',
  judges,
  { 'if-match': '"x"', 'if-none-match': etag },
  'precondition-failed',
)
test('HT-08: If-Range that matches', judges, { 'if-range': etag }, 'send')
test('HT-08: If-Range of another version', judges, { 'if-range': '"x"' }, 'send-without-range')
test('HT-08: a weak tag never matches', judges, { 'if-range': 'W/"aaaa"' }, 'send-without-range')
test('HT-08: If-Range with our date', judges, { 'if-range': exact }, 'send')
test('HT-08: If-Range with another date', judges, { 'if-range': before }, 'send-without-range')

test('HT-09: without a date of our own, conditions on dates are not looked at', (t) => {
  t.is(judgeConditions({ 'if-unmodified-since': before }, { etag }), 'send')
  t.is(judgeConditions({ 'if-range': exact }, { etag }), 'send-without-range')
})
