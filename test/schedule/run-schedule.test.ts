/** Turns of jobs: logged when they fail, never two of one job at once, none after the end. Cron's own work is only validated. */

import test from 'ava'
import { getTasks, validate } from 'node-cron'
import { abandonSilentRuns } from '../../server/schedule/abandon-silent-runs.ts'
import { collectContent } from '../../server/schedule/collect-content.ts'
import { forgetExpired } from '../../server/schedule/forget-expired.ts'
import type { Job, JobReport } from '../../server/schedule/job.ts'
import { runSchedule } from '../../server/schedule/run-schedule.ts'
import { openTestLibrary } from '../content/open-test-library.ts'
import { openSqliteSite } from '../store/open-test-store.ts'

/** 29 February: no test runs long enough to meet a turn by chance, and none does harm. */
const seldom = '0 0 29 2 *'

function recordingLog() {
  const lines: string[] = []
  const note = (level: string) => (text: string) => void lines.push(`${level}: ${text}`)
  return { lines, info: note('info'), warn: note('warn'), error: note('error') }
}

function jobThat(run: (nowMs: number) => Promise<JobReport>): Job {
  return { name: 'test', due: seldom, run }
}

test('cron understands when each job is due', async (t) => {
  const { store } = await openSqliteSite(t)
  const { library } = await openTestLibrary(t)
  const silence = { silentMs: 1, listeningSinceMs: 0 }
  const jobs = [collectContent(store, library), forgetExpired(store), abandonSilentRuns(store, silence)]
  t.deepEqual(
    jobs.map(({ due }) => validate(due)),
    [true, true, true],
  )
})

test('a schedule that cron does not understand is our mistake', (t) => {
  const { signal } = new AbortController()
  const job = { ...jobThat(async () => ({})), due: 'every now and then' }
  t.throws(() => runSchedule({ jobs: [job], signal, log: recordingLog(), nowMs: () => 0 }), { message: /no schedule/ })
})

test('a turn gets the time; what it did is logged, and nothing when there was nothing to do', async (t) => {
  const stop = new AbortController()
  const log = recordingLog()
  const job = jobThat(async (nowMs) => (nowMs === 7 ? { text: 'did something' } : {}))
  let nowMs = 7
  const schedule = runSchedule({ jobs: [job], signal: stop.signal, log, nowMs: () => nowMs })
  await schedule.turn(job)
  nowMs = 8
  await schedule.turn(job)
  t.deepEqual(log.lines, ['info: did something'])
  stop.abort()
  await schedule.ended
})

test('a job that fails is logged, and has its next turn', async (t) => {
  const stop = new AbortController()
  const log = recordingLog()
  let turns = 0
  const job = jobThat(async () => {
    turns += 1
    if (turns === 1) throw new Error('disk on fire')
    return { text: 'better now' }
  })
  const schedule = runSchedule({ jobs: [job], signal: stop.signal, log, nowMs: () => 0 })
  await schedule.turn(job)
  await schedule.turn(job)
  t.deepEqual(log.lines, ['error: The job "test" failed; it is tried again when it is due', 'info: better now'])
  stop.abort()
  await schedule.ended
})

test('a turn is left out while the last one of its job goes on; the end waits for it, and nothing begins afterwards', async (t) => {
  const stop = new AbortController()
  const log = recordingLog()
  const gate = Promise.withResolvers<JobReport>()
  let turns = 0
  const slow = jobThat(() => {
    turns += 1
    return gate.promise
  })
  const tasksBefore = getTasks().size
  const schedule = runSchedule({ jobs: [slow], signal: stop.signal, log, nowMs: () => 0 })
  t.is(getTasks().size, tasksBefore + 1)
  const first = schedule.turn(slow)
  await schedule.turn(slow)
  t.is(turns, 1)
  t.regex(log.lines.join(), /^warn: The job "test" is due again before its last turn has ended/)
  stop.abort()
  let ended = false
  const end = schedule.ended.then(() => {
    ended = true
  })
  await schedule.turn(slow)
  t.false(ended)
  gate.resolve({ text: 'at last' })
  await Promise.all([first, end])
  t.is(turns, 1)
  t.is(log.lines.at(-1), 'info: at last')
  t.is(getTasks().size, tasksBefore)
})

test('a schedule whose end was given already has no turns', async (t) => {
  const job = jobThat(async () => t.fail())
  const schedule = runSchedule({ jobs: [job], signal: AbortSignal.abort(), log: recordingLog(), nowMs: () => 0 })
  await schedule.turn(job)
  await schedule.ended
  t.pass()
})
