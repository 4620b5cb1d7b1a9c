/** The journal of leases: what is acknowledged survives, what was cut short is not taken for a lease. */

import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import type { Ipv4Address } from '../../server/address/ipv4-address.ts'
import type { Lease } from '../../server/dhcp/lease.ts'
import { LeaseJournal } from '../../server/store/lease-journal.ts'
import { startMs, temporaryDirectory } from './open-test-store.ts'
import { ip } from './site-builders.ts'

const lease = (address: string, expiresAtMs = startMs): Lease => ({
  address: ip(address),
  clientKey: '01:52',
  state: 'bound',
  expiresAtMs,
})

async function journalIn(t: ExecutionContext, isSynced: boolean, bytesMax?: number) {
  const databaseFile = join(await temporaryDirectory(t), 'site.db')
  const database = new Map<Ipv4Address, Lease>()
  const disk = { isFull: false }
  const absorb = async (leases: readonly Lease[]): Promise<void> => {
    if (disk.isFull) throw new Error('the disk is full')
    for (const one of leases) database.set(one.address, one)
  }
  const open = () =>
    LeaseJournal.open({ databaseFile, absorb, isSynced, ...(bytesMax === undefined ? {} : { bytesMax }) })
  const files = [0, 1].map((which) => `${databaseFile}-leases-${which}`)
  const readWhole = async () => Promise.all(files.map((file) => readFile(file, 'utf8')))
  const read = async () => (await readWhole()).map((text) => text.replace(/\0+$/, ''))
  return { database, disk, files, open, read, readWhole }
}

for (const [how, isSynced] of [
  ['synced', true],
  ['not synced', false],
] as const) {
  test(`${how}: D4-27: an acknowledged lease is in the file, and the next start takes the newest of each address over`, async (t) => {
    const { database, files, open, read, readWhole } = await journalIn(t, isSynced)
    const journal = await open()
    await Promise.all([journal.save(lease('10.0.0.1', 1)), journal.save(lease('10.0.0.2', 2))])
    await journal.save(lease('10.0.0.1', 3))
    t.is(database.size, 0)
    t.is((await read()).join('').trim().split('\n').length, 2, 'a record for each write')
    t.deepEqual(
      journal.leases.map(({ expiresAtMs }) => expiresAtMs),
      [3, 2],
    )
    // Nothing was closed: this is a process that was killed.
    await (await open()).close()
    t.deepEqual([...database.values()], [lease('10.0.0.1', 3), lease('10.0.0.2', 2)])
    t.deepEqual(await readWhole(), ['', ''])
    for (const file of files) t.is((await stat(file)).mode & 0o777, 0o600)
  })

  test(`${how}: a record that was cut short or damaged is no lease, and its neighbours are`, async (t) => {
    const { database, files, open, read } = await journalIn(t, isSynced)
    const journal = await open()
    for (const last of [1, 2, 3, 4]) await journal.save(lease(`10.0.0.${last}`))
    const [text = ''] = await read()
    const lines = text.trimEnd().split('\n')
    const damaged = [lines[0], lines[1]?.replace('bound', 'round'), lines[2], lines[3]?.slice(0, -5)].join('\n')
    await writeFile(files[0] ?? '', isSynced ? damaged.padEnd(10_000, '\0') : damaged)
    await (await open()).close()
    t.deepEqual([...database.keys()], [ip('10.0.0.1'), ip('10.0.0.3')])
  })

  test(`${how}: a long journal goes to the database while the other file is written, and nothing old comes back`, async (t) => {
    const { database, open, read } = await journalIn(t, isSynced, 2_000)
    const journal = await open()
    let written = ''
    for (let round = 1; round <= 100; round += 1) {
      await journal.save(lease(`10.0.0.${round % 7}`, round))
      written = (await read()).join('')
    }
    t.true(written.length < 6_000)
    t.is(database.size, 7)
    await (await open()).close()
    const newest = [94, 95, 96, 97, 98, 99, 100]
    t.deepEqual(
      [...database.values()].map(({ expiresAtMs }) => expiresAtMs).sort((a, b) => a - b),
      newest,
    )
  })

  test(`${how}: while the database cannot take leases the journal keeps them, and gives them to it later`, async (t) => {
    const { database, disk, open } = await journalIn(t, isSynced, 500)
    const journal = await open()
    disk.isFull = true
    for (let round = 1; round <= 30; round += 1) await journal.save(lease(`10.0.0.${round}`, round))
    t.is(database.size, 0)
    t.is(new Set(journal.leases.map(({ address }) => address)).size, 30)
    disk.isFull = false
    await journal.close()
    t.is(database.size, 30)
    await t.throwsAsync(journal.save(lease('10.0.0.1')), { code: 'closed' })
  })
}

test('a synced journal grows by zeros, which later records take the place of', async (t) => {
  const { database, open, read, readWhole } = await journalIn(t, true)
  const journal = await open()
  const lengths = new Set<number>()
  const hostName = 'x'.repeat(200)
  for (let round = 1; round <= 1_200; round += 1) {
    await journal.save({ ...lease(`10.0.${round >> 8}.${round & 255}`, round), hostName })
    if (round % 100 === 0) lengths.add((await readWhole()).join('').length)
  }
  t.deepEqual([...lengths], [262_144, 524_288])
  t.is((await read()).join('').trimEnd().split('\n').length, 1_200)
  // Nothing was closed: this is a process that was killed.
  await (await open()).close()
  t.is(database.size, 1_200)
})
