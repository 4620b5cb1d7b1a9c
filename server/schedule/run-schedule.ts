/**
 * Gives jobs their turns when cron says that they are due. A job whose last turn has not ended is left out, so that none
 * overlaps itself; once the signal is given nothing begins, and `ended` waits for the turns under way.
 */

import { schedule, validate } from 'node-cron'
import { assert } from '../assert.ts'
import { type Job, type JobLog, runJob } from './job.ts'

export interface ScheduleOptions {
  readonly jobs: readonly Job[]
  readonly signal: AbortSignal
  readonly log: JobLog
  readonly nowMs: () => number
}

export interface RunningSchedule {
  /** One turn now, unless one is under way or the schedule is stopped. Cron calls it. */
  turn(job: Job): Promise<void>
  /** Resolves when the signal was given and no turn is under way any more. */
  readonly ended: Promise<void>
}

export function runSchedule({ jobs, signal, log, nowMs }: ScheduleOptions): RunningSchedule {
  const underWay = new Map<Job, Promise<void>>()
  const turn = async (job: Job): Promise<void> => {
    if (signal.aborted) return
    if (underWay.has(job)) {
      log.warn(`The job "${job.name}" is due again before its last turn has ended; this turn is left out`, {
        job: job.name,
      })
      return
    }
    const running = runJob(job, nowMs(), log).finally(() => underWay.delete(job))
    underWay.set(job, running)
    await running
  }
  for (const job of jobs) assert(validate(job.due), `"${job.due}" of the job "${job.name}" is no schedule`)
  const tasks = signal.aborted
    ? []
    : jobs.map((job) =>
        // The warning about missed turns would come after each suspension of a laptop; the next turn does the work.
        schedule(job.due, () => turn(job), { name: job.name, suppressMissedWarning: true, unref: true }),
      )
  const stopped = new Promise<void>((resolve) => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  const ended = stopped.then(async () => {
    for (const task of tasks) await task.destroy()
    await Promise.all(underWay.values())
  })
  return { turn, ended }
}
