/** Edit locks taken, renewed and discarded (S1-095). They are rows, so that they survive a restart of the server. */

import type { PackageId } from '../../address/identifiers.ts'
import {
  type EditLock,
  type Editor,
  type LockAnswer,
  lockAgainst,
  type LockRequest,
  takeLock,
} from '../../site/edit-lock.ts'
import { readEditLock, removeEditLock, writeEditLock } from '../rows/edit-lock-rows.ts'
import { readTaskSequence } from '../rows/task-sequence-rows.ts'
import type { Writing } from './writing.ts'

export interface TakeEditLock {
  readonly id: PackageId
  readonly request: LockRequest
}

export async function takeEditLock(
  { tx }: Writing,
  { id, request }: TakeEditLock,
): Promise<LockAnswer | { readonly kind: 'not-found' }> {
  if ((await readTaskSequence(tx, id)) === undefined) return { kind: 'not-found' }
  const answer = takeLock(await readEditLock(tx, id), request)
  if (answer.kind !== 'held') await writeEditLock(tx, id, answer.lock)
  return answer
}

export interface DiscardEditLock {
  readonly id: PackageId
  readonly editor: Editor
}

export async function discardEditLock(
  { tx, nowMs }: Writing,
  { id, editor }: DiscardEditLock,
): Promise<EditLock | undefined> {
  const lock = lockAgainst(await readEditLock(tx, id), editor, nowMs)
  if (lock === undefined) await removeEditLock(tx, id)
  return lock
}
