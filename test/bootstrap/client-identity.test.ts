/** The identity that an installed system keeps: one machine, one key, counters that only grow, nothing for others to read. */

import { chmodSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { openClientIdentity } from '../../bootstrap/client-identity.ts'
import { headers } from '../../server/contract/agent.ts'
import { makeFolder } from './loop-disk.ts'

const machine = { macAddresses: ['52:54:00:00:00:01'], smbiosGuid: '11111111-2222-3333-4444-555555555555' }

const counterOf = (identity: ReturnType<typeof openClientIdentity>): number =>
  Number(identity.sign('POST', '/agent/v1/hello', Buffer.from(''))[headers.counter])

test('A06: a client has the same key and session at each start, and its counter grows', (t) => {
  const path = join(makeFolder(t), 'state/identity.json')
  const first = openClientIdentity(path, machine, 1_000)
  const counters = [counterOf(first), counterOf(first)]
  const second = openClientIdentity(path, machine, 2_000_000)
  t.like(second, { identityKey: first.identityKey, sealingKey: first.sealingKey, nonce: first.nonce })
  counters.push(counterOf(second))
  // The clock was set back.
  const third = openClientIdentity(path, machine, 5)
  t.is(third.identityKey, first.identityKey)
  counters.push(counterOf(third))
  t.deepEqual(
    counters,
    counters.toSorted((a, b) => a - b),
  )
  t.is(new Set(counters).size, counters.length)
})

test('A06: a copied disk is another machine, with another key', (t) => {
  const path = join(makeFolder(t), 'identity.json')
  const { identityKey } = openClientIdentity(path, machine, 1)
  t.not(
    openClientIdentity(path, { ...machine, smbiosGuid: '99999999-2222-3333-4444-555555555555' }, 1).identityKey,
    identityKey,
  )
})

test('A18: the keys are for root alone, and a file that others may write is none of ours', (t) => {
  const folder = makeFolder(t)
  const path = join(folder, 'identity.json')
  const { identityKey } = openClientIdentity(path, machine, 1)
  t.is(statSync(path).mode & 0o777, 0o600)
  chmodSync(path, 0o666)
  t.not(openClientIdentity(path, machine, 1).identityKey, identityKey)
  const elsewhere = join(folder, 'elsewhere.json')
  writeFileSync(elsewhere, readFileSync(path), { mode: 0o600 })
  rmSync(path)
  symlinkSync(elsewhere, path)
  const { identityKey: last } = openClientIdentity(path, machine, 1)
  t.false(readFileSync(elsewhere, 'utf8').includes(last))
  t.false(statSync(path).isSymbolicLink())
})

for (const text of [
  '',
  '{',
  '[]',
  '{"version":1}',
  '{"version":1,"lastCounter":1,"keys":{"signing":"x","sealing":"y","nonce":"z"},"machine":{"macAddresses":["52:54:00:00:00:01"]}}',
]) {
  test(`a file that holds no identity is made anew: ${text.slice(0, 30)}`, (t) => {
    const path = join(makeFolder(t), 'identity.json')
    writeFileSync(path, text, { mode: 0o600 })
    const { identityKey } = openClientIdentity(path, machine, 1)
    t.is(openClientIdentity(path, machine, 2).identityKey, identityKey)
  })
}
