/** Thinning, limits and batches of what is reported, and what happens when the server refuses. */

import test from 'ava'
import { z } from 'zod'
import { Fault } from '../../bootstrap/fault.ts'
import { Journal } from '../../bootstrap/journal.ts'
import { Redactor } from '../../bootstrap/redactor.ts'
import { eventVocabulary, outputLinesPerStepMax, Reporter, type ReporterSettings } from '../../bootstrap/reporter.ts'
import { printProgress } from '../../bootstrap/run-session.ts'
import { eventsPerReportMax, optionalEventsPerRunMax, type RunEvent } from '../../server/contract/agent.ts'
import { reportSchema } from '../../server/http/agent/agent-schemas.ts'
import { makeFolder } from './loop-disk.ts'

function makeReporter(folder: string, changes: Partial<ReporterSettings> = {}) {
  const batches: (readonly RunEvent[])[] = []
  const journal = new Journal(folder)
  const reporter = new Reporter({
    journal,
    redactor: new Redactor(),
    send: async (events) => {
      batches.push(events)
      return events.at(-1)?.sequence ?? 0
    },
    now: () => 1,
    onRefused: () => {},
    ...changes,
  })
  return { reporter, journal, batches, bodies: () => batches.flat().map(({ body }) => body) }
}

test('of progress that comes faster than it is sent, the newest counts', async (t) => {
  const { reporter, bodies } = makeReporter(makeFolder(t))
  for (let done = 0; done <= 1_000; done += 1) reporter.progress({ text: 'Copying', done, total: 1_000, unit: 'items' })
  t.true(await reporter.allKept())
  t.deepEqual(bodies(), [{ kind: 'step-progress', text: 'Copying', done: 1_000, total: 1_000, unit: 'items' }])
})

test('70: a step that prints without end is cut off, and says so; the next step may print again', async (t) => {
  const { reporter, bodies, batches } = makeReporter(makeFolder(t))
  const started = { kind: 'step-started', path: [0], name: 'One', type: 'run-command-line', attempt: 1 } as const
  reporter.record(started)
  for (let line = 0; line < outputLinesPerStepMax + 5_000; line += 1) reporter.output('stdout', `line ${line}`)
  reporter.record(started)
  reporter.output('stdout', 'again')
  t.true(await reporter.allKept())
  const lines = bodies().flatMap((body) => (body.kind === 'output' ? body.lines : []))
  t.is(lines.length, outputLinesPerStepMax + 2)
  t.deepEqual(lines.slice(-2), [`more than ${outputLinesPerStepMax} lines; the rest is left out`, 'again'])
  t.true(batches.every((batch) => batch.length <= eventsPerReportMax && JSON.stringify(batch).length < 1024 * 1024))
})

test('long lines never make an event larger than one request takes', async (t) => {
  const { reporter, batches } = makeReporter(makeFolder(t))
  for (let line = 0; line < 1_000; line += 1) reporter.output('stdout', 'ü'.repeat(4_000))
  t.true(await reporter.allKept())
  t.true(batches.every((batch) => Buffer.byteLength(JSON.stringify(batch)) < 1024 * 1024))
})

test('A08: a secret that is a word of the protocol is masked in texts, and the event stays one that the server takes', async (t) => {
  const redactor = new Redactor()
  for (const word of ['succeeded', 'output', 'stdout', 'step-ended', 'run-command-line']) redactor.learn(word)
  const { reporter, bodies } = makeReporter(makeFolder(t), { redactor })
  const ended = { kind: 'step-ended', path: [0], outcome: 'succeeded', exitCode: 0 } as const
  reporter.record({ kind: 'step-started', path: [0], name: 'output', type: 'run-command-line', attempt: 1 })
  reporter.output('stdout', 'it has succeeded')
  reporter.record({ ...ended, message: 'stdout: succeeded' })
  reporter.record({ kind: 'sequence-ended', outcome: { kind: 'succeeded' } })
  t.true(await reporter.allKept())
  t.deepEqual(bodies(), [
    { kind: 'step-started', path: [0], name: '***', type: 'run-command-line', attempt: 1 },
    { kind: 'output', stream: 'stdout', lines: ['it has ***'] },
    { ...ended, message: '***: ***' },
    { kind: 'sequence-ended', outcome: { kind: 'succeeded' } },
  ])
})

test('what the server refuses for good stays in the journal, and is told once', async (t) => {
  const refusals: Fault[] = []
  const send = async (): Promise<number> => {
    throw new Fault('event-gap', 'http://x')
  }
  const { reporter, journal } = makeReporter(makeFolder(t), { send, onRefused: (fault) => refusals.push(fault) })
  reporter.record({ kind: 'sequence-started' })
  reporter.record({ kind: 'restarting', target: 'boot-image' })
  t.false(await reporter.allKept())
  t.is(journal.unacknowledged(10).length, 2)
  t.deepEqual(
    refusals.map(({ kind }) => kind),
    ['event-gap'],
  )
})

test('waiting for the server ends with its time, and goes on later', async (t) => {
  let answer = (): void => {}
  const held = new Promise<void>((resolve) => {
    answer = resolve
  })
  const { reporter } = makeReporter(makeFolder(t), {
    send: async (events) => held.then(() => events.at(-1)?.sequence ?? 0),
  })
  reporter.record({ kind: 'sequence-started' })
  t.false(await reporter.allKept(1))
  answer()
  t.true(await reporter.allKept())
})

test('A06: while a step says nothing, empty reports tell that the machine is alive, until the reporter is closed', async (t) => {
  let beats = 0
  let closeNow = (): void => {}
  const enough = new Promise<void>((resolve) => {
    closeNow = resolve
  })
  const send = async (events: readonly RunEvent[]): Promise<number> => {
    if (events.length === 0) beats += 1
    if (beats === 3) closeNow()
    return events.at(-1)?.sequence ?? 0
  }
  const { reporter } = makeReporter(makeFolder(t), { send, heartbeatMs: 1 })
  reporter.start()
  const keepsAlive = setTimeout(() => {}, 60_000)
  await enough
  clearTimeout(keepsAlive)
  reporter.close()
  reporter.record({ kind: 'sequence-started' })
  t.is(beats, 3)
})

test('70: a run with too many events leaves out progress and output, says so once, and tells its end', async (t) => {
  const { reporter, journal, bodies } = makeReporter(makeFolder(t))
  journal.acknowledge(optionalEventsPerRunMax)
  for (const line of ['one', 'two']) {
    reporter.output('stdout', line)
    reporter.settle()
    reporter.progress({ text: 'Copying', done: 1, unit: 'items' })
    reporter.settle()
  }
  reporter.record({ kind: 'sequence-ended', outcome: { kind: 'succeeded' } })
  t.true(await reporter.allKept())
  t.deepEqual(
    bodies().map(({ kind }) => kind),
    ['output', 'sequence-ended'],
  )
  t.regex(JSON.stringify(bodies()[0]), /further progress and output of this run are left out/)
})

test('progress reads well on a screen', (t) => {
  t.is(printProgress({ text: 'Applying', done: 5e8, total: 1e9, unit: 'bytes' }), 'Applying: 50 %')
  t.is(printProgress({ text: 'Applying', done: 5e8, unit: 'bytes' }), 'Applying: 500 MB')
  t.is(printProgress({ text: 'Formatting', done: 1, total: 3, unit: 'items' }), 'Formatting: 1 of 3')
})

test('A08: the members that are not masked are those for which the server takes fixed words alone, and the type of a step', (t) => {
  const fixed = new Set<string>()
  const free = new Set<string>()
  const collect = (node: unknown, name: string): void => {
    if (Array.isArray(node)) return node.forEach((one) => collect(one, name))
    if (typeof node !== 'object' || node === null) return
    if ('enum' in node || 'const' in node) fixed.add(name)
    else if ('type' in node && node.type === 'string') free.add(name)
    for (const [key, value] of Object.entries(node)) {
      if (key !== 'properties') collect(value, name)
      else for (const [member, form] of Object.entries(value as object)) collect(form, member)
    }
  }
  collect(z.toJSONSchema(reportSchema, { unrepresentable: 'any' }).properties?.['events'], '')
  t.deepEqual(
    [...fixed].filter((name) => !eventVocabulary.has(name)),
    [],
  )
  // Of a step: a text, because an agent may know more types than its server.
  t.deepEqual(
    [...free].filter((name) => eventVocabulary.has(name)),
    ['type'],
  )
  t.true(free.has('lines') && free.has('message') && free.has('value'))
})
