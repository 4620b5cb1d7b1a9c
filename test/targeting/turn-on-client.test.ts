/** When a client starts what is required by itself, and what a person at it may start before. */

import test from 'ava'
import * as fc from 'fast-check'
import type { MaintenanceWindow } from '../../server/site/maintenance-window.ts'
import { nothingGuarded } from '../../server/site/start-guard.ts'
import type { CandidateDeployment } from '../../server/targeting/candidate-deployment.ts'
import type { Situation } from '../../server/targeting/eligible-deployments.ts'
import { type MachineSelection, selectForMachine } from '../../server/targeting/select-for-machine.ts'
import { candidate, deploymentId, hour, now, required } from '../support/boot-fixtures.ts'

const day = 24 * hour

const select = (candidates: readonly CandidateDeployment[], change: Partial<Situation> = {}) =>
  selectForMachine(candidates, {
    variables: [],
    marks: [],
    nowMs: now,
    door: 'client',
    guard: nothingGuarded,
    ...change,
  })

/** `start ID`, `offer ID` with when it starts by itself, or why not. */
function told(selection: MachineSelection<CandidateDeployment>): string {
  switch (selection.kind) {
    case 'start':
      return `start ${selection.candidate.deployment.id}`
    case 'choose': {
      const waits = new Map(selection.early.map((early) => [early.candidate, early.reason]))
      const offers = selection.candidates.map((one) => [one.deployment.id, waits.get(one)].filter(Boolean).join(': '))
      return `offer ${offers.join('; ')}`
    }
    case 'nothing':
      return selection.rejected.map(({ reason }) => reason).join('; ')
    default:
      return selection satisfies never
  }
}

const daily = { startWallMs: now + 3 * hour, clock: 'utc', recurrence: { kind: 'interval', minutes: 1_440 } } as const
const scheduled = { ...required, clientSchedule: { assignments: [daily], rerun: 'always' } } as const
const windowAt = (startWallMs: number, durationMinutes: number): MaintenanceWindow => ({
  name: 'Nights',
  enabled: true,
  appliesTo: 'any-deployment',
  startWallMs,
  durationMinutes,
  clock: 'utc',
  recurrence: { kind: 'once' },
})
const maintenance = (window: MaintenanceWindow) => ({ windows: [window], utcOffsetMinutes: 0 })
const ran = { marks: [{ deploymentId: deploymentId('RVL20003'), startedAtMs: now - hour }] }
const alone = { runIndependentlyOfAssignments: false } as const

const tells = test.macro((t, change: object, where: Partial<Situation>, expected: string) => {
  t.is(told(select([candidate('RVL20003', change)], where)), expected)
})

test(
  'S5-008: what is required and not yet due is offered',
  tells,
  scheduled,
  {},
  'offer RVL20003: it is scheduled, in 3 h 0 min',
)
test(
  'S5-008: so is what has run, and is scheduled again',
  tells,
  scheduled,
  ran,
  'offer RVL20003: it is scheduled, in 3 h 0 min',
)
test(
  'S5-028: unless people may not run it independently of its assignments',
  tells,
  { ...scheduled, ...alone },
  {},
  'it is scheduled, in 3 h 0 min',
)
test('S5-008: what is due starts, and is no choice', tells, required, {}, 'start RVL20003')
test(
  'S5-008: what has run, and is scheduled no more, is no choice',
  tells,
  required,
  ran,
  'it has started on this device before; clear required PXE deployments to run it again',
)
test(
  'S5-008, S5-024: nor is what its rerun behaviour keeps from running',
  tells,
  { ...scheduled, clientSchedule: { assignments: [daily], rerun: 'if-failed' } },
  { ...ran, outcomes: new Map([[deploymentId('RVL20003'), 'succeeded' as const]]) },
  'it runs again only after a failure',
)
test(
  'S9-016, S9-017: what waits for a window is offered',
  tells,
  required,
  { maintenance: maintenance(windowAt(now + hour, 120)) },
  'offer RVL20003: it waits for a maintenance window, in 1 h 0 min',
)
test(
  'S9-017: so is what fits into no window',
  tells,
  required,
  { maintenance: maintenance(windowAt(now + hour, 60)) },
  'offer RVL20003: no maintenance window of this device is as long as the 120 minutes that it may take',
)
test(
  'S9-016, S9-017: software installation outside of windows does not bring the boot image, which is a restart',
  tells,
  { ...required, softwareInstallationOutsideWindow: true },
  { maintenance: maintenance(windowAt(now + hour, 120)) },
  'offer RVL20003: it waits for a maintenance window, in 1 h 0 min',
)
test(
  'S9-016, S5-028: software installation outside of windows, where that and its restart are allowed',
  tells,
  { ...required, softwareInstallationOutsideWindow: true, systemRestartOutsideWindow: true },
  { maintenance: maintenance(windowAt(now + hour, 60)) },
  'start RVL20003',
)
test('S9-016, S5-028: software installation outside of windows needs no restart without a boot image', (t) => {
  const { bootImage: _, ...stays } = candidate('RVL20003', { ...required, softwareInstallationOutsideWindow: true })
  t.is(told(select([stays], { maintenance: maintenance(windowAt(now + hour, 60)) })), 'start RVL20003')
})
for (const [title, change, where, expected] of [
  [
    'a required one waits on a metered connection',
    {},
    { meteredConnection: true },
    'offer RVL20003: the connection of its client is metered, and it waits for another',
  ],
  ['unless that is allowed', { allowMeteredConnection: true }, { meteredConnection: true }, 'start RVL20003'],
  ['on any other it starts', {}, { meteredConnection: false }, 'start RVL20003'],
  ['and where nobody knows', {}, {}, 'start RVL20003'],
  ['an available one is offered', { purpose: 'available' }, { meteredConnection: true }, 'offer RVL20003'],
  ['in the boot image nobody asks', {}, { meteredConnection: true, door: 'pxe' }, 'start RVL20003'],
] as const) {
  test(`S5-017: ${title}`, tells, { ...required, ...change }, where, expected)
}
test('S5-008: what expired is no choice', tells, { ...scheduled, expiresAtMs: now }, {}, 'it expired 0 min ago')
test(
  'S5-008: what is not available yet is none either',
  tells,
  { ...scheduled, availableAtMs: now + hour },
  {},
  'it becomes available in 1 h 0 min',
)
test(
  'S5-008: nor what awaits a second approval',
  tells,
  { ...scheduled, secondApproval: { askedBy: { key: 'a', name: 'Ann' } } },
  {},
  'it waits for somebody else than Ann to approve it',
)
test(
  'S5-019: what waits for an occasion says for which',
  tells,
  { ...required, clientSchedule: { assignments: [daily], occasions: ['start-up', 'log-off'], rerun: 'always' } },
  {},
  'offer RVL20003: it is scheduled, in 3 h 0 min, or when the system starts, or when somebody logs off',
)
const local = (utcOffsetMinutes: number) => ({ maintenance: { windows: [], utcOffsetMinutes } })
for (const [title, change, where, expected] of [
  ['at eight in the east it is available', { availableAtMs: now + hour }, local(60), 'start RVL20003'],
  ['further west not yet', { availableAtMs: now + hour }, local(0), 'it becomes available in 1 h 0 min'],
  ['and it expires in the east first', { expiresAtMs: now + hour }, local(60), 'it expired 0 min ago'],
  ['in the west later', { expiresAtMs: now }, local(-60), 'start RVL20003'],
  ['a client that tells of no clock shows UTC', { expiresAtMs: now }, {}, 'it expired 0 min ago'],
  [
    'elsewhere the time is UTC',
    { availableAtMs: now + hour, timesByClientClock: false },
    local(60),
    'it becomes available in 1 h 0 min',
  ],
  [
    'so it is in the boot image',
    { availableAtMs: now + hour, obeyScheduleInBootImage: true },
    { ...local(60), door: 'pxe' },
    'it becomes available in 1 h 0 min',
  ],
] as const) {
  test(`S5-018: ${title}`, tells, { ...required, timesByClientClock: true, ...change }, where, expected)
}

test('S5-018, property: by the client’s clock a deployment is available everywhere at the same hour', (t) => {
  const offsets = fc.integer({ min: -14 * 60, max: 14 * 60 })
  fc.assert(
    fc.property(offsets, fc.integer({ min: -day, max: day }), (utcOffsetMinutes, wallMs) => {
      const one = candidate('RVL20003', {
        ...required,
        timesByClientClock: true,
        availableAtMs: now,
        expiresAtMs: now + hour,
      })
      const nowMs = now + wallMs - utcOffsetMinutes * 60_000
      const { kind } = select([one], { nowMs, ...local(utcOffsetMinutes) })
      t.is(kind, wallMs >= 0 && wallMs < hour ? 'start' : 'nothing')
    }),
  )
})

test('S5-008: in the boot image nothing waits for a schedule', (t) => {
  t.is(told(select([candidate('RVL20003', scheduled)], { door: 'pxe' })), 'start RVL20003')
})

test('S5-008: a canary ring keeps it from people, too', (t) => {
  const ring = { canaryRing: [{ machine: 'device 1', state: 'running' }] } as const
  const held = { ...candidate('RVL20003', { ...scheduled, canary: { machines: 1, failuresMax: 0 } }), ...ring }
  t.is(told(select([held], { machine: 'device 2' })), 'it is scheduled, in 3 h 0 min')
  t.is(told(select([held], { machine: 'device 1' })), 'offer RVL20003: it is scheduled, in 3 h 0 min')
})

test('S5-008, property: each deployment is started, offered or rejected with a reason, and only once', (t) => {
  const any = fc.record({
    purpose: fc.constantFrom('required' as const, 'available' as const),
    runIndependentlyOfAssignments: fc.boolean(),
    startInHours: fc.integer({ min: -50, max: 50 }),
    rerun: fc.constantFrom('always' as const, 'never' as const, 'if-failed' as const),
    hasRun: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(any, { maxLength: 6 }), fc.integer({ min: -30, max: 30 }), (list, windowInHours) => {
      const candidates = list.map(({ startInHours, rerun, purpose, runIndependentlyOfAssignments }, index) => {
        const assignment = {
          startWallMs: now + startInHours * hour,
          clock: 'utc',
          recurrence: { kind: 'once' },
        } as const
        const change = {
          purpose,
          runIndependentlyOfAssignments,
          availableAtMs: now - 3 * day,
          clientSchedule: { assignments: [assignment], rerun },
        }
        return candidate(`RVL2000${index + 1}`, change)
      })
      const marks = candidates.flatMap(({ deployment: { id } }, index) =>
        list[index]?.hasRun === true ? [{ deploymentId: id, startedAtMs: now - hour }] : [],
      )
      const where = { marks, maintenance: maintenance(windowAt(now + windowInHours * hour, 240)) }
      const selection = select(candidates, where)
      const taken =
        selection.kind === 'choose' ? selection.candidates : selection.kind === 'start' ? [selection.candidate] : []
      const ids = [
        ...taken.map(({ deployment }) => deployment.id),
        ...selection.rejected.map((one) => one.deploymentId),
      ]
      t.deepEqual(ids.toSorted(), candidates.map(({ deployment }) => deployment.id).toSorted())
      if (selection.kind !== 'choose') return
      for (const { deployment } of selection.candidates) {
        const waits = selection.early.some((early) => early.candidate.deployment === deployment)
        t.is(waits, deployment.purpose === 'required')
        t.true(!waits || deployment.runIndependentlyOfAssignments)
      }
    }),
  )
})
