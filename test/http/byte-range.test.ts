/** Range headers as RFC 9110 section 14 has them, as a table. */

import test from 'ava'
import { parseRange, type RangeAnswer } from '../../server/http/byte-range.ts'

const whole: RangeAnswer = { kind: 'whole' }
const unsatisfiable: RangeAnswer = { kind: 'unsatisfiable' }
const ranges = (...pairs: readonly (readonly [number, number])[]): RangeAnswer => ({
  kind: 'ranges',
  ranges: pairs.map(([first, last]) => ({ first, last })),
})

const answers = test.macro<[string | undefined, number, RangeAnswer]>({
  exec: (t, header, bytes, expected) => t.deepEqual(parseRange(header, bytes), expected),
  title: (title, header) => `${title ?? ''} (${header?.slice(0, 40) ?? 'no header'})`,
})

test('HT-03: the first octet', answers, 'bytes=0-0', 1000, ranges([0, 0]))
test('HT-03: the last octet', answers, 'bytes=-1', 1000, ranges([999, 999]))
test('HT-03: an open end', answers, 'bytes=500-', 1000, ranges([500, 999]))
test('HT-03: an end behind the end', answers, 'bytes=0-999999999', 1000, ranges([0, 999]))
test('HT-03: a suffix longer than the file', answers, 'bytes=-5000', 1000, ranges([0, 999]))
test('HT-04: a start behind the end', answers, 'bytes=1000-', 1000, unsatisfiable)
test('HT-04: nothing of an empty file', answers, 'bytes=0-0', 0, unsatisfiable)
test('HT-04: an empty suffix', answers, 'bytes=-0', 1000, unsatisfiable)
test('HT-05: an unknown unit', answers, 'lines=0-5', 1000, whole)
test('HT-05: no number', answers, 'bytes=-', 1000, whole)
test('HT-05: backwards', answers, 'bytes=5-2', 1000, whole)
test('HT-05: words', answers, 'bytes=abc', 1000, whole)
test('HT-05: one bad range among good ones', answers, 'bytes=0-1,x', 1000, whole)
test('HT-05: digits without end', answers, `bytes=0-${'9'.repeat(400)}`, 1000, whole)
test('HT-06: two ranges', answers, 'bytes=0-1, 5-6', 1000, ranges([0, 1], [5, 6]))
test('HT-06: overlapping and touching ranges become one', answers, 'bytes=5-9,0-4,3-6', 1000, ranges([0, 9]))
test('HT-06: what lies behind the end is left out', answers, 'bytes=0-1,2000-', 1000, ranges([0, 1]))
test('D09: nine ranges are too many', answers, `bytes=${'0-0,'.repeat(8)}2-2`, 1000, whole)
test('D09: ten thousand ranges are too many', answers, `bytes=${'0-0,'.repeat(10_000)}2-2`, 1000, whole)
test('HT-03: no header', answers, undefined, 1000, whole)
