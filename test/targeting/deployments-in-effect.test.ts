/** Schedule, switch and door of a deployment: which ones count now (configmgr-spec 5; S1-077, S1-080, S6-031). */

import test from 'ava'
import type { CandidateDeployment } from '../../server/targeting/candidate-deployment.ts'
import type { Deployment } from '../../server/site/deployment.ts'
import type { Door } from '../../server/site/door.ts'
import { deploymentsInEffect } from '../../server/targeting/deployments-in-effect.ts'
import { candidate, hour, now, required } from '../support/boot-fixtures.ts'

const counts = test.macro((t, change: Partial<Deployment>, expected: RegExp | undefined) => {
  const { accepted, rejected } = deploymentsInEffect([candidate('RVL20001', change)], now, 'client')
  t.is(accepted.length, expected === undefined ? 1 : 0)
  t.is(rejected.length, expected === undefined ? 0 : 1)
  if (expected !== undefined) t.regex(rejected[0]?.reason ?? '', expected)
})

test('S5-018: counts from the instant it becomes available', counts, { availableAtMs: now }, undefined)
test(
  'S5-018: does not count a millisecond earlier',
  counts,
  { availableAtMs: now + 1 },
  /^it becomes available in 1 min$/,
)
test('S5-018: says how long is left', counts, { availableAtMs: now + 26 * hour }, /in 26 h 0 min$/)
test('S5-018: says days when it is long', counts, { availableAtMs: now + 49 * hour }, /in 2 days 1 h$/)
test('S5-018: counts until it expires', counts, { expiresAtMs: now + 1 }, undefined)
test('S5-018: does not count from the instant it expires', counts, { expiresAtMs: now }, /^it expired 0 min ago$/)
test('S6-017: a disabled deployment does not count', counts, { enabled: false }, /^the deployment is disabled$/)

const openDoors = (change: Partial<Deployment>): readonly Door[] =>
  (['pxe', 'media', 'client'] as const).filter(
    (door) => deploymentsInEffect([candidate('RVL20001', change)], now, door).accepted.length === 1,
  )

const schedule = test.macro((t, change: Partial<Deployment>, expected: readonly Door[]) => {
  t.deepEqual(openDoors(change), expected)
})
const early = { availableAtMs: now + 1 }
const late = { expiresAtMs: now }
const everywhere = { obeyScheduleInBootImage: true }

test('S5-022, S5-045, A5-05: a boot image ignores that it is too early', schedule, early, ['pxe', 'media'])
test('S5-022, S5-045, A5-05: a boot image ignores that it is too late', schedule, late, ['pxe', 'media'])
test('S5-022, S9-019: when the deployment says so, a boot image waits, too', schedule, { ...early, ...everywhere }, [])
test('S5-022: and starts nothing when it is too late', schedule, { ...late, ...everywhere }, [])
test(
  'S5-022: inside such a schedule every door is open',
  schedule,
  { availableAtMs: now, expiresAtMs: now + 1, ...everywhere },
  ['pxe', 'media', 'client'],
)

const doors = test.macro((t, makeAvailableTo: Deployment['makeAvailableTo'], expected: readonly Door[]) => {
  t.deepEqual(openDoors({ makeAvailableTo }), expected)
})

test('S5-009, S6-044: made available to clients', doors, 'clients', ['client'])
test('S5-009, S6-044: made available to clients, media and PXE', doors, 'clients-media-and-pxe', [
  'pxe',
  'media',
  'client',
])
test('S5-009, S6-044: made available to media and PXE', doors, 'media-and-pxe', ['pxe', 'media'])
test('S5-009, S6-044: made available to media and PXE, hidden', doors, 'media-and-pxe-hidden', ['pxe', 'media'])

test('S1-077: a disabled task sequence suspends the deployment at every door', (t) => {
  for (const door of ['pxe', 'media', 'client'] as const) {
    const { rejected } = deploymentsInEffect([candidate('RVL20001', { sequenceEnabled: false })], now, door)
    t.is(rejected[0]?.reason, 'its task sequence is disabled')
  }
})

test('S6-031: required ones come first, then the highest identifier, as plain text', (t) => {
  const list: readonly CandidateDeployment[] = [
    candidate('AAA20009'),
    candidate('RVL20002', required),
    candidate('ZZZ20001'),
    candidate('RVL20003', required),
  ]
  const ids = deploymentsInEffect(list, now, 'pxe').accepted.map(({ deployment }) => String(deployment.id))
  t.deepEqual(ids, ['RVL20003', 'RVL20002', 'ZZZ20001', 'AAA20009'])
})
