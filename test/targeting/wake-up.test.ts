/** Who is woken for what, and how often: once for each time at which a deployment is due. */

import * as fc from 'fast-check'
import test from 'ava'
import { nothingGuarded } from '../../server/site/start-guard.ts'
import { type Deployment, MakeAvailableTo, Purpose } from '../../server/site/deployment.ts'
import { isWoken, wakeUpTime, wouldStart } from '../../server/targeting/wake-up.ts'
import { candidate, deployment, hour, mark, now } from '../support/boot-fixtures.ts'

const waking = { purpose: Purpose.required, sendWakeUpPackets: true } as const
const at = (change: Partial<Deployment>, nowMs = now, wokenForMs?: number) => {
  const dueAtMs = wakeUpTime(deployment('RVL20001', { ...waking, ...change }), { nowMs, utcOffsetMinutes: 0 })
  return dueAtMs === undefined || isWoken(wokenForMs, dueAtMs, nowMs) ? undefined : dueAtMs
}

const minute = 60_000
const wallOf = (atMs: number): number => Math.floor(atMs / minute) * minute
const nightly = {
  rerun: 'always',
  assignments: [
    { startWallMs: wallOf(now - 48 * hour), recurrence: { kind: 'interval', minutes: 1_440 }, clock: 'utc' },
  ],
} as const

test('S5-016: without assignments a machine is due from the time it is available, and not before', (t) => {
  t.is(at({ availableAtMs: now + 1 }), undefined)
  t.is(at({ availableAtMs: now }), now)
  t.is(at({ availableAtMs: now, enabled: false }), undefined)
  t.is(at({ availableAtMs: now, sendWakeUpPackets: false }), undefined)
  t.is(at({ availableAtMs: now - hour, expiresAtMs: now }), undefined)
})

test('S5-016: each time of a schedule wakes a machine once', (t) => {
  const tonight = wallOf(now)
  const change = { availableAtMs: now - 72 * hour, clientSchedule: nightly }
  t.is(at(change, tonight - 1, tonight - 24 * hour), undefined)
  t.is(at(change, tonight, tonight - 24 * hour), tonight)
  t.is(at(change, tonight + hour, tonight), undefined)
  t.is(at(change, tonight + 3 * hour), tonight, 'a time that fell into the server’s absence is made up for')
})

test('a clock that jumps neither wakes twice nor loses a time', (t) => {
  const tonight = wallOf(now)
  const change = { availableAtMs: now - 72 * hour, clientSchedule: nightly }
  t.is(at(change, tonight - hour, tonight - 24 * hour), undefined, 'back before the time: nothing')
  t.is(at(change, tonight + minute, tonight), undefined, 'and over it again: it was woken for that')
  const wrongFuture = tonight + 20 * 24 * hour
  t.is(at(change, tonight, wrongFuture), tonight, 'what was noted while the clock was weeks ahead does not count')
})

test('S5-016: over any run of minutes, restarts and jumps included, no time is woken for twice in a row', (t) => {
  const steps = fc.array(fc.integer({ min: -3 * 1_440, max: 3 * 1_440 }), { maxLength: 60 })
  fc.assert(
    fc.property(steps, (minutes) => {
      let nowMs = now
      let wokenForMs: number | undefined
      for (const step of minutes) {
        nowMs += step * minute
        const dueAtMs = at({ availableAtMs: 0, clientSchedule: nightly }, nowMs, wokenForMs)
        if (dueAtMs === undefined) continue
        if (dueAtMs > nowMs || dueAtMs === wokenForMs) return false
        wokenForMs = dueAtMs
      }
      return true
    }),
  )
  t.pass()
})

const situation = { variables: [], marks: [], nowMs: now, guard: nothingGuarded }

test('S5-016: only who would start it is woken', (t) => {
  const one = candidate('RVL20001', { ...waking, makeAvailableTo: MakeAvailableTo.clientsMediaAndPxe })
  t.true(wouldStart(one.deployment, [one], situation))
  t.false(wouldStart(one.deployment, [one], { ...situation, marks: [mark('RVL20001')] }), 'it has run')
  const stopped = { ...nothingGuarded, stopped: { reason: 'wait', by: 'ann', atMs: now } }
  t.false(wouldStart(one.deployment, [one], { ...situation, guard: stopped }))
  const hidden = candidate('RVL20001', { ...waking, makeAvailableTo: MakeAvailableTo.mediaAndPxeHidden })
  t.false(wouldStart(hidden.deployment, [hidden], situation))
  const preferred = [{ name: 'SMSTSPreferredAdvertID', value: 'RVL20001', secret: false }]
  t.true(wouldStart(hidden.deployment, [hidden], { ...situation, variables: preferred }))
  const windows = [
    {
      name: 'Night',
      enabled: true,
      appliesTo: 'any-deployment',
      durationMinutes: 60,
      clock: 'utc',
      startWallMs: wallOf(now + hour),
      recurrence: { kind: 'once' },
    },
  ] as const
  const forClients = candidate('RVL20001', { ...waking, makeAvailableTo: MakeAvailableTo.clients })
  const maintenance = { windows, utcOffsetMinutes: 0 }
  const later = { ...situation, maintenance: { windows: [], utcOffsetMinutes: 0 } }
  t.false(wouldStart(forClients.deployment, [forClients], { ...situation, maintenance }))
  t.true(wouldStart(forClients.deployment, [forClients], later))
})
