/** What every store must do with leases, administrators and tokens. */

import test from 'ava'
import type { Lease } from '../../server/dhcp/lease.ts'
import type { OpenSite } from './open-test-store.ts'
import { startMs } from './open-test-store.ts'
import { hash, ip, mac } from './site-builders.ts'

export function accessSuite(open: OpenSite): void {
  test('I8: an address has one lease, which is there after a restart', async (t) => {
    const { store, reopen } = await open(t)
    const lease: Lease = {
      address: ip('192.168.7.20'),
      clientKey: '01:a',
      macAddress: mac('52:54:00:00:00:01'),
      state: 'bound',
      expiresAtMs: startMs,
    }
    await store.saveLease(lease)
    const other: Lease = { ...lease, clientKey: '01:b', relayInformation: '0a', hostName: 'pc', state: 'declined' }
    await store.saveLease(other)
    await store.saveLease({ ...lease, address: ip('192.168.7.3') })
    t.deepEqual(await (await reopen()).leases(), [other, { ...lease, address: ip('192.168.7.3') }])
  })

  test('an administrator exists once set, and is found whatever the case of the name', async (t) => {
    const { store, reopen } = await open(t)
    t.false(await store.administratorExists())
    t.is(await store.administratorPassword('admin'), undefined)
    await store.setAdministrator('Admin', '$argon2id$one')
    await store.setAdministrator('admin', '$argon2id$two')
    const again = await reopen()
    t.true(await again.administratorExists())
    t.is(await again.administratorPassword('ADMIN'), '$argon2id$two')
  })

  test('a token works until it is removed; a page session until it is idle or old', async (t) => {
    const { store, reopen } = await open(t)
    const api = { sha256: hash('1'), kind: 'api', name: 'script', createdAtMs: startMs } as const
    const page = {
      ...api,
      sha256: hash('2'),
      kind: 'page-session',
      idleMs: 1_000,
      expiresAtMs: startMs + 2_500,
    } as const
    await store.addToken(api)
    await store.addToken(page)
    t.is(await store.useToken(hash('3'), startMs), undefined)
    t.deepEqual(await store.useToken(hash('1'), startMs + 10 ** 9), { ...api, usedAtMs: startMs + 10 ** 9 })
    t.deepEqual(await store.useToken(hash('2'), startMs + 900), { ...page, usedAtMs: startMs + 900 })
    t.like(await store.useToken(hash('2'), startMs + 1_800), { kind: 'page-session' })
    t.is(await store.useToken(hash('2'), startMs + 2_500), undefined)
    const again = await reopen()
    t.deepEqual(
      (await again.listTokens()).map((one) => one.usedAtMs - startMs),
      [10 ** 9, 1_800],
    )
    t.true(await again.removeToken(hash('1')))
    t.false(await again.removeToken(hash('1')))
    t.is(await again.useToken(hash('1'), startMs), undefined)
  })

  test('a page session that nobody uses ends after its idle time', async (t) => {
    const { store } = await open(t)
    await store.addToken({
      sha256: hash('1'),
      kind: 'page-session',
      name: 'admin',
      createdAtMs: startMs,
      idleMs: 1_000,
    })
    t.like(await store.useToken(hash('1'), startMs + 999), { name: 'admin' })
    t.is(await store.useToken(hash('1'), startMs + 1_999), undefined)
  })
}
