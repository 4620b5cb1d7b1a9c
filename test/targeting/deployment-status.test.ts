/** The state of a deployment on one machine: by its last run, or by why there is none. */

import test from 'ava'
import * as fc from 'fast-check'
import {
  deploymentStateNames,
  deploymentStates,
  type MachineFacts,
  machineStatus,
  messageStates,
  percentOf,
} from '../../server/targeting/deployment-status.ts'

const is = test.macro((t, facts: Partial<MachineFacts>, expected: string) => {
  const { state, messageState, reason } = machineStatus({ isHeard: true, ...facts })
  const shown = `${deploymentStates[state]} ${state}, ${messageStates[messageState]} ${messageState}`
  t.is(reason === undefined ? shown : `${shown}: ${reason}`, expected)
})

const run = (state: NonNullable<MachineFacts['lastRun']>['state']) => ({ lastRun: { state } })
const reason = 'because'

test('S10-001 S10-004: its run has succeeded', is, run('succeeded'), '1 success, 13 Succeeded')
test('S10-001 S10-004: its run goes on', is, run('running'), '2 in-progress, 9 Running')
test(
  'S10-004: its run restarts the machine',
  is,
  { lastRun: { state: 'running', restarts: true } },
  '2 in-progress, 12 Reboot Pending',
)
test('S10-001 S10-004: its run has failed', is, run('failed'), '5 error, 11 Failed')
test(
  'S10-001 S10-004: nothing more was heard of its run',
  is,
  run('abandoned'),
  '5 error, 11 Failed: the site has given up its run',
)
test(
  'S10-001 S10-004: its requirements are not met',
  is,
  { unfit: reason, waits: 'a window' },
  '3 requirements-not-met, 2 Rejected: because',
)
test('S10-004 S9-016: it waits for a window', is, { waits: reason }, '2 in-progress, 8 Waiting: because')
test(
  'S10-001 S10-004: nothing was ever heard of it',
  is,
  { isHeard: false },
  '4 unknown, 0 No Status: its agent was never heard',
)
test(
  'S10-001 S10-004: it was heard, and that is all',
  is,
  {},
  '4 unknown, -1 Accepted – No further status: its agent was heard, and has not started it',
)
test(
  'S10-004: the deployment has expired',
  is,
  { notOffered: { isExpired: true, reason }, unfit: 'no' },
  '4 unknown, 3 Expired: because',
)
test(
  'S10-004: it is offered nowhere',
  is,
  { notOffered: { isExpired: false, reason } },
  '4 unknown, 0 No Status: because',
)
test(
  'S10-004: it has a mark, and no run under its name',
  is,
  { isMarked: true, unfit: reason },
  '4 unknown, 4 Will Not Rerun: it has started on this machine before it was this device; clear its mark to run it again',
)

test('S10-001: whatever else is known, a run decides; and what was never heard of is unknown unless something says why', (t) => {
  const text = fc.option(fc.constant(reason), { nil: undefined })
  const facts = fc.record({
    unfit: text,
    waits: text,
    notOffered: fc.option(fc.record({ isExpired: fc.boolean(), reason: fc.constant(reason) }), { nil: undefined }),
    isMarked: fc.boolean(),
    isHeard: fc.boolean(),
  })
  const state = fc.constantFrom('running' as const, 'succeeded' as const, 'failed' as const, 'abandoned' as const)
  fc.assert(
    fc.property(facts, state, (known, state) => {
      const lastRun = { state }
      t.deepEqual(machineStatus({ ...known, lastRun }), machineStatus({ isHeard: true, lastRun }))
      const without = machineStatus(known)
      t.true(deploymentStateNames.includes(without.state))
      t.false(without.state === 'success' || without.state === 'error')
      t.not(without.reason, undefined, 'without a run somebody wants to know why')
    }),
  )
})

test('a share of nobody is none, and shares have one digit behind the point', (t) => {
  t.deepEqual([percentOf(0, 0), percentOf(0, 7), percentOf(1, 3), percentOf(7, 7)], [undefined, 0, 33.3, 100])
})
