/**
 * Events of runs at a fixed pace into a database, while the delay of the main loop is measured: through the store and its
 * writer's thread, as agents' reports go, or for comparison with SQLite in the main loop, one transaction every 20 ms, in a
 * table without any of the site's meaning. What was acknowledged is counted in the database afterwards.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import {
  defaultSiteCode,
  parseDeploymentId,
  parsePackageId,
  parseRunId,
  type RunId,
} from '../../server/address/identifiers.ts'
import { parseMacAddress } from '../../server/address/mac-address.ts'
import { assert } from '../../server/assert.ts'
import type { RunEvent } from '../../server/contract/agent.ts'
import { parseSha256 } from '../../server/site/content.ts'
import type { Store } from '../../server/store/ports.ts'
import { openStore } from '../../server/store/sqlite-store.ts'
import { LoadMeter, type LoadResult, type LoadTime, Tally } from './load-result.ts'

export interface StoreLoad extends LoadTime {
  readonly into: 'writer' | 'main-loop'
  readonly machines: number
  readonly eventsPerSecond: number
}

interface Sink {
  /** Resolves when they are kept for good. */
  keep(machine: number, events: readonly RunEvent[]): Promise<void>
  /** How many are kept. */
  count(): Promise<number>
  close(): Promise<void>
}

/** An agent gathers for a quarter of a second: five of a busy one. */
const eventsPerReport = 5
const tickMs = 2
const commitEveryMs = 20
const resolutionMs = 1
const nanosecondsPerMs = 1e6

const load = JSON.parse(process.argv[2] ?? '') as StoreLoad
const directory = await mkdtemp(join(tmpdir(), 'reveille-bench-'))
try {
  const file = join(directory, 'site.sqlite')
  const sink = load.into === 'writer' ? await openWriter(file, load.machines) : openMainLoop(file)
  console.log(JSON.stringify(await run(load, sink)))
} finally {
  await rm(directory, { recursive: true })
}

async function run(load: StoreLoad, sink: Sink): Promise<LoadResult> {
  const { machines, eventsPerSecond } = load
  const meter = new LoadMeter(load)
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  const kept = new Tally(meter)
  const last = new Map<number, number>()
  const underWay = new Set<Promise<void>>()
  let all = 0
  let said = 0
  let failed = 0
  const report = (machine: number): void => {
    const first = (last.get(machine) ?? 0) + 1
    last.set(machine, first + eventsPerReport - 1)
    const events = Array.from({ length: eventsPerReport }, (_, index) => eventOf(first + index))
    const keeping = sink
      .keep(machine, events)
      .then(
        () => {
          kept.add(eventsPerReport)
          all += eventsPerReport
        },
        () => void failed++,
      )
      .finally(() => underWay.delete(keeping))
    underWay.add(keeping)
  }
  const beganMs = performance.now()
  for (let nowMs = beganMs; meter.goesOn(nowMs); nowMs = performance.now()) {
    if (meter.started) delay.enable()
    const due = ((nowMs - beganMs) / 1_000) * eventsPerSecond
    for (; said + eventsPerReport <= due; said += eventsPerReport) report((said / eventsPerReport) % machines)
    await pause(tickMs)
  }
  delay.disable()
  const waits = { p50Ms: aboveResolution(delay.percentile(50)), p99Ms: aboveResolution(delay.percentile(99)) }
  const result = meter.result({ amount: kept.amount, failed })
  await Promise.all(underWay)
  const lost = all - (await sink.count())
  await sink.close()
  return { ...result, figures: { ...result.figures, ...waits, lost } }
}

/** The histogram holds how long the timer took, its own period included. */
function aboveResolution(nanoseconds: number): number {
  return Math.max(0, nanoseconds / nanosecondsPerMs - resolutionMs)
}

function eventOf(sequence: number): RunEvent {
  const body = { kind: 'step-progress', text: `part ${sequence}`, done: sequence, unit: 'items' } as const
  return { sequence, atMs: Date.now(), body }
}

async function openWriter(databaseFile: string, machines: number): Promise<Sink> {
  const store = await openStore({ databaseFile, siteCode: defaultSiteCode, nowMs: () => Date.now() })
  const runs: RunId[] = []
  for (let machine = 0; machine < machines; machine++) runs.push(await startRun(store, machine))
  const runOf = (machine: number): RunId => {
    const id = runs[machine]
    assert(id !== undefined, 'each machine has a run')
    return id
  }
  return {
    async keep(machine, events) {
      const answer = await store.addEvents(runOf(machine), events, Date.now())
      assert(typeof answer === 'object', `events are kept: ${JSON.stringify(answer)}`)
    },
    async count() {
      const kept = await Promise.all(runs.map(async (id) => (await store.getRun(id))?.acknowledged ?? 0))
      return kept.reduce((sum, one) => sum + one, 0)
    },
    close: () => store.close(),
  }
}

async function startRun(store: Store, machine: number): Promise<RunId> {
  const digits = machine.toString(16).padStart(4, '0')
  const id = parseRunId(digits.padStart(32, 'a'))
  const lane = parseMacAddress(`02:00:00:00:${digits.slice(0, 2)}:${digits.slice(2)}`)
  const deploymentId = parseDeploymentId('RVL20001')
  const taskSequenceId = parsePackageId('RVL00001')
  const [token, ticket] = ['b', 'c'].map((digit) => parseSha256(digits.padStart(64, digit)))
  const named = id !== undefined && lane !== undefined && deploymentId !== undefined && taskSequenceId !== undefined
  assert(named && token !== undefined && ticket !== undefined, 'these are names of the right form')
  const nowMs = Date.now()
  const sequence = { name: 'Bench', description: '', children: [] }
  const run = await store.startRun({
    run: {
      id,
      deploymentId,
      lane,
      machineName: `pc-${machine}`,
      startedAtMs: nowMs,
      identityKey: `key-${machine}`,
      policy: {
        deploymentId,
        taskSequenceId,
        taskSequenceRevision: 1,
        sequence,
        variables: [],
        content: [],
        siteCode: defaultSiteCode,
      },
    },
    laneRun: {
      runId: id,
      deploymentId,
      taskSequenceId,
      taskSequenceName: 'Bench',
      stepName: '',
      stepsEnded: 0,
      stepsTotal: 1,
      where: 'boot-image',
    },
    required: false,
    mayReplaceLive: false,
    runTokenSha256: token,
    resumeTicketSha256: ticket,
    idleMs: 3_600_000,
    expiresAtMs: nowMs + 3_600_000,
  })
  assert(typeof run === 'object', `the run starts: ${JSON.stringify(run)}`)
  return id
}

function openMainLoop(file: string): Sink {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
  const columns = 'seq INTEGER PRIMARY KEY, run TEXT, sequence INTEGER, at INTEGER, kind TEXT, body TEXT'
  database.exec(`CREATE TABLE event (${columns}); CREATE UNIQUE INDEX event_of_run ON event (run, sequence)`)
  const insert = database.prepare('INSERT INTO event (run, sequence, at, kind, body) VALUES (?, ?, ?, ?, ?)')
  let waiting: { machine: number; event: RunEvent }[] = []
  let commit: Promise<void> | undefined
  const write = async (): Promise<void> => {
    await pause(commitEveryMs)
    commit = undefined
    database.exec('BEGIN')
    for (const { machine, event } of waiting) {
      const { sequence, atMs, body } = event
      insert.run(`run-${machine}`, sequence, atMs, body.kind, JSON.stringify(body))
    }
    database.exec('COMMIT')
    waiting = []
  }
  return {
    async keep(machine, events) {
      waiting.push(...events.map((event) => ({ machine, event })))
      commit ??= write()
      return commit
    },
    count: async () => Number(database.prepare('SELECT count(*) AS n FROM event').get()?.['n']),
    close: async () => database.close(),
  }
}
