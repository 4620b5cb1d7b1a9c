/** Percentiles of waits, and what a load tells of them. */

import test from 'ava'
import { LoadError } from '../../../server/cli/load/load-error.ts'
import { LoadRecord, printLoad } from '../../../server/cli/load/load-record.ts'
import { Waits } from '../../../server/cli/load/waits.ts'

test('a percentile is a value that was seen', (t) => {
  const waits = new Waits()
  t.is(waits.percentile(0.5), 0)
  for (let value = 100; value >= 1; value--) waits.add(value)
  t.deepEqual(
    [0, 0.5, 0.9, 0.99, 1].map((part) => waits.percentile(part)),
    [1, 50, 90, 99, 100],
  )
  waits.add(1_000)
  t.is(waits.percentile(1), 1_000)
})

test('a summary has places, reasons with their number, and stages in the order of the way', async (t) => {
  const record = new LoadRecord()
  record.begun = 4
  await record.timed('script', async () => undefined)
  await record.timed('DHCP', async () => undefined)
  await t.throwsAsync(record.timed('TFTP', async () => Promise.reject(new LoadError('TFTP fell silent'))))
  record.arrive('said hello')
  for (let each = 0; each < 2; each++) record.fail('TFTP', 'TFTP fell silent')
  record.fail('hello', 'HTTP 429')
  const summary = record.summary(2_000, 3e6)
  t.like(summary, { machines: 4, failed: 3, machinesPerSecond: 0.5, megabytesPerSecond: 1.5 })
  t.deepEqual(summary.arrived, { 'said hello': 1 })
  t.deepEqual(Object.entries(summary.failures), [
    ['TFTP: TFTP fell silent', 2],
    ['hello: HTTP 429', 1],
  ])
  t.deepEqual(
    summary.stages.map(({ stage }) => stage),
    ['DHCP', 'script'],
  )
  t.regex(printLoad(summary), /4 machines in 2.0 s: .* 3 failed\n +1 said hello\n +2 failed, TFTP: TFTP fell silent/)
})
