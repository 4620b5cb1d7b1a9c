/** The edit lock of a task sequence: who may edit, renew and take it, and when it is over. */

import test from 'ava'
import { editLockMs, type LockRequest, lockAgainst, takeLock } from '../../server/site/edit-lock.ts'

const anna = { key: 'page-session:anna', name: 'anna' }
const ben = { key: 'page-session:ben', name: 'ben' }
const request = (fields: Partial<LockRequest> = {}): LockRequest => ({
  editor: anna,
  newTokenSha256: 'new',
  nowMs: 1_000,
  ...fields,
})

function takenBy(fields: Partial<LockRequest> = {}) {
  return takeLock(undefined, request(fields)).lock
}

test('S1-095: a lock lasts 30 minutes', (t) => {
  t.is(editLockMs, 1_800_000)
  t.deepEqual(takeLock(undefined, request()), {
    kind: 'taken',
    lock: { holder: anna, tokenSha256: 'new', takenAtMs: 1_000, expiresAtMs: 1_801_000 },
  })
})

test('S1-095: it stands against everybody else until its last millisecond', (t) => {
  const lock = takenBy()
  t.is(lockAgainst(lock, ben, 1_800_999), lock)
  t.is(lockAgainst(lock, undefined, 1_800_999), lock)
  t.is(lockAgainst(lock, ben, 1_801_000), undefined)
  t.is(lockAgainst(lock, anna, 1_000), undefined)
  t.is(lockAgainst(undefined, ben, 1_000), undefined)
})

test('S1-095: its token renews it, and nothing else does while it stands', (t) => {
  const lock = takenBy()
  t.deepEqual(takeLock(lock, request({ heldTokenSha256: 'new', newTokenSha256: 'other', nowMs: 2_000 })), {
    kind: 'renewed',
    lock: { ...lock, expiresAtMs: 1_802_000 },
  })
  const held = { kind: 'held', lock } as const
  t.deepEqual(takeLock(lock, request({ heldTokenSha256: 'wrong' })), held)
  t.deepEqual(takeLock(lock, request()), held, 'the same user in another window')
  t.deepEqual(takeLock(lock, request({ editor: ben })), held)
  t.deepEqual(takeLock(lock, request({ editor: ben, heldTokenSha256: 'new' })), held, 'a token that was overheard')
})

test('S1-095: when it is over anybody takes it, and the old token is worth nothing', (t) => {
  const lock = takenBy()
  const later = takeLock(lock, request({ editor: ben, newTokenSha256: 'bens', nowMs: lock.expiresAtMs }))
  t.is(later.kind, 'taken')
  t.deepEqual(later.lock.holder, ben)
  t.is(takeLock(later.lock, request({ heldTokenSha256: 'new', nowMs: lock.expiresAtMs + 1 })).kind, 'held')
})
