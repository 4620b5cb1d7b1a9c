/** What holds back starts of runs, in the store: kept, part of the boot facts, and asked in the transaction of the start. */

import test from 'ava'
import { assert } from '../../server/assert.ts'
import { actingAs } from '../../server/store/actor.ts'
import { openSqliteSite, startMs } from './open-test-store.ts'
import { client, device, hash, newRun, runId, saved, startedRun } from './site-builders.ts'

const asNew = {
  healthyHours: 24,
  highRiskDefaultSize: 100,
  highRiskMaximumSize: 0,
  secondApprovalAbove: 0,
  siteSystemServers: 'block',
}
const anna = { key: 'page-session:anna', name: 'anna' }

test('the switch outlasts a restart of the server, is audited, and every machine is told of it at once', async (t) => {
  const { store, reopen } = await openSqliteSite(t)
  t.deepEqual(await store.startGuard(), asNew)
  t.deepEqual((await store.about(client())).startGuard, asNew)
  const stopped = { reason: 'broken image', by: 'anna', atMs: startMs }
  t.deepEqual(await actingAs(anna, async () => store.stopStarts('broken image')), { ...asNew, stopped })
  t.deepEqual(await store.startGuard(), { ...asNew, stopped })
  t.deepEqual(
    (await store.about(client())).startGuard,
    { ...asNew, stopped },
    'what was remembered is not told any more',
  )
  const again = await reopen()
  t.deepEqual(await again.startGuard(), { ...asNew, stopped })
  t.deepEqual((await again.about(client())).startGuard, { ...asNew, stopped })
  await actingAs(anna, async () => again.allowStarts())
  t.deepEqual((await again.about(client())).startGuard, asNew)
  const entries = await again.auditEntries({ kind: 'start-guard', limit: 10 })
  t.deepEqual(
    entries.map(({ by, action, changes }) => [by, action, changes]),
    [
      ['anna', 'change', [{ field: 'stopped', before: stopped }]],
      ['anna', 'change', [{ field: 'stopped', after: stopped }]],
    ],
  )
  await again.allowStarts()
  t.is((await again.auditEntries({ kind: 'start-guard', limit: 10 })).length, 2, 'what changes nothing is not told')
})

test('a start that comes after the stop is refused and leaves nothing behind; a run that is there is not touched', async (t) => {
  const { store } = await openSqliteSite(t)
  const first = newRun({ required: true })
  await startedRun(store, first)
  const second = { ...newRun({ id: runId('b'), identityKey: 'key-2', token: hash('d'), ticket: hash('e') }) }
  // Given in one batch, so that both are in one transaction: the order alone decides.
  const [, refused, repeated] = await Promise.all([
    store.stopStarts('now'),
    store.startRun({ ...second, mayReplaceLive: true }),
    store.startRun(first),
  ])
  t.is(refused, 'starts-stopped')
  t.is(await store.getRun(runId('b')), undefined)
  assert(typeof repeated !== 'string', 'the run that is there is given again')
  t.is((await store.getRun(runId('a')))?.state, 'running')
  const resumed = await store.resumeRun({
    runId: runId('a'),
    ticketSha256: first.resumeTicketSha256,
    identityKey: 'key-1',
    runTokenSha256: hash('8'),
    nextTicketSha256: hash('9'),
    counter: 5,
    nowMs: startMs,
    idleMs: 1_000,
    expiresAtMs: startMs + 1_000,
  })
  t.is(typeof resumed, 'object')
  await store.allowStarts()
  t.like(await store.startRun({ ...second, mayReplaceLive: true }), { state: 'running' })
})

test('S5-043: when a client was heard outlasts a restart, without an edit; a run in the boot image ends it, and consent', async (t) => {
  const { store, reopen } = await openSqliteSite(t)
  const pc = saved(await store.devices.create(device()))
  t.is((await store.about(client())).clientHeardAtMs, undefined)
  await store.noteClientHeard(pc.id, startMs)
  t.is((await store.about(client())).clientHeardAtMs, startMs)
  saved(await store.clearRequiredPxeDeployments(pc.id))
  saved(await store.clearRequiredPxeDeployments(pc.id))
  t.is((await store.auditEntries({ kind: 'device', limit: 10 })).length, 2, 'consent is told once')
  const again = await reopen()
  t.like(await again.about(client()), { clientHeardAtMs: startMs, reinstallConsents: ['any'] })
  await startedRun(again, newRun({ deviceId: pc.id }))
  const facts = await again.about(client())
  t.deepEqual([facts.clientHeardAtMs, facts.reinstallConsents], [undefined, []])
  saved(await again.devices.remove(pc.id, undefined))
  await again.noteClientHeard(pc.id, startMs)
})
