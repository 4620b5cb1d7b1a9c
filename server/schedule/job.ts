/** A job of the server's clock, and one turn of it. When a job is due is cron's business (run-schedule.ts), not this file's. */

import { printFault } from '../caught-error.ts'

export interface Job {
  readonly name: string
  /** As cron writes it: minute, hour, day of the month, month, day of the week; local time of the server. */
  readonly due: string
  run(nowMs: number): Promise<JobReport>
}

/** What a turn did; `undefined` text: there was nothing to do, and nothing is logged. */
export interface JobReport {
  readonly text?: string
  readonly fields?: Readonly<Record<string, unknown>>
}

export interface JobLog {
  info(text: string, fields?: Readonly<Record<string, unknown>>): void
  warn(text: string, fields?: Readonly<Record<string, unknown>>): void
  error(text: string, fields?: Readonly<Record<string, unknown>>): void
}

/** A job that fails must not end the server: it is due again, and the log says what happened. */
export async function runJob(job: Job, nowMs: number, log: JobLog): Promise<void> {
  try {
    const { text, fields } = await job.run(nowMs)
    if (text !== undefined) log.info(text, { job: job.name, ...fields })
  } catch (error) {
    log.error(`The job "${job.name}" failed; it is tried again when it is due`, {
      job: job.name,
      reason: printFault(error),
    })
  }
}
