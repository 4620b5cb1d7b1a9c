/** What each job of the clock does when its turn comes: plain functions of the time, without cron. */

import test from 'ava'
import type { RunId } from '../../server/address/identifiers.ts'
import { abandonSilentRuns, comeBackMs } from '../../server/schedule/abandon-silent-runs.ts'
import { collectContent } from '../../server/schedule/collect-content.ts'
import { forgetExpired } from '../../server/schedule/forget-expired.ts'
import { forgetStrangers } from '../../server/schedule/forget-strangers.ts'
import type { Sha256 } from '../../server/site/content.ts'
import { chunks, openTestLibrary, sha256Of } from '../content/open-test-library.ts'
import { youngBlobMs } from '../../server/content/content-library.ts'
import { openSqliteSite, startMs } from '../store/open-test-store.ts'
import { bootImage, mac, saved, session, startedRun } from '../store/site-builders.ts'

const hour = 3_600_000

test('content that no version names is removed when it is a day old, and the rest stays', async (t) => {
  const { store } = await openSqliteSite(t)
  const { library } = await openTestLibrary(t)
  const { sha256, bytes } = await library.add(chunks('kept'))
  await library.add(chunks('forgotten'))
  const image = saved(await store.bootImages.create(bootImage()))
  await store.addContent(image.id, [{ name: 'vmlinuz', sha256, bytes }])
  const job = collectContent(store, library)
  t.deepEqual(await job.run(Date.now()), {})
  t.deepEqual(await job.run(Date.now() + youngBlobMs + hour), {
    text: 'Removed 1 files that no version of any content names',
    fields: { bytes: 9 },
  })
  t.deepEqual(
    (await library.list()).map((blob) => blob.sha256),
    [sha256Of('kept')] satisfies Sha256[],
  )
})

test('expired sessions are counted in the report, and an hour without any is silent', async (t) => {
  const { store } = await openSqliteSite(t)
  await store.addSession(session(), 1)
  const job = forgetExpired(store)
  t.deepEqual(await job.run(startMs), {})
  t.deepEqual((await job.run(startMs + hour)).fields, {
    pageSessions: 0,
    agentSessions: 1,
    runTokens: 0,
    resumeTickets: 0,
  })
})

test('I10: a silent run is given up, and reported once', async (t) => {
  const { store } = await openSqliteSite(t)
  const { id } = await startedRun(store)
  const job = abandonSilentRuns(store, { silentMs: 24 * hour, listeningSinceMs: startMs })
  t.deepEqual(await job.run(startMs + 24 * hour - 1), {})
  t.deepEqual((await job.run(startMs + 24 * hour)).fields?.['runs'], [id] satisfies RunId[])
  t.is((await store.getRun(id))?.state, 'abandoned')
  t.deepEqual(await job.run(startMs + 25 * hour), {})
})

test('after the server was away its machines may come back before their runs are given up', async (t) => {
  const { store } = await openSqliteSite(t)
  const { id } = await startedRun(store)
  const backMs = startMs + 72 * hour
  const job = abandonSilentRuns(store, { silentMs: 24 * hour, listeningSinceMs: backMs })
  t.deepEqual(await job.run(backMs + comeBackMs - 1), {})
  t.is((await store.getRun(id))?.state, 'running')
  await job.run(backMs + comeBackMs)
  t.is((await store.getRun(id))?.state, 'abandoned')
})

test('C01: lanes of strangers are forgotten after a day, and the log says how many', async (t) => {
  const { store } = await openSqliteSite(t)
  const observation = { kind: 'dhcp-request', platform: 'UEFI x64', stage: 'firmware' } as const
  await store.observe([{ lane: mac('52:54:00:00:00:07'), atMs: startMs, observation }])
  const job = forgetStrangers(store)
  t.deepEqual(await job.run(startMs), {})
  t.deepEqual((await job.run(startMs + 24 * hour)).fields, { lanes: 1 })
})
