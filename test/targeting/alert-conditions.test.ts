/** What a deployment is alerted for: percentages of its machines, its canary ring, windows that never come. */

import test from 'ava'
import * as fc from 'fast-check'
import {
  type DeploymentFacts,
  judgeDeployment,
  marksCondition,
  nextInstant,
} from '../../server/targeting/alert-conditions.ts'
import { deployment, now } from '../support/boot-fixtures.ts'

const successAlert = { belowPercent: 80, atMs: now }
const successCause = `success-below-threshold RVL20001 80@${now}`

function factsOf(
  options: Partial<DeploymentFacts['deployment']>,
  more: Partial<DeploymentFacts> = {},
): DeploymentFacts {
  return {
    deployment: deployment('RVL20001', options),
    taskSequenceName: 'Install',
    nowMs: now,
    machines: { all: 10, success: 7, error: 3 },
    canaryRing: [],
    raised: new Set(),
    ...more,
  }
}

const causesOf = (facts: DeploymentFacts) => judgeDeployment(facts).conditions.map(({ cause }) => cause)

test('S5-036: too few successes are judged at their instant, once', (t) => {
  const at = (nowMs: number, more: Partial<DeploymentFacts> = {}) => factsOf({ successAlert }, { nowMs, ...more })
  t.deepEqual(judgeDeployment(at(now - 1)), { conditions: [] })
  t.is(nextInstant(at(now - 1)), now)
  const first = judgeDeployment(at(now))
  t.deepEqual([first.judged, first.conditions.map(({ cause }) => cause)], [successCause, [successCause]])
  t.regex(first.conditions[0]?.text ?? '', /^RVL20001 \(Install\): 7 of 10 machines have succeeded, and 80 % were to/)
  const judged = { judged: successCause }
  t.deepEqual(judgeDeployment(at(now, judged)), { conditions: [] }, 'it was judged and found well then')
  t.is(nextInstant(at(now, judged)), undefined)
  const raised = { ...judged, raised: new Set([successCause]) }
  t.deepEqual(causesOf(at(now - 1, raised)), [successCause], 'a clock that goes back takes nothing away')
  const better = { machines: { all: 10, success: 8, error: 0 } }
  t.deepEqual(causesOf(at(now, { ...raised, ...better })), [], 'enough have succeeded after all')
  t.deepEqual(judgeDeployment(at(now, better)), { conditions: [], judged: successCause })
})

test('S5-036: another threshold is judged anew', (t) => {
  const edited = { successAlert: { belowPercent: 90, atMs: now } }
  const known = { judged: successCause, raised: new Set([successCause]) }
  t.deepEqual(causesOf(factsOf(edited, known)), [`success-below-threshold RVL20001 90@${now}`])
  const later = { successAlert: { belowPercent: 80, atMs: now + 1 } }
  t.deepEqual(judgeDeployment(factsOf(later, known)), { conditions: [] }, 'its instant is still to come')
})

test('S5-036: more failures than may be', (t) => {
  const failing = (abovePercent: number) => causesOf(factsOf({ failureAlert: { abovePercent } }))
  t.deepEqual(failing(30), [], 'as many as may')
  t.deepEqual(failing(29), ['failure-above-threshold RVL20001 29'])
  t.deepEqual(failing(0), ['failure-above-threshold RVL20001 0'])
})

test('S5-036: of no machines there are no percentages', (t) => {
  const machines = { all: 0, success: 0, error: 0 }
  const both = factsOf({ successAlert, failureAlert: { abovePercent: 0 } }, { machines })
  t.deepEqual(judgeDeployment(both), { conditions: [], judged: successCause })
})

test('a canary ring that stopped, and S9-016: a window that never comes, as long as the deployment is enabled', (t) => {
  const canary = { machines: 2, failuresMax: 0 }
  const canaryRing = [{ machine: 'device 1', state: 'failed', runId: 'b1' }] as const
  const waitsForever = { count: 2, name: 'PC-1', minutes: 120 }
  const more = { canaryRing, waitsForever }
  const { conditions } = judgeDeployment(factsOf({ canary }, more))
  t.deepEqual(
    conditions.map(({ cause }) => cause),
    ['canary-ring-stopped RVL20001 b1', 'no-maintenance-window RVL20001'],
  )
  t.regex(conditions[0]?.text ?? '', /\.\/reveille deployment resume-canary RVL20001/)
  t.regex(conditions[1]?.text ?? '', /on 2 devices, PC-1 among them, it waits .* may take 120 minutes/)
  t.deepEqual(causesOf(factsOf({ canary, enabled: false }, more)), [])
  t.deepEqual(causesOf(factsOf({}, more)), ['no-maintenance-window RVL20001'])
  t.deepEqual(causesOf(factsOf({ canary }, { ...more, waitsForever: { ...waitsForever, count: 0 } })), [
    'canary-ring-stopped RVL20001 b1',
  ])
})

test('marks of unknown computers, when there is room for no more', (t) => {
  t.is(marksCondition(99, 100), undefined)
  t.regex(marksCondition(100, 100)?.text ?? '', /^100 marks of unknown computers are kept/)
})

test('S5-036: whatever the numbers, an alert says what is the matter and what to do, and no cause is there twice', (t) => {
  const count = fc.integer({ min: 0, max: 50 })
  const facts = fc
    .record({ success: count, error: count, others: count, belowPercent: fc.integer({ min: 1, max: 100 }) })
    .chain(({ success, error, others, belowPercent }) =>
      fc.record({
        abovePercent: fc.integer({ min: 0, max: 99 }),
        isLate: fc.boolean(),
        wasJudged: fc.boolean(),
        wasRaised: fc.boolean(),
        machines: fc.constant({ all: success + error + others, success, error }),
        belowPercent: fc.constant(belowPercent),
      }),
    )
  fc.assert(
    fc.property(facts, ({ machines, belowPercent, abovePercent, isLate, wasJudged, wasRaised }) => {
      const alert = { belowPercent, atMs: isLate ? now : now + 1 }
      const cause = `success-below-threshold RVL20001 ${belowPercent}@${alert.atMs}`
      const known = { ...(wasJudged ? { judged: cause } : {}), raised: new Set(wasRaised && wasJudged ? [cause] : []) }
      const judged = judgeDeployment(
        factsOf({ successAlert: alert, failureAlert: { abovePercent } }, { machines, ...known }),
      )
      const causes = judged.conditions.map((condition) => condition.cause)
      t.is(new Set(causes).size, causes.length)
      const isLow = machines.all > 0 && machines.success / machines.all < belowPercent / 100
      const isLive = wasJudged ? wasRaised : isLate
      t.is(causes.includes(cause), isLow && isLive)
      t.is(judged.judged !== undefined, isLate && !wasJudged)
      const isBad = machines.all > 0 && machines.error / machines.all > abovePercent / 100
      t.is(causes.includes(`failure-above-threshold RVL20001 ${abovePercent}`), isBad)
      t.true(judged.conditions.every(({ text }) => text.includes('./reveille ')))
    }),
  )
})
