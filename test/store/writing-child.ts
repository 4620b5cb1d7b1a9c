/**
 * A program that the kill test starts and kills: it opens the store at the path it is given, goes on with the run it finds
 * there, and prints each acknowledgement once the store has given it. Some events are sent twice, as an agent does.
 */

import { writeSync } from 'node:fs'
import { defaultSiteCode } from '../../server/address/identifiers.ts'
import { openStore } from '../../server/store/sqlite-store.ts'
import { events, newRun, startedRun } from './site-builders.ts'
import { startMs } from './open-test-store.ts'

const [, , databaseFile = ''] = process.argv
const store = await openStore({ databaseFile, siteCode: defaultSiteCode, nowMs: () => startMs })
const start = newRun()
const run = (await store.getRun(start.run.id)) ?? (await startedRun(store, start))

/** Several reports are under way at once, so that the kill falls into the middle of a group. */
const underWayMax = 8

let sent = run.acknowledged
async function report(): Promise<void> {
  for (;;) {
    const first = sent + 1
    const last = first + (first % 7)
    sent = last
    const repeated = Math.max(1, first - 2)
    const answer = await store.addEvents(run.id, events(repeated, last), startMs)
    writeSync(1, typeof answer === 'string' ? `${answer}\n` : `${answer.acknowledged}\n`)
  }
}

writeSync(1, `${run.acknowledged}\n`)
await Promise.all(Array.from({ length: underWayMax }, report))
