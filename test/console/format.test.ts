/** Numbers as the page prints them. */

import test from 'ava'
import * as fc from 'fast-check'
import { printBytes, printDuration, printTime } from '../../server/console/src/format.ts'

const bytes = test.macro({
  exec: (t, value: number, text: string) => t.is(printBytes(value), text),
  title: (_, value: number, text: string) => `${value} octets are ${text}`,
})

test(bytes, 0, '0 B')
test(bytes, 999, '999 B')
test(bytes, 1_000, '1.0 kB')
test(bytes, 99_940, '99.9 kB')
test(bytes, 99_960, '100 kB')
test(bytes, 999_499, '999 kB')
test(bytes, 999_500, '1.0 MB')
test(bytes, 4_250_000, '4.3 MB')
test(bytes, 312_000_000, '312 MB')
test(bytes, 5_368_709_120, '5.4 GB')
test(bytes, Number.MAX_SAFE_INTEGER, '9.0 PB')

const duration = test.macro({
  exec: (t, ms: number, text: string) => t.is(printDuration(ms), text),
  title: (_, ms: number, text: string) => `${ms} ms are ${text}`,
})

test(duration, -5_000, '0 s')
test(duration, 999, '0 s')
test(duration, 59_999, '59 s')
test(duration, 60_000, '1 min 00 s')
test(duration, 187_000, '3 min 07 s')
test(duration, 3_599_999, '59 min 59 s')
test(duration, 7_500_000, '2 h 05 min')
test(duration, 90_000_000, '25 h 00 min')

test('a size is never more than five characters and its unit, and grows with the octets', (t) => {
  const octets = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
  fc.assert(fc.property(octets, (value) => t.regex(printBytes(value), /^(\d{1,3}|\d{1,2}\.\d) [kMGTP]?B$/)))
})

test('a time of day has hours, minutes and seconds', (t) => {
  t.regex(printTime(0), /^\d{2}\D\d{2}\D\d{2}/)
})
