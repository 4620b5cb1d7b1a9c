/**
 * The edit lock of a task sequence (S1-095): who edits it takes the lock, which ends by itself after half an hour; viewing
 * needs none. Whoever holds it renews it with its token, so that a second window of the same user is noticed.
 */

/** S1-095. */
export const editLockMs = 30 * 60_000

export interface EditLock {
  readonly holder: Editor
  readonly tokenSha256: string
  readonly takenAtMs: number
  /** From this instant on it stands in nobody's way. */
  readonly expiresAtMs: number
}

/** Two editors with one `key` are the same user. */
export interface Editor {
  readonly key: string
  readonly name: string
}

/** What stands in the way of an edit; undefined: nothing. Without an editor (the server itself) any lock does. */
export function lockAgainst(
  lock: EditLock | undefined,
  editor: Editor | undefined,
  nowMs: number,
): EditLock | undefined {
  const stands = lock !== undefined && nowMs < lock.expiresAtMs
  return stands && lock.holder.key !== editor?.key ? lock : undefined
}

export interface LockRequest {
  readonly editor: Editor
  /** Of the lock that is to be renewed. */
  readonly heldTokenSha256?: string
  /** Becomes the token of a lock that is new. */
  readonly newTokenSha256: string
  readonly nowMs: number
}

export type LockAnswer =
  | { readonly kind: 'taken' | 'renewed'; readonly lock: EditLock }
  /** Also by the same user without the token: he edits somewhere else, and may discard that lock. */
  | { readonly kind: 'held'; readonly lock: EditLock }

export function takeLock(lock: EditLock | undefined, request: LockRequest): LockAnswer {
  const { editor, nowMs } = request
  const expiresAtMs = nowMs + editLockMs
  const isLive = lock !== undefined && nowMs < lock.expiresAtMs
  if (!isLive) {
    return {
      kind: 'taken',
      lock: { holder: editor, tokenSha256: request.newTokenSha256, takenAtMs: nowMs, expiresAtMs },
    }
  }
  const isOwn = lock.holder.key === editor.key && lock.tokenSha256 === request.heldTokenSha256
  return isOwn ? { kind: 'renewed', lock: { ...lock, expiresAtMs } } : { kind: 'held', lock }
}
