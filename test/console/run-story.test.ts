/** Events of a run as a story, and the story as rows of the step tree. */

import test from 'ava'
import * as fc from 'fast-check'
import type { RunId } from '../../server/address/identifiers.ts'
import type { RunEventBody } from '../../server/contract/agent.ts'
import type { WatchedEvent } from '../../server/contract/progress.ts'
import { emptyStory, logLinesMax, readEvents, type RunStory } from '../../server/console/src/run-story.ts'
import { type PlannedStep, stepRows } from '../../server/console/src/step-rows.ts'

const runId = 'a'.repeat(32) as RunId

/** One event a second, by a machine whose clock is an hour slow. */
function eventsOf(...bodies: readonly RunEventBody[]): readonly WatchedEvent[] {
  return bodies.map((body, index) => ({
    seq: 10 + 2 * index,
    runId,
    receivedAtMs: 10_000_000 + index * 1_000,
    event: { sequence: index + 1, atMs: 6_400_000 + index * 1_000, body },
  }))
}

function storyOf(...bodies: readonly RunEventBody[]): RunStory {
  return readEvents(emptyStory(runId), eventsOf(...bodies))
}

const started = (path: readonly number[], name: string, attempt = 1): RunEventBody => ({
  kind: 'step-started',
  path,
  name,
  type: 'run-command-line',
  attempt,
})
const ended = (path: readonly number[], exitCode = 0, message = ''): RunEventBody => ({
  kind: 'step-ended',
  path,
  outcome: exitCode === 0 ? 'succeeded' : 'failed',
  exitCode,
  message,
})
const over: RunEventBody = { kind: 'sequence-ended', outcome: { kind: 'succeeded' } }

const plan: readonly PlannedStep[] = [
  { path: [0], name: 'Install', isGroup: true, enabled: true },
  { path: [0, 0], name: 'Partition', isGroup: false, enabled: true },
  { path: [0, 1], name: 'Old drivers', isGroup: false, enabled: false },
  { path: [1], name: 'Repair', isGroup: true, enabled: true },
  { path: [1, 0], name: 'Look', isGroup: false, enabled: true },
  { path: [2], name: 'Report', isGroup: false, enabled: true },
]

/** `Install: runs`, indented by depth. */
function print(story: RunStory, planned = plan): readonly string[] {
  return stepRows(planned, story).map((row) => `${'  '.repeat(row.depth)}${row.name}: ${row.stateText}`)
}

test('S1-101: the log says where the debugger holds the run, and what it is told', (t) => {
  const at = { path: [0, 0], name: 'Partition', number: 1 } as const
  const { log } = storyOf(
    { kind: 'debugger-attached', opens: 'before-steps' },
    { kind: 'debugger-paused', ...at, reason: 'before-step' },
    { kind: 'debugger-command', number: 1, command: { kind: 'step' } },
    { kind: 'debugger-attached', opens: 'on-error' },
  )
  t.deepEqual(
    log.map(({ text }) => text),
    [
      'The debugger holds each step',
      'Paused before step 1: Partition (debugger)',
      'Debugger: step',
      'The debugger holds an error',
    ],
  )
})

test('before the first event every step of the sequence is there, ahead', (t) => {
  t.deepEqual(print(emptyStory(runId)), [
    'Install: not yet',
    '  Partition: not yet',
    '  Old drivers: skipped: disabled',
    'Repair: not yet',
    '  Look: not yet',
    'Report: not yet',
  ])
})

test('events fill the rows; what is below a skipped group is skipped with it', (t) => {
  const story = storyOf(
    { kind: 'group-started', path: [0], name: 'Install' },
    started([0, 0], 'Partition'),
    ended([0, 0], 32, 'no such disk'),
    started([0, 0], 'Partition', 2),
    { kind: 'node-skipped', path: [1], reason: 'condition-false', steps: 1 },
  )
  t.deepEqual(print(story), [
    'Install: runs',
    '  Partition: runs, attempt 2',
    '  Old drivers: skipped: disabled',
    'Repair: skipped: its condition was false',
    '  Look: skipped: its condition was false',
    'Report: not yet',
  ])
})

test('a run that ended leaves steps that were not reached, results and messages', (t) => {
  const story = storyOf(started([0, 0], 'Partition'), ended([0, 0], 32, 'no such disk'), {
    kind: 'sequence-ended',
    outcome: { kind: 'failed', path: [0, 0], exitCode: 32, message: 'no such disk' },
  })
  const rows = stepRows(plan, story)
  t.deepEqual(
    rows
      .filter(({ key }) => key === '0.0')
      .map(({ state, exitCode, message, tookMs }) => [state, exitCode, message, tookMs]),
    [['failed', 32, 'no such disk', 1_000]],
  )
  t.is(rows.at(-1)?.state, 'not-reached')
})

test('without the sequence the rows are what was heard of, in the order of the tree', (t) => {
  const story = storyOf(started([10], 'Late'), started([2], 'Early'), {
    kind: 'node-skipped',
    path: [9, 1],
    reason: 'parent-failed',
    steps: 1,
  })
  t.deepEqual(print(story, []), ['Early: runs', '  Step 10.2: skipped: an earlier step failed', 'Late: runs'])
})

test("times are the server's, whatever the clock of the machine says, and after a restart anew", (t) => {
  const [first, second, third] = [started([0], 'One'), ended([0]), started([1], 'Two')] as const
  const story = storyOf(first, second, third)
  t.deepEqual(
    [...story.steps.values()].map(({ startedAtMs, tookMs }) => [startedAtMs, tookMs]),
    [
      [10_000_000, 1_000],
      [10_002_000, undefined],
    ],
  )
  const later = readEvents(story, [
    {
      seq: 90,
      runId,
      receivedAtMs: 20_000_000,
      event: { sequence: 4, atMs: 99_000_000, body: { kind: 'resumed', where: 'installed-system', expected: true } },
    },
    { seq: 91, runId, receivedAtMs: 20_001_000, event: { sequence: 5, atMs: 99_001_000, body: started([2], 'Three') } },
  ])
  t.is(later.steps.get('2')?.startedAtMs, 20_001_000)
})

test('a clock that was set back during a step says nothing about how long it took', (t) => {
  const [begin, finish] = eventsOf(started([0], 'Set the clock'), ended([0]))
  if (begin === undefined || finish === undefined) throw new Error('two events make two')
  const story = readEvents(emptyStory(runId), [begin, { ...finish, event: { ...finish.event, atMs: 5 } }])
  t.is(story.steps.get('0')?.state, 'succeeded')
  t.is(story.steps.get('0')?.tookMs, undefined)
})

test('variables: names are case-blind, the newest value counts, an empty one deletes', (t) => {
  const set = (name: string, value: string): RunEventBody => ({
    kind: 'variables-changed',
    variables: [{ name, value, secret: false }],
  })
  const story = storyOf(set('OSDDisk', 'sda'), set('Site', 'A'), set('osddisk', 'sdb'), set('SITE', ''))
  t.deepEqual(
    [...story.variables.values()].map(({ name, value }) => [name, value]),
    [['osddisk', 'sdb']],
  )
})

test('the log says what happened, and keeps the newest lines', (t) => {
  const story = storyOf(
    { kind: 'sequence-started' },
    started([0], 'Partition', 2),
    { kind: 'output', stream: 'stderr', lines: ['mkfs: busy'] },
    { ...ended([0], 5, 'busy'), outcome: 'failed-continued' } as RunEventBody,
    { kind: 'restarting', target: 'installed-system' },
    { kind: 'resumed', where: 'boot-image', expected: false },
    over,
  )
  t.deepEqual(
    story.log.map(({ text }) => text),
    [
      'The task sequence starts',
      'Step "Partition", attempt 2',
      'mkfs: busy',
      'Failed with 5: busy (continue on error)',
      'Restarts into the installed system',
      'Back in the boot image, after a restart that nobody asked for',
      'The task sequence succeeded',
    ],
  )
  const lines = Array.from({ length: logLinesMax + 5 }, (_, index) => `line ${index}`)
  const long = storyOf({ kind: 'output', stream: 'stdout', lines })
  t.is(long.log.length, logLinesMax)
  t.is(long.log.at(-1)?.text, `line ${logLinesMax + 4}`)
})

const bodies = fc.oneof(
  fc.constantFrom(started([0], 'One'), ended([0]), started([1, 0], 'Two'), ended([1, 0], 3, 'no'), over),
  fc.record({
    kind: fc.constant('output' as const),
    stream: fc.constant('stdout' as const),
    lines: fc.array(fc.string(), { maxLength: 3 }),
  }),
)

test('WS-13: however events are cut into frames, sent again or mixed with another run, the story is the same', (t) => {
  fc.assert(
    fc.property(fc.array(bodies, { maxLength: 30 }), fc.array(fc.nat(30), { maxLength: 5 }), (all, cuts) => {
      const events = eventsOf(...all)
      const whole = readEvents(emptyStory(runId), events)
      const foreign = events.map((event) => ({ ...event, runId: 'b'.repeat(32) as RunId }))
      let story = emptyStory(runId)
      for (const cut of [...cuts.toSorted((a, b) => a - b), events.length]) {
        story = readEvents(readEvents(story, events.slice(0, cut)), foreign)
      }
      t.deepEqual(story, whole)
    }),
  )
})
