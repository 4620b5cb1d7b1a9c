/** How many events one run may have: a machine that reports without end must not fill the disk. */

import { join } from 'node:path'
import test from 'ava'
import { defaultSiteCode } from '../../server/address/identifiers.ts'
import type { RunOutcome } from '../../server/sequence/run.ts'
import { openStore } from '../../server/store/sqlite-store.ts'
import { startMs, temporaryDirectory } from './open-test-store.ts'
import { event, events, startedRun } from './site-builders.ts'

test('70, I10: of events beyond the limit only the end of the run is kept', async (t) => {
  const databaseFile = join(await temporaryDirectory(t), 'site.db')
  const settings = { databaseFile, siteCode: defaultSiteCode, nowMs: () => startMs, eventsPerRunMax: 10 }
  const store = await openStore(settings)
  t.teardown(() => store.close())
  const { id } = await startedRun(store)
  t.deepEqual(await store.addEvents(id, events(1, 9), startMs), { acknowledged: 9 })
  t.is(await store.addEvents(id, events(10, 11), startMs), 'too-many-events')
  t.deepEqual(await store.addEvents(id, events(10, 10), startMs), { acknowledged: 10 })
  t.is(await store.addEvents(id, events(11, 11), startMs), 'too-many-events')
  t.deepEqual(await store.addEvents(id, events(1, 10), startMs), { acknowledged: 10 })
  const outcome: RunOutcome = { kind: 'succeeded' }
  const last = [event(11), event(12, { kind: 'sequence-ended', outcome })]
  t.deepEqual(await store.addEvents(id, last, startMs), { acknowledged: 12 })
  t.like(await store.getRun(id), { state: 'succeeded' })
  const anotherEnd = event(13, { kind: 'sequence-ended', outcome })
  t.is(await store.addEvents(id, [anotherEnd], startMs), 'too-many-events')
})
