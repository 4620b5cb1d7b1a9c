/** A program that the kill test starts and kills: it gives a debugged run commands and prints the number of each that was accepted. */

import { writeSync } from 'node:fs'
import { defaultSiteCode } from '../../server/address/identifiers.ts'
import { openStore } from '../../server/store/sqlite-store.ts'
import { startMs } from './open-test-store.ts'
import { event, newRun, startedRun } from './site-builders.ts'

const [, , databaseFile = ''] = process.argv
const store = await openStore({ databaseFile, siteCode: defaultSiteCode, nowMs: () => startMs })
const start = newRun()
const runId = start.run.id
if ((await store.getRun(runId)) === undefined) {
  await startedRun(store, start)
  await store.addEvents(runId, [event(1, { kind: 'debugger-attached', opens: 'before-steps' })], startMs)
}
for (;;) {
  const command = { runId, command: { kind: 'step' }, givenBy: 'admin', givenAtMs: startMs } as const
  const kept = await store.addDebugCommand(command)
  writeSync(1, `${typeof kept === 'string' ? kept : kept.number}\n`)
  if (typeof kept === 'string') await new Promise(() => {})
}
