/** What holds back starts of runs: the rules, and what each reader is told. */

import test from 'ava'
import * as fc from 'fast-check'
import type { Door } from '../../server/site/door.ts'
import { nothingGuarded, type StartGuard } from '../../server/site/start-guard.ts'
import type { CandidateDeployment } from '../../server/targeting/candidate-deployment.ts'
import { eligibleDeployments, type Situation } from '../../server/targeting/eligible-deployments.ts'
import { selectForMachine } from '../../server/targeting/select-for-machine.ts'
import { candidate, hidden, now, preferred, required } from '../support/boot-fixtures.ts'
import { decide, decides, must3, open1 } from '../support/boot-case.ts'

const stopped: StartGuard = { ...nothingGuarded, stopped: { reason: 'the image is broken', by: 'anna', atMs: now } }
const stop = { startGuard: stopped }

function situation(change: Partial<Situation> = {}): Situation {
  return { variables: [], marks: [], nowMs: now, door: 'pxe', guard: nothingGuarded, ...change }
}

test(
  'when all starts are stopped, a machine goes on to its disk, and the preview says who stopped them and why',
  decides,
  { deployed: [must3, open1], facts: stop },
  'local disk',
  /^anna has stopped all starts: the image is broken\nRVL20003: anna has stopped all starts/,
)
test(
  'so does a computer that is no device',
  decides,
  { deployed: [must3], facts: { ...stop, devices: [] } },
  'local disk',
)
test(
  'a run that goes on in the boot image is not touched',
  decides,
  { deployed: [must3], facts: { ...stop, runInBootImage: must3.deployment.id } },
  'boot RVL20003',
)

test('a machine that goes to its disk for that reason loads nothing to be told so, and reads nothing of the reason', (t) => {
  const decision = decide({ deployed: [must3], facts: stop })
  t.like(decision, { kind: 'continue-to-local-disk', shownBy: undefined })
  t.notRegex('publicText' in decision ? (decision.publicText ?? '') : '', /anna|broken/)
})

test('when all starts are stopped nothing starts, whatever is deployed, at any door', (t) => {
  const anything = fc.array(
    fc
      .record({
        number: fc.integer({ min: 1, max: 9 }),
        kind: fc.constantFrom({}, required, hidden),
        makeAvailableTo: fc.constantFrom('clients', 'clients-media-and-pxe', 'media-and-pxe'),
      })
      .map(({ number, kind, makeAvailableTo }): CandidateDeployment => {
        return candidate(`RVL2000${number}`, { makeAvailableTo, ...kind })
      }),
    { maxLength: 5 },
  )
  fc.assert(
    fc.property(
      anything,
      fc.constantFrom<Door>('pxe', 'media', 'client'),
      fc.boolean(),
      (candidates, door, isPreferred) => {
        const variables = isPreferred ? [preferred('RVL20001')] : []
        const where = situation({ door, variables, guard: stopped })
        const selection = selectForMachine(candidates, where)
        t.is(selection.rejected.length, candidates.length)
        t.notRegex(
          selection.kind === 'nothing' ? selection.publicText : selection.kind,
          /anna|broken|RVL|^start$|^choose$/,
        )
        t.is(eligibleDeployments(candidates, where).kind, 'nothing')
      },
    ),
  )
})

test('an hour with room lets one more start, a full one none; without a limit any number do', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.nat({ max: 100 }), (maximumStartsPerHour, unattendedStarts) => {
      const limited = situation({ guard: { ...nothingGuarded, maximumStartsPerHour }, unattendedStarts })
      t.is(selectForMachine([must3], limited).kind, unattendedStarts < maximumStartsPerHour ? 'start' : 'nothing')
      t.is(selectForMachine([open1], limited).kind, 'choose')
      t.is(selectForMachine([must3], situation({ unattendedStarts })).kind, 'start')
    }),
  )
})

test(
  'a boot image is loaded though the hour is full: the machine waits there',
  decides,
  { deployed: [must3], facts: { startGuard: { ...nothingGuarded, maximumStartsPerHour: 1 } } },
  'boot RVL20003',
)
