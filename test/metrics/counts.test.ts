/** Counts by name, and how they are shown. */

import test from 'ava'
import { Registry } from 'prom-client'
import { Counts } from '../../server/metrics/counts.ts'
import { showLabelled, showPlain } from '../../server/metrics/show-metric.ts'

test('each name is counted by itself', (t) => {
  const counts = new Counts()
  for (const name of ['a', 'b', 'a']) counts.add(name)
  t.deepEqual(counts.values, [
    ['a', 2],
    ['b', 1],
  ])
  t.is(counts.get('a'), 2)
  t.is(counts.get('never'), 0)
})

test('what is shown is as it is when somebody asks, a total as a counter and the rest as gauges', async (t) => {
  const counts = new Counts()
  const registry = new Registry()
  showLabelled(registry, {
    name: 'seen_total',
    help: 'Seen.',
    labelNames: ['what'],
    read: () => counts.values.map(([what, value]) => ({ labels: { what }, value })),
  })
  showPlain(registry, [{ name: 'waiting', help: 'Waiting.', read: () => counts.get('a') }])
  t.notRegex(await registry.metrics(), /^seen_total/m)
  counts.add('a')
  counts.add('a')
  for (let time = 0; time < 2; time++) {
    t.is(
      (await registry.metrics()).trim(),
      [
        '# HELP seen_total Seen.',
        '# TYPE seen_total counter',
        'seen_total{what="a"} 2',
        '',
        '# HELP waiting Waiting.',
        '# TYPE waiting gauge',
        'waiting 2',
      ].join('\n'),
    )
  }
})
