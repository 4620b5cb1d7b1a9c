/** Rules of real zones as the 21 fields of the published variable. */

import test from 'ava'
import { timeZoneFields } from '../../server/site/time-zone-fields.ts'

const says = test.macro((t, rule: string, fields: string | undefined) => {
  t.is(timeZoneFields(rule), fields)
  if (fields !== undefined) t.is(fields.split(',').length, 21)
})

const never = '0,0,0,0,0,0,0,0'

test(
  'S3.1: Berlin: the clocks change on last Sundays, back at three',
  says,
  'CET-1CEST,M3.5.0,M10.5.0/3',
  '-60,0,-60,0,10,0,5,3,0,0,0,0,3,0,5,2,0,0,0,CET,CEST',
)
test(
  'S3.1: New York: the second Sunday in March, the first in November',
  says,
  'EST5EDT,M3.2.0,M11.1.0',
  '300,0,-60,0,11,0,1,2,0,0,0,0,3,0,2,2,0,0,0,EST,EDT',
)
test(
  'S3.1: Lord Howe: half an hour',
  says,
  '<+1030>-10:30<+11>-11,M10.1.0,M4.1.0',
  '-630,0,-30,0,4,0,1,2,0,0,0,0,10,0,1,2,0,0,0,+1030,+11',
)
test('S3.1: UTC: nothing ever changes', says, 'UTC0', `0,0,0,${never},${never},UTC,UTC`)
test('S3.1: Kolkata', says, 'IST-5:30', `-330,0,0,${never},${never},IST,IST`)
test('S3.1: hours of the day before cannot be said', says, '<-02>2<-01>,M3.5.0/-1,M10.5.0/0', undefined)
test('S3.1: nor days of the year', says, 'XXX3YYY,J60,J300', undefined)
test('S3.1: what is no rule is none', says, 'Europe/Berlin', undefined)
