/** The canary ring of a deployment: who goes ahead, who waits, and what stops it. */

import test from 'ava'
import * as fc from 'fast-check'
import { nothingGuarded } from '../../server/site/start-guard.ts'
import { type CanaryMember, canaryStanding, joinsRing, whyRingHolds } from '../../server/targeting/canary.ts'
import type { CandidateDeployment } from '../../server/targeting/candidate-deployment.ts'
import { selectForMachine } from '../../server/targeting/select-for-machine.ts'
import { candidate, mark, now, preferred, required } from '../support/boot-fixtures.ts'
import { decides, open1 } from '../support/boot-case.ts'

const ringOf = (...states: readonly CanaryMember['state'][]): readonly CanaryMember[] =>
  states.map((state, index) => ({ machine: `device ${index + 1}`, state }))
const canary = { machines: 2, failuresMax: 0 }
const must = (...states: readonly CanaryMember['state'][]): CandidateDeployment => ({
  ...candidate('RVL20003', { ...required, canary }),
  canaryRing: ringOf(...states),
})
const offered = (candidates: readonly CandidateDeployment[], machine = 'device 9', marks = [] as const) =>
  selectForMachine(candidates, { variables: [], marks, nowMs: now, door: 'pxe', guard: nothingGuarded, machine })

test('a ring has room, is awaited, has passed, or has stopped its deployment', (t) => {
  t.is(canaryStanding(canary, []), 'open')
  t.is(canaryStanding(canary, ringOf('succeeded')), 'open')
  t.is(canaryStanding(canary, ringOf('succeeded', 'running')), 'closed')
  t.is(canaryStanding(canary, ringOf('succeeded', 'succeeded')), 'passed')
  t.is(canaryStanding(canary, ringOf('failed')), 'stopped', 'at once, though it has room')
  t.is(canaryStanding(canary, ringOf('abandoned', 'succeeded')), 'stopped', 'a run that was given up has failed')
  t.is(canaryStanding({ machines: 2, failuresMax: 1 }, ringOf('failed', 'succeeded')), 'passed')
})

test('while a ring is awaited others wait for it, and its own machines may start again', (t) => {
  const closed = must('running', 'succeeded')
  t.like(offered([closed]), { kind: 'nothing', publicText: 'This machine waits for its turn and starts by itself.' })
  t.like(offered([closed, open1]), { kind: 'nothing' }, 'a list would end in a restart when nobody chooses')
  t.like(offered([closed], 'device 1'), { kind: 'start' })
  t.like(offered([must('succeeded', 'succeeded')]), { kind: 'start' })
  const marked = selectForMachine([closed, open1], {
    variables: [],
    marks: [mark('RVL20003')],
    nowMs: now,
    door: 'pxe',
    guard: nothingGuarded,
    machine: 'device 9',
  })
  t.is(marked.kind, 'choose', 'what has started here before is not waited for')
})

test('a ring that stopped its deployment leaves the field to others, and says why', (t) => {
  const stopped = must('failed')
  t.is(offered([stopped, open1]).kind, 'choose')
  const nothing = offered([stopped])
  t.like(nothing, { kind: 'nothing', publicText: 'No task sequence is available to this machine.' })
  t.regex('watcherText' in nothing ? (nothing.watcherText ?? '') : '', /RVL20003: its canary ring has stopped it: 1 of/)
  const named = selectForMachine([stopped], {
    variables: [preferred('RVL20003')],
    marks: [],
    nowMs: now,
    door: 'pxe',
    guard: nothingGuarded,
    machine: 'device 1',
  })
  t.is(named.kind, 'nothing', 'preferred or not, and in the ring or not')
})

test(
  'a machine loads the boot image to wait for a ring',
  decides,
  { deployed: [must('running', 'running')] },
  'boot RVL20003',
)
test(
  'and goes on to its disk when the ring has stopped the deployment',
  decides,
  { deployed: [must('failed', 'running')] },
  'local disk',
  /^RVL20003: its canary ring has stopped it: 1 of its machines failed, and 0 may; resume it/,
)

/** Machines start when they may, and runs end, in any order; what happened is told by what the rules let through. */
test('before its ring has ended well no more machines start than it has, and none after too many failures', (t) => {
  const step = fc.record({
    machine: fc.integer({ min: 1, max: 12 }),
    state: fc.constantFrom<CanaryMember['state'] | 'start'>('start', 'start', 'succeeded', 'failed', 'abandoned'),
  })
  const size = fc.record({ machines: fc.integer({ min: 1, max: 6 }), failuresMax: fc.integer({ min: 0, max: 5 }) })
  fc.assert(
    fc.property(size, fc.array(step, { maxLength: 80 }), (someCanary, steps) => {
      const ring = new Map<string, CanaryMember>()
      const running = new Set<string>()
      const started = new Set<string>()
      for (const { machine: number, state } of steps) {
        const machine = `device ${number}`
        const members = [...ring.values()]
        const standing = canaryStanding(someCanary, members)
        if (state !== 'start') {
          if (running.delete(machine) && ring.get(machine)?.state === 'running') ring.set(machine, { machine, state })
          continue
        }
        if (whyRingHolds(someCanary, members, machine) !== undefined) continue
        t.not(standing, 'stopped')
        if (joinsRing(someCanary, members, machine)) ring.set(machine, { machine, state: 'running' })
        running.add(machine)
        started.add(machine)
        if (standing !== 'passed') t.true(started.size <= someCanary.machines)
      }
    }),
  )
})
