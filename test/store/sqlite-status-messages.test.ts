/** Status messages in the store: noted with their events, found by what is asked for, and found anew in a database of before. */

import { join } from 'node:path'
import test from 'ava'
import { sql } from 'kysely'
import { defaultSiteCode } from '../../server/address/identifiers.ts'
import type { RunEventBody } from '../../server/contract/agent.ts'
import type { Store } from '../../server/store/ports.ts'
import { statusMessages } from '../../server/store/migrations/0035-status-messages.ts'
import { openForWriting } from '../../server/store/sqlite-connection.ts'
import { openStore } from '../../server/store/sqlite-store.ts'
import type { StatusMessageQuery } from '../../server/store/status-port.ts'
import { openSqliteSite, startMs, temporaryDirectory } from './open-test-store.ts'
import { deploymentId, deviceId, event, hash, mac, newRun, runId, startedRun } from './site-builders.ts'

const hour = 3_600_000
const bodies: readonly RunEventBody[] = [
  { kind: 'sequence-started' },
  { kind: 'group-started', path: [0], name: 'G' },
  { kind: 'step-started', path: [0, 0], name: 'S', type: 'run-command-line', attempt: 1 },
  { kind: 'output', stream: 'stdout', lines: ['first', '"body":{"kind":"sequence-ended"'] },
  { kind: 'step-progress', text: '', done: 1, unit: 'items' },
  { kind: 'output', stream: 'stderr', lines: ['last'] },
  { kind: 'step-ended', path: [0, 0], name: 'S', outcome: 'failed-continued', exitCode: 3, message: '' },
  { kind: 'node-skipped', path: [0, 1], reason: 'condition-false', steps: 1 },
  { kind: 'node-skipped', path: [0, 2], reason: 'parent-failed', steps: 1 },
  { kind: 'group-ended', path: [0], outcome: 'succeeded' },
  { kind: 'restarting', target: 'boot-image' },
  { kind: 'resumed', where: 'boot-image', expected: true },
  { kind: 'step-ended', path: [1], name: 'T', outcome: 'failed', exitCode: 4, message: 'broken' },
  { kind: 'sequence-ended', outcome: { kind: 'failed', path: [1], exitCode: 4, message: 'broken' } },
]
const ids = [11_144, 11_124, 11_138, 11_130, 11_127, 11_142, 11_140, 11_135, 11_141, 11_170]

async function reportAll(store: Store): Promise<void> {
  await startedRun(store, newRun({ deviceId: deviceId('16777217') }))
  await store.addEvents(
    runId('a'),
    bodies.map((body, index) => event(index + 1, body)),
    startMs + 5,
  )
}

const ask = async (store: Store, query: Partial<StatusMessageQuery> = {}) =>
  store.statusMessages({ order: 'oldest-first', limit: 100, offset: 0, ...query })
const idsOf = async (store: Store, query: Partial<StatusMessageQuery> = {}) =>
  (await ask(store, query)).map(({ messageId }) => messageId)

test('S10-005: messages come in the order of their events, with what the action printed last', async (t) => {
  const { store } = await openSqliteSite(t)
  await reportAll(store)
  t.deepEqual<unknown, unknown>(await idsOf(store), ids)
  t.deepEqual<unknown, unknown>(await idsOf(store, { order: 'newest-first' }), ids.toReversed())
  const [ignored] = (await ask(store)).filter(({ messageId }) => messageId === 11_138)
  t.deepEqual(ignored?.insertStrings, ['1', 'S', '', '3', 'first\n"body":{"kind":"sequence-ended"\nlast'])
  t.like(ignored, { runId: runId('a'), deploymentId: deploymentId('RVL20001'), machineName: 'PC-1', atMs: startMs + 5 })
  const [failed] = (await ask(store)).filter(({ messageId }) => messageId === 11_135)
  t.deepEqual(failed?.insertStrings.slice(3), ['4', 'broken'], 'the output of another action is not its own')
})

test('they are found by run, deployment, device, severity and number, in pages', async (t) => {
  const { store } = await openSqliteSite(t)
  await reportAll(store)
  const other = { id: runId('b'), deploymentId: deploymentId('RVL20002'), lane: mac('52:54:00:00:00:02') }
  await startedRun(store, newRun({ ...other, identityKey: 'key-2', token: hash('d'), ticket: hash('e') }))
  await store.addEvents(runId('b'), [event(1, { kind: 'sequence-started' })], startMs + 6)
  t.is((await ask(store)).length, ids.length + 1)
  t.deepEqual(await idsOf(store, { runId: runId('b') }), [11_144])
  t.deepEqual(await idsOf(store, { deploymentId: deploymentId('RVL20002') }), [11_144])
  t.is((await ask(store, { deviceId: deviceId('16777217') })).length, ids.length)
  t.deepEqual(await idsOf(store, { severity: 'error' }), [11_135, 11_141, 11_170])
  t.deepEqual(await idsOf(store, { severity: 'warning', runId: runId('a') }), [11_138])
  t.deepEqual(await idsOf(store, { limit: 2, offset: 9 }), [11_170, 11_144])
  const [, second] = await ask(store)
  t.is((await ask(store, { sinceSeq: second?.seq })).length, ids.length - 1)
})

test('I10: a run that the site gives up has its message, though no event says so; one that was replaced, too', async (t) => {
  const { store, reopen } = await openSqliteSite(t)
  await startedRun(store)
  await store.abandonSilentRuns({ nowMs: startMs + hour, silentMs: 60_000 })
  const again = { identityKey: 'key-2', token: hash('d'), ticket: hash('e'), mayReplaceLive: true }
  await startedRun(store, newRun({ id: runId('b'), ...again }))
  await startedRun(
    store,
    newRun({ id: runId('c'), ...again, identityKey: 'key-3', token: hash('1'), ticket: hash('2') }),
  )
  const told = await ask(await reopen())
  t.deepEqual(
    told.map(({ messageId, runId }) => [messageId, runId]),
    [
      [11_170, runId('a')],
      [11_170, runId('b')],
    ],
  )
  t.regex(told[0]?.text ?? '', /nothing more was heard/)
})

test('0035: a database of before finds the same messages in its events', async (t) => {
  const databaseFile = join(await temporaryDirectory(t), 'site.db')
  const options = { databaseFile, siteCode: defaultSiteCode, nowMs: () => startMs }
  const store = await openStore(options)
  await reportAll(store)
  const before = await ask(store)
  await store.close()
  const db = openForWriting(databaseFile)
  await sql`drop table status_messages`.execute(db)
  await statusMessages.up(db)
  await db.destroy()
  const again = await openStore(options)
  t.deepEqual(await ask(again), before)
  await again.close()
})
