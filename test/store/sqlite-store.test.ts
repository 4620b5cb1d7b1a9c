/** What only a store over a file can get wrong: its file, its disk, its queue, its closing. */

import { execFile } from 'node:child_process'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import test from 'ava'
import { defaultSiteCode, parseSiteCode } from '../../server/address/identifiers.ts'
import type { Observed } from '../../server/contract/progress.ts'
import { openStore } from '../../server/store/sqlite-store.ts'
import { waitingMax, Writer } from '../../server/store/writer.ts'
import { openSqliteSite, startMs, temporaryDirectory } from './open-test-store.ts'
import { device, events, ip, mac, newRun, runId, saved, startedRun } from './site-builders.ts'

const options = (databaseFile: string) => ({ databaseFile, siteCode: defaultSiteCode, nowMs: () => startMs })

test('a database that cannot be opened is named, with what is wrong', async (t) => {
  const directory = await temporaryDirectory(t)
  const inTheWay = join(directory, 'file')
  await writeFile(inTheWay, 'not a database, but long enough to be looked at as one'.repeat(100))
  await mkdir(join(directory, 'directory'))
  for (const [path, words] of [
    [join(inTheWay, 'site.db'), /unable to open/],
    [join(directory, 'missing', 'site.db'), /unable to open/],
    [join(directory, 'directory'), /unable to open/],
    [inTheWay, /not a database/],
  ] as const) {
    const error = await t.throwsAsync(openStore(options(path)), { name: 'StoreError', code: 'cannot-open' })
    t.true(error?.message.includes(path))
    t.regex(error?.message ?? '', words)
  }
})

test('a database of another site is refused', async (t) => {
  const databaseFile = join(await temporaryDirectory(t), 'site.db')
  await (await openStore(options(databaseFile))).close()
  const siteCode = parseSiteCode('ABC') ?? defaultSiteCode
  await t.throwsAsync(openStore({ ...options(databaseFile), siteCode }), { message: /belongs to site RVL/ })
})

test('the file is in WAL mode, and nobody else on the machine reads it or its log', async (t) => {
  const databaseFile = join(await temporaryDirectory(t), 'site.db')
  const store = await openStore(options(databaseFile))
  t.true((await stat(`${databaseFile}-wal`)).size > 0)
  for (const name of [databaseFile, `${databaseFile}-wal`]) t.is((await stat(name)).mode & 0o777, 0o600)
  await store.close()
  const database = new DatabaseSync(databaseFile, { readOnly: true })
  t.is(database.prepare('pragma journal_mode').get()?.['journal_mode'], 'wal')
  t.deepEqual(database.prepare('pragma foreign_key_check').all(), [])
  database.close()
})

test('writes that are given together share commits, and a refused one leaves its neighbours alone', async (t) => {
  const { store } = await openSqliteSite(t)
  let changes = 0
  store.onChange(() => (changes += 1))
  const first = store.devices.create(device())
  const refused = store.devices.create(device({ name: 'PC-2' }))
  const failed = t.throwsAsync(store.addEvents(runId('f'), events(1, 1), startMs), { message: /no run/ })
  const second = store.devices.create(device({ name: 'PC-3', macAddresses: [] }))
  const observed = Array.from({ length: 50 }, () => store.observe([progress(1)]))
  saved(await first)
  t.is((await refused).kind, 'refused')
  await failed
  saved(await second)
  await Promise.all(observed)
  t.true(changes < 50)
  t.deepEqual(
    (await store.devices.list()).map((one) => one.name),
    ['PC-1', 'PC-3'],
  )
})

test('commits, what is in them and what waits for them are counted', async (t) => {
  const databaseFile = join(await temporaryDirectory(t), 'site.db')
  const writer = await Writer.open({ ...options(databaseFile), onChange: () => undefined })
  const write = async (): Promise<unknown> => writer.run('setAdministrator', { name: 'anna', passwordPhc: 'x' })
  const before = writer.work
  t.is(before.commits, 0)
  const writes = Array.from({ length: waitingMax + 3 }, write)
  t.like(writer.work.queues.commands, { waiting: waitingMax, waitingMax, dropped: 2 })
  const settled = await Promise.allSettled(writes)
  t.is(settled.filter(({ status }) => status === 'rejected').length, 2)
  const { commits, commandsCommitted, commitMs, commitsFailed, queues } = writer.work
  t.is(commandsCommitted, waitingMax + 1)
  t.true(commits >= 2 && commits < waitingMax / 2)
  t.true(commitMs > 0 && commitMs < 60_000)
  t.is(commitsFailed, 0)
  t.is(queues.commands.waiting, 0)
  void writer.observe([progress(1), progress(2)])
  t.is(writer.work.queues.observations.waiting, 2)
  await writer.close()
})

test('leases that wait for the disk are counted', async (t) => {
  const { store } = await openSqliteSite(t)
  const saved = [1, 2].map((index) =>
    store.saveLease({ address: ip(`10.0.0.${index}`), clientKey: 'a', state: 'bound', expiresAtMs: startMs }),
  )
  t.is(store.work().queues.leases.waiting, 2)
  await Promise.all(saved)
  t.is(store.work().queues.leases.waiting, 0)
})

test('closing waits for what was given, and afterwards nothing is taken', async (t) => {
  const { store, reopen } = await openSqliteSite(t)
  const writes = Array.from({ length: 200 }, (_, index) =>
    store.saveLease({ address: ip(`10.0.0.${index}`), clientKey: 'a', state: 'bound', expiresAtMs: startMs }),
  )
  const again = await reopen()
  await Promise.all(writes)
  t.is((await again.leases()).length, 200)
  await t.throwsAsync(store.setAdministrator('a', 'b'), { name: 'StoreError', code: 'closed' })
  await again.close()
  await again.close()
})

test('closing stores what was noticed and waits for its turn, and a flood of it does not hold up events of runs', async (t) => {
  const databaseFile = join(await temporaryDirectory(t), 'site.db')
  const writer = await Writer.open({ ...options(databaseFile), onChange: () => undefined })
  await writer.run('startRun', { start: newRun(), unknownComputerMarksMax: 1 })
  let isFloodStored = false
  const flood = writer.observe(Array.from({ length: 5_000 }, (_, index) => progress(index)))
  const watched = flood.then(() => (isFloodStored = true))
  const kept = writer.run('addEvents', {
    runId: runId('a'),
    events: events(1, 3),
    receivedAtMs: startMs,
    eventsMax: 10,
  })
  t.deepEqual(await kept, { acknowledged: 3 })
  t.false(isFloodStored)
  await writer.close()
  t.true(await watched)
  t.is(writer.work.queues.observations.dropped, 0)
})

test('what an agent says comes before the run that it starts next, however many packets are waiting', async (t) => {
  const { store } = await openSqliteSite(t)
  const lane = mac('52:54:00:00:00:01')
  const ask = { kind: 'dhcp-request', platform: 'x64 UEFI', stage: 'firmware' } as const
  const hello = {
    kind: 'agent-hello',
    name: 'PC-1',
    text: 'Starting',
    ipAddress: '10.0.0.1',
    standing: 'armed',
    code: 'ABCDEFGH',
  } as const
  const flood = Array.from({ length: 2_000 }, () => ({
    lane: mac('52:54:00:00:00:02'),
    atMs: startMs,
    observation: ask,
  }))
  void store.observe(flood)
  void store.observe([{ lane, atMs: startMs, observation: hello }])
  await startedRun(store)
  await store.observe([])
  t.like((await store.lanes()).lanes.find((one) => one.lane.id === lane)?.lane, {
    stage: 'steps',
    text: 'Runs Install Debian',
  })
})

test('a queue that holds nothing to drop refuses more, so that memory stays bounded', async (t) => {
  const databaseFile = join(await temporaryDirectory(t), 'site.db')
  const writer = await Writer.open({ ...options(databaseFile), onChange: () => undefined })
  const lease = { address: ip('10.0.0.1'), clientKey: 'a', state: 'bound', expiresAtMs: startMs } as const
  const writes = Array.from({ length: waitingMax + 10 }, () => writer.run('saveLeases', [lease]))
  const results = await Promise.allSettled(writes)
  const refused = results.filter((result) => result.status === 'rejected')
  t.true(refused.length > 0)
  for (const one of refused) t.like(one.reason, { name: 'StoreError', code: 'overloaded' })
  await writer.run('saveLeases', [lease])
  await writer.close()
})

test('a write that does not fit on the disk is refused and not acknowledged, and earlier ones stay', async (t) => {
  const databaseFile = join(await temporaryDirectory(t), 'site.db')
  const program = new URL('./filling-child.ts', import.meta.url).pathname
  // The limit on the size of a file is a full disk that needs no privileges; `ulimit -f` counts 512 octets.
  const command = 'ulimit -f 4000; exec "$0" "$1" "$2"'
  const { stdout } = await promisify(execFile)('sh', ['-c', command, process.execPath, program, databaseFile])
  const [acknowledged = '', error = '', afterwards = ''] = stdout.trim().split('\n')
  t.is(afterwards, `not-written ${acknowledged}`)
  t.regex(error, /^not-written nothing was written: .*(disk|full|I\/O)/)
  const store = await openStore(options(databaseFile))
  t.true(Number(acknowledged) > 0)
  t.is((await store.listTokens()).length, Number(acknowledged))
  await store.close()
})

const progress = (bytes: number): Observed => ({
  lane: mac('52:54:00:00:00:01'),
  atMs: startMs,
  observation: {
    kind: 'transfer-progress',
    what: 'boot-image',
    ended: false,
    transfer: { file: 'initrd.img', protocol: 'http', bytes, bytesPerSecond: 1 },
  },
})
