/** Databases of earlier versions: each is brought up to date once, and keeps everything that was in it. */

import { join } from 'node:path'
import test from 'ava'
import { Migrator } from 'kysely/migration'
import { sql } from 'kysely'
import { defaultSiteCode } from '../../server/address/identifiers.ts'
import { defaultSettings } from '../../server/sequence/task-sequence-settings.ts'
import { firstSchema } from '../../server/store/migrations/0001-first-schema.ts'
import { agentLimits } from '../../server/store/migrations/0002-agent-limits.ts'
import { taskSequenceSettings } from '../../server/store/migrations/0003-task-sequence-settings.ts'
import { contentObjects } from '../../server/store/migrations/0004-content-objects.ts'
import { stateStores } from '../../server/store/migrations/0010-state-stores.ts'
import { debuggedRuns } from '../../server/store/migrations/0011-debugged-runs.ts'
import { toldAddresses } from '../../server/store/migrations/0032-told-addresses.ts'
import { openForWriting } from '../../server/store/sqlite-connection.ts'
import { openStore } from '../../server/store/sqlite-store.ts'
import { startMs, temporaryDirectory } from './open-test-store.ts'
import {
  applyImage,
  client,
  collection,
  device,
  deviceId,
  inventory,
  mac,
  newRun,
  packageId,
  runId,
  saved,
  taskSequence,
} from './site-builders.ts'

const document = { name: 'Old', description: '', children: [applyImage('RVL00009')] }

test('0003: task sequences and runs of an older database stay, with default settings and their revision kept', async (t) => {
  const databaseFile = join(await temporaryDirectory(t), 'site.db')
  await makeOldDatabase(databaseFile)
  const options = { databaseFile, siteCode: defaultSiteCode, nowMs: () => startMs }
  const store = await openStore(options)
  const id = packageId('RVL00001')
  const old = { id, enabled: false, settings: defaultSettings, sequence: document, revision: 7 }
  t.deepEqual(await store.taskSequences.get(id), old)
  t.deepEqual(await store.taskSequences.revisions(id), [{ revision: 7, comment: '' }])
  t.deepEqual((await store.taskSequences.revision(id, 7))?.object, old)
  const run = await store.getRun(runId('a'))
  t.is(run?.policy.sequence.name, 'Install Debian')
  t.is(run?.runTime, undefined)
  t.deepEqual(await store.endOverdueRuns(startMs * 2), { stopped: [], noLongerMonitored: [] })

  // The revision that the old run was started with is kept however many edits follow.
  for (let edit = 0; edit < 101; edit += 1) {
    saved(await store.taskSequences.replace(id, taskSequence({ name: `Edit ${edit}` }), undefined))
  }
  const kept = (await store.taskSequences.revisions(id)).map(({ revision }) => revision)
  t.deepEqual([kept.length, kept.at(-1)], [101, 7])
  t.is(String(saved(await store.taskSequenceFolders.create({ name: 'New' })).id), '16777217')
  await store.close()

  const again = await openStore(options)
  t.is((await again.taskSequences.get(id))?.revision, 108)
  await again.close()
})

test('0014, 0015: collections of an older database have no rules and All Systems as their limit, devices no inventory', async (t) => {
  const databaseFile = join(await temporaryDirectory(t), 'site.db')
  await makeOldDatabase(databaseFile)
  const db = openForWriting(databaseFile)
  await sql`insert into devices (id, name, name_folded, variables, created_at_ms, revision)
    values ('16777217', 'PC', 'pc', '[]', 1, 1)`.execute(db)
  await sql`insert into collections (id, name, name_folded, description, kind, variables, variable_priority, revision)
    values ('RVL10003', 'Lab', 'lab', '', 'user', '[]', 1, 4)`.execute(db)
  await sql`insert into collection_members (collection_id, device_id, position) values ('RVL10003', '16777217', 0)`.execute(
    db,
  )
  await db.destroy()
  const store = await openStore({ databaseFile, siteCode: defaultSiteCode, nowMs: () => startMs })
  const [lab] = (await store.collections.list()).filter(({ kind }) => kind === 'user')
  t.deepEqual<unknown, unknown>(lab, {
    ...collection({ name: 'Lab', directMembers: [deviceId('16777217')] }),
    id: 'RVL10003',
    revision: 4,
  })
  t.is(lab && (await store.memberCount(lab.id)), 1)
  t.is((await store.devices.list())[0]?.inventory, undefined)
  await store.close()
})

test('0031, 0032: devices of an older database are found by their serial numbers, and what agents told of cards counts', async (t) => {
  const databaseFile = join(await temporaryDirectory(t), 'site.db')
  await makeOldDatabase(databaseFile)
  const old = openForWriting(databaseFile)
  await sql`insert into devices (id, name, name_folded, serial_number, variables, created_at_ms, revision)
    values ('16777300', 'PC', 'pc', ' 5cg1234abc', '[]', 1, 1)`.execute(old)
  await old.destroy()
  const options = { databaseFile, siteCode: defaultSiteCode, nowMs: () => startMs }
  const store = await openStore(options)
  const stranger = client({ macAddress: mac('52:54:00:00:00:77'), serialNumber: '5CG1234ABC' })
  t.deepEqual(
    (await store.about(stranger)).devices.map(({ id }) => id),
    [deviceId('16777300')],
  )
  const macAddresses = ['52:54:00:D0:C0:01']
  await store.keepInventory(deviceId('16777300'), inventory({ macAddresses, serialNumber: '5CG1234ABC' }))
  await store.close()

  const db = openForWriting(databaseFile)
  await sql`drop table told_addresses`.execute(db)
  await toldAddresses.up(db)
  await db.destroy()
  const again = await openStore(options)
  t.teardown(() => again.close())
  const other = saved(await again.devices.create(device({ name: 'Other', macAddresses: [] })))
  t.like(await again.keepInventory(other.id, inventory({ macAddresses, serialNumber: '5CG1234XYZ' })), {
    listed: [{ identifier: '52:54:00:d0:c0:01' }],
  })
})

test('a migration that is cut short leaves the database as it was, and the next start finishes it', async (t) => {
  const databaseFile = join(await temporaryDirectory(t), 'site.db')
  await makeOldDatabase(databaseFile, 'not JSON, so that the last part of the migration fails')
  const options = { databaseFile, siteCode: defaultSiteCode, nowMs: () => startMs }
  await t.throwsAsync(openStore(options), { name: 'StoreError', code: 'cannot-open', message: /brought up to date/ })
  const db = openForWriting(databaseFile)
  const columns = await sql<{ name: string }>`select name from pragma_table_info('task_sequences')`.execute(db)
  t.false(columns.rows.some(({ name }) => name === 'settings'))
  await sql`update runs set policy = ${JSON.stringify(newRun().run.policy)}`.execute(db)
  await db.destroy()
  const store = await openStore(options)
  t.is((await store.taskSequences.list()).length, 1)
  await store.close()
})

test('0012, S5-022: schedules that an administrator relied on go on to hold in the boot image', async (t) => {
  const databaseFile = join(await temporaryDirectory(t), 'site.db')
  await makeDatabaseWithDeployments(databaseFile)
  const options = { databaseFile, siteCode: defaultSiteCode, nowMs: () => startMs }
  const store = await openStore(options)
  const obeyed = (await store.deployments.list()).map(({ id, obeyScheduleInBootImage }) => [
    id,
    obeyScheduleInBootImage,
  ])
  t.deepEqual(obeyed, [
    ['RVL20001', false],
    ['RVL20002', true],
    ['RVL20003', true],
  ])
  await store.close()
})

/** With no schedule, with an end, and with a start later than its making, as the version before wrote them. */
async function makeDatabaseWithDeployments(databaseFile: string): Promise<void> {
  const db = openForWriting(databaseFile)
  const migrations = {
    '0001-first-schema': firstSchema(defaultSiteCode),
    '0002-agent-limits': agentLimits,
    '0003-task-sequence-settings': taskSequenceSettings,
    '0004-content-objects': contentObjects,
    '0010-state-stores': stateStores,
    '0011-debugged-runs': debuggedRuns,
  }
  const { error } = await new Migrator({ db, provider: { getMigrations: async () => migrations } }).migrateToLatest()
  if (error !== undefined) throw error
  await sql`insert into task_sequences (id, name, name_folded, enabled, sequence, revision)
    values ('RVL00001', 'Old', 'old', 1, ${JSON.stringify(document)}, 1)`.execute(db)
  const schedules = [
    [startMs, null],
    [startMs, startMs + 1],
    [startMs + 2, null],
  ]
  for (const [index, [availableAtMs, expiresAtMs]] of schedules.entries()) {
    await sql`insert into deployments (id, task_sequence_id, collection_id, purpose, make_available_to, comment, enabled,
      available_at_ms, expires_at_ms, created_at_ms, revision) values (${`RVL2000${index + 1}`}, 'RVL00001', 'RVL10001',
      'required', 'media-and-pxe', '', 1, ${availableAtMs}, ${expiresAtMs}, ${startMs + 1}, 1)`.execute(db)
  }
  await db.destroy()
}

/** As the version before wrote it. */
async function makeOldDatabase(databaseFile: string, policyText?: string): Promise<void> {
  const db = openForWriting(databaseFile)
  const migrations = { '0001-first-schema': firstSchema(defaultSiteCode), '0002-agent-limits': agentLimits }
  const { error } = await new Migrator({ db, provider: { getMigrations: async () => migrations } }).migrateToLatest()
  if (error !== undefined) throw error
  await sql`insert into task_sequences (id, name, name_folded, boot_image_id, enabled, sequence, revision)
    values ('RVL00001', 'Old', 'old', null, 0, ${JSON.stringify(document)}, 7)`.execute(db)
  const { run } = newRun()
  const policy = policyText ?? JSON.stringify({ ...run.policy, taskSequenceRevision: 7 })
  await sql`insert into runs (id, deployment_id, device_id, lane, machine_name, policy, state, started_at_ms, ended_at_ms,
    acknowledged, identity_key) values (${run.id}, ${run.deploymentId}, null, ${run.lane}, 'PC-1', ${policy}, 'running',
    ${startMs}, null, 0, 'key-1')`.execute(db)
  await db.destroy()
}
