/** Who speaks for a machine, and for how long. */

import test from 'ava'
import { Liveness } from '../../server/http/agent/liveness.ts'

test('A06: whoever is heard keeps the place, for 30 seconds while waiting and for two minutes in a run', (t) => {
  const liveness = new Liveness()
  t.true(liveness.hear('pc', 'key-1', 0))
  t.false(liveness.hear('pc', 'key-2', 29_999))
  t.true(liveness.hear('pc', 'key-2', 30_000))
  t.true(liveness.hear('pc', 'key-2', 40_000, true))
  t.true(liveness.hear('pc', 'key-2', 50_000))
  t.false(liveness.hear('pc', 'key-1', 159_999))
  t.true(liveness.hear('pc', 'key-1', 160_000))
  liveness.replace('pc', 'key-3', 160_000)
  t.false(liveness.hear('pc', 'key-1', 160_001))
  liveness.fallSilent('pc', 'key-1')
  t.false(liveness.hear('pc', 'key-1', 160_002))
  liveness.fallSilent('pc', 'key-3')
  t.true(liveness.hear('pc', 'key-1', 160_003))
})

test('A06: a flood of machines that say hello takes no place from a live run', (t) => {
  const liveness = new Liveness()
  liveness.hear('with a run', 'key-1', 0, true)
  liveness.hear('waiting', 'key-1', 0)
  for (let number = 0; number < 60_000; number += 1) liveness.hear(`stranger ${number}`, 'key-2', 1)
  t.true(liveness.hear('waiting', 'key-2', 2))
  t.false(liveness.hear('with a run', 'key-2', 2))
})
