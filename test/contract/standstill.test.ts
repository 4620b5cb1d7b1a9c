/** Why a lane stands still, as properties over every lane and time. */

import test from 'ava'
import * as fc from 'fast-check'
import { laneStages } from '../../server/contract/progress.ts'
import type { Lane, LaneId } from '../../server/contract/progress.ts'
import { explainStandstill } from '../../server/contract/standstill.ts'

const conditions = ['moving', 'waiting-for-person', 'succeeded', 'failed', 'local-disk'] as const
const longAgo = 1_000_000_000

const lanes: fc.Arbitrary<Lane> = fc
  .record({ stage: fc.constantFrom(...laneStages), condition: fc.constantFrom(...conditions) })
  .map((fields) => ({
    ...fields,
    id: '52:54:00:00:00:01' as LaneId,
    name: 'pc-1',
    text: '',
    startedAtMs: longAgo,
    changedAtMs: longAgo,
    stageStartedAtMs: longAgo,
    lines: [],
  }))
const silences = fc.integer({ min: 0, max: 86_400_000 })
const working = laneStages.filter((stage) => stage !== 'done')

test('only a lane that should move can stand still', (t) => {
  const others = lanes.filter((lane) => lane.condition !== 'moving' || lane.stage === 'done')
  fc.assert(fc.property(others, silences, (lane, ms) => t.is(explainStandstill(lane, longAgo + ms), undefined)))
})

test('once silent for too long, a lane stays so until something is heard, and says for how long', (t) => {
  fc.assert(
    fc.property(lanes, silences, silences, (lane, ms, moreMs) => {
      const first = explainStandstill(lane, longAgo + ms)
      if (first === undefined) return
      t.is(first.silentMs, ms)
      t.deepEqual(explainStandstill(lane, longAgo + ms + moreMs), { ...first, silentMs: ms + moreMs })
      t.is(explainStandstill({ ...lane, changedAtMs: longAgo + ms }, longAgo + ms), undefined)
    }),
  )
})

test('every stage has a bound between 10 s and 5 min, an expectation and a likely cause of its own', (t) => {
  const explained = working.map((stage) => {
    const [lane] = fc.sample(lanes, 1).map((one): Lane => ({ ...one, stage, condition: 'moving' }))
    if (lane === undefined) throw new Error('one sample is one lane')
    t.is(explainStandstill(lane, longAgo + 10_000), undefined, stage)
    const standstill = explainStandstill(lane, longAgo + 300_000)
    t.truthy(standstill, stage)
    t.regex(standstill?.expected ?? '', /^the .*[^.]$/, stage)
    t.regex(standstill?.likelyCause ?? '', /\.$/, stage)
    return standstill?.expected
  })
  t.is(new Set(explained).size, working.length)
})

test('a page whose clock runs behind the server sees no standstill', (t) => {
  fc.assert(fc.property(lanes, silences, (lane, ms) => t.is(explainStandstill(lane, longAgo - ms), undefined)))
})
