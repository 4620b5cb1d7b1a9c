/** What the agent is told to run (configmgr-spec 6.4, 6.7, 6.8; security A07). */

import test from 'ava'
import * as fc from 'fast-check'
import { nothingGuarded } from '../../server/site/start-guard.ts'
import type { CandidateDeployment } from '../../server/targeting/candidate-deployment.ts'
import type { Situation } from '../../server/targeting/eligible-deployments.ts'
import { selectForMachine } from '../../server/targeting/select-for-machine.ts'
import {
  candidate,
  deploymentId,
  hidden,
  hour,
  mark,
  now,
  preferred,
  required,
  variable,
} from '../support/boot-fixtures.ts'

function situation(change: Partial<Situation> = {}): Situation {
  return { variables: [], marks: [], nowMs: now, door: 'pxe', guard: nothingGuarded, ...change }
}

/** `start RVL20001 required`, `choose RVL20002 RVL20001` or `nothing`. */
function outcome(candidates: readonly CandidateDeployment[], where: Situation): string {
  const selection = selectForMachine(candidates, where)
  switch (selection.kind) {
    case 'start':
      return `start ${selection.candidate.deployment.id} ${selection.because}`
    case 'choose':
      return `choose ${selection.candidates.map(({ deployment }) => deployment.id).join(' ')}`
    case 'nothing':
      return 'nothing'
    default:
      return selection satisfies never
  }
}

const selects = test.macro(
  (t, candidates: readonly CandidateDeployment[], change: Partial<Situation>, expected: string) => {
    t.is(outcome(candidates, situation(change)), expected)
    t.is(outcome(candidates.toReversed(), situation(change)), expected)
  },
)

const open1 = candidate('RVL20001')
const open2 = candidate('RVL20002')
const must3 = candidate('RVL20003', required)
const must4 = candidate('RVL20004', required)
const hidden5 = candidate('RVL20005', hidden)
const everywhere = { obeyScheduleInBootImage: true } as const
const expired6 = candidate('RVL20006', { ...hidden, ...everywhere, expiresAtMs: now })
const clients7 = candidate('RVL20007', { makeAvailableTo: 'clients' })

test('S6-017: nothing is deployed, nothing runs', selects, [], {}, 'nothing')
test(
  'S5-008, S6-050: available deployments are offered for a choice, newest first',
  selects,
  [open1, open2],
  {},
  'choose RVL20002 RVL20001',
)
test('S6-050: a hidden deployment is not in the list', selects, [open1, hidden5], {}, 'choose RVL20001')
test('S6-050: a hidden deployment alone offers nothing', selects, [hidden5], {}, 'nothing')
test(
  'S5-008, S6-050: a required deployment starts without the list',
  selects,
  [open2, must3],
  {},
  'start RVL20003 required',
)
test(
  'S6-031: of several required ones the highest identifier starts',
  selects,
  [must3, must4],
  {},
  'start RVL20004 required',
)
test(
  'S6-026: a marked required deployment leaves the available ones',
  selects,
  [open1, must3],
  { marks: [mark('RVL20003')] },
  'choose RVL20001',
)
test('S6-026: a marked required deployment leaves nothing', selects, [must3], { marks: [mark('RVL20003')] }, 'nothing')
test(
  'S6-027: with the mark cleared the required deployment runs again',
  selects,
  [must3],
  { marks: [] },
  'start RVL20003 required',
)
test(
  'S5-025, S6-028: a mark of an available deployment changes nothing',
  selects,
  [open1],
  { marks: [mark('RVL20001')] },
  'choose RVL20001',
)
test(
  'S6-025: marks belong to PXE, a medium starts the deployment again',
  selects,
  [must3],
  { marks: [mark('RVL20003')], door: 'media' },
  'start RVL20003 required',
)
const everyDoor3 = candidate('RVL20003', { ...required, makeAvailableTo: 'clients-media-and-pxe' })
test(
  'S6-028: a machine that says it runs its installed system does not get past a mark',
  selects,
  [open1, everyDoor3],
  { marks: [mark('RVL20003')], door: 'client' },
  'choose RVL20001',
)
test(
  'S6-028: nor when it is named as preferred',
  selects,
  [everyDoor3],
  { marks: [mark('RVL20003')], variables: [preferred('RVL20003')], door: 'client' },
  'nothing',
)
for (const value of ['RVL20005', 'RVL20099', 'install']) {
  test(
    `S6-040, S6-042: a client in the installed system does not look at SMSTSPreferredAdvertID=${value}`,
    selects,
    [open1, hidden5],
    { variables: [preferred(value)], door: 'client' },
    'choose RVL20001',
  )
}
test(
  'S6-042: nor does it start without asking what is named there',
  selects,
  [open1, open2],
  { variables: [preferred('RVL20001')], door: 'client' },
  'choose RVL20002 RVL20001',
)
const tomorrow8 = candidate('RVL20008', { ...required, availableAtMs: now + hour })
test('S5-022, A5-05: over PXE an early required deployment starts', selects, [tomorrow8], {}, 'start RVL20008 required')
test('S5-022, A5-05: on a client it waits for its time', selects, [tomorrow8], { door: 'client' }, 'nothing')
test(
  'S5-022, S6-044: a preferred deployment obeys no schedule, either',
  selects,
  [candidate('RVL20005', { ...hidden, expiresAtMs: now })],
  { variables: [preferred('RVL20005')], door: 'media' },
  'start RVL20005 preferred',
)
test(
  'S6-027: with the mark cleared such a machine starts the required deployment',
  selects,
  [everyDoor3],
  { door: 'client' },
  'start RVL20003 required',
)
test(
  'S6-040: the preferred deployment overrides available and required ones',
  selects,
  [open1, open2, must4],
  { variables: [preferred('RVL20001')] },
  'start RVL20001 preferred',
)
test(
  'S6-041: a preferred hidden deployment starts like a required one',
  selects,
  [open1, hidden5],
  { variables: [preferred('RVL20005')] },
  'start RVL20005 preferred',
)
test(
  'S6-043: braces around the value are tolerated',
  selects,
  [hidden5],
  { variables: [preferred('{RVL20005}')] },
  'start RVL20005 preferred',
)
test(
  'S6-040: the name is case-blind and the last value counts',
  selects,
  [open1, open2],
  { variables: [preferred('RVL20001'), variable('smstspreferredadvertid', 'rvl20002')] },
  'start RVL20002 preferred',
)
test('S6-040: an empty value presets nothing', selects, [open1], { variables: [preferred(' ')] }, 'choose RVL20001')
test(
  'S6-044: a preferred deployment that is not targeted here runs nothing',
  selects,
  [open1, must3],
  { variables: [preferred('RVL20099')] },
  'nothing',
)
test(
  'S6-044: a preferred deployment for clients only runs nothing over PXE',
  selects,
  [clients7, open1],
  { variables: [preferred('RVL20007')] },
  'nothing',
)
test(
  'S6-044: a preferred deployment that expired for boot images as well runs nothing',
  selects,
  [expired6, open1],
  { variables: [preferred('RVL20006')] },
  'nothing',
)
test(
  'S6-043: the identifier of the task sequence runs nothing',
  selects,
  [open1, must3],
  { variables: [preferred('RVL00002')] },
  'nothing',
)
test(
  'S6-041, S1-071: a preferred deployment is started as well when the variable is secret',
  selects,
  [hidden5, must3],
  { variables: [{ ...preferred('{RVL20005}'), secret: true }] },
  'start RVL20005 preferred',
)
test(
  'S6-028: over PXE the mark stops a preferred deployment as well',
  selects,
  [hidden5],
  { variables: [preferred('RVL20005')], marks: [mark('RVL20005')] },
  'nothing',
)
test(
  'S1-077: a disabled task sequence suspends its deployments',
  selects,
  [candidate('RVL20001', { sequenceEnabled: false })],
  {},
  'nothing',
)
test(
  'S1-080: a sequence without a boot image is left out over PXE',
  selects,
  [candidate('RVL20001', { image: 'none' })],
  {},
  'nothing',
)
test(
  'S1-080: a sequence without a boot image is left out on media',
  selects,
  [candidate('RVL20001', { image: 'none' })],
  { door: 'media' },
  'nothing',
)
test(
  'S1-080: a client needs no boot image',
  selects,
  [candidate('RVL20001', { image: 'none' })],
  { door: 'client' },
  'choose RVL20001',
)

const unreadable = test.macro((t, value: string, expected: RegExp) => {
  const selection = selectForMachine([open1], situation({ variables: [preferred(value)] }))
  t.is(selection.kind, 'nothing')
  if (selection.kind !== 'nothing') return
  t.regex(selection.publicText, expected)
  t.regex(selection.logText, expected)
  t.deepEqual(
    selection.rejected.map((rejection) => rejection.deploymentId),
    [deploymentId('RVL20001')],
  )
})

test(
  'S6-043: a task sequence id is named as such',
  unreadable,
  'RVL00002',
  /RVL00002: that is the identifier of a task sequence or package; it must be the identifier of a deployment/,
)
test('S6-043: a collection id is named as such', unreadable, 'RVL10001', /identifier of a collection/)
test('S6-043: empty braces are named as such', unreadable, '{}', /nothing between the braces/)
test('S6-043: other text is no identifier', unreadable, 'install', /that is no identifier/)
test(
  'B07: a hostile value is not repeated as it came',
  unreadable,
  'a\n${x}||shell',
  /^SMSTSPreferredAdvertID is a\?\?\{x\}\?\?shell:/,
)

test('S6-043: a value that must not be displayed is not displayed', (t) => {
  const secret = variable('SMSTSPreferredAdvertID', 'hunter2', true)
  const selection = selectForMachine([open1], situation({ variables: [secret] }))
  t.notRegex(JSON.stringify(selection), /hunter2/)
})

test('A07: "does not exist", "not yours", "expired" and "hidden for clients" say the same outside, and differ in the log', (t) => {
  const candidates = [
    open1,
    candidate('RVL20021', { ...hidden, ...everywhere, expiresAtMs: now - hour }),
    candidate('RVL20022', { ...hidden, ...everywhere, availableAtMs: now + hour }),
    candidate('RVL20023', { ...hidden, enabled: false }),
    candidate('RVL20024', { makeAvailableTo: 'clients' }),
  ]
  const texts = ['RVL20020', 'RVL20021', 'RVL20022', 'RVL20023', 'RVL20024'].map((id) => {
    const selection = selectForMachine(candidates, situation({ variables: [preferred(id)], door: 'media' }))
    return selection.kind === 'nothing'
      ? { publicText: selection.publicText.replace(id, 'ID'), logText: selection.logText }
      : undefined
  })
  t.deepEqual(
    new Set(texts.map((text) => text?.publicText)),
    new Set(['SMSTSPreferredAdvertID names ID, which cannot run on this machine now. Nothing is started.']),
  )
  t.is(new Set(texts.map((text) => text?.logText.replace(/RVL\d+/, ''))).size, 5)
})

test('S6-030, S6-031: every deployment that was not taken has exactly one reason', (t) => {
  const candidates = [open1, open2, must3, must4, hidden5, expired6, clients7]
  const selection = selectForMachine(candidates, situation())
  t.deepEqual(
    selection.rejected.map((rejection) => rejection.deploymentId).toSorted(),
    ['RVL20001', 'RVL20002', 'RVL20003', 'RVL20005', 'RVL20006', 'RVL20007'].map((id) => deploymentId(id)),
  )
})

const anyCandidate = fc
  .record({
    number: fc.integer({ min: 1, max: 8 }),
    purpose: fc.constantFrom('available' as const, 'required' as const),
    makeAvailableTo: fc.constantFrom(
      'clients' as const,
      'clients-media-and-pxe' as const,
      'media-and-pxe' as const,
      'media-and-pxe-hidden' as const,
    ),
    enabled: fc.boolean(),
    availableAtMs: fc.constantFrom(now - hour, now, now + hour),
    expiresAtMs: fc.constantFrom(now - 1, now, now + 1),
    obeyScheduleInBootImage: fc.boolean(),
  })
  .map(({ number, ...rest }) => candidate(`RVL2000${number}`, rest))

test('A07, A5-01: whatever is deployed, nothing hidden is listed, and it starts only when preferred', (t) => {
  const anySituation = fc.record({
    preferredNumber: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
    door: fc.constantFrom('pxe' as const, 'media' as const, 'client' as const),
  })
  const candidates = fc.uniqueArray(anyCandidate, { selector: ({ deployment }) => deployment.id, maxLength: 8 })
  fc.assert(
    fc.property(candidates, anySituation, (list, { preferredNumber, door }) => {
      const variables = preferredNumber === undefined ? [] : [preferred(`RVL2000${preferredNumber}`)]
      const selection = selectForMachine(list, situation({ variables, door }))
      const isHidden = (one: CandidateDeployment) => one.deployment.makeAvailableTo === 'media-and-pxe-hidden'
      if (selection.kind === 'choose') t.false(selection.candidates.some(isHidden))
      if (selection.kind === 'start') {
        t.is(selection.because === 'preferred', preferredNumber !== undefined && door !== 'client')
        t.true(selection.because === 'preferred' || !isHidden(selection.candidate))
      }
      const taken = selection.kind === 'choose' ? selection.candidates.length : selection.kind === 'start' ? 1 : 0
      t.is(taken + selection.rejected.length, list.length)
    }),
  )
})
