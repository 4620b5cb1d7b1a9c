/** Edit locks of task sequences, and their rows: one a sequence, until it is taken anew or discarded. */

import type { Kysely } from 'kysely'
import type { PackageId } from '../../address/identifiers.ts'
import type { EditLock } from '../../site/edit-lock.ts'
import type { Schema } from '../schema.ts'

export async function readEditLock(db: Kysely<Schema>, id: PackageId): Promise<EditLock | undefined> {
  const row = await db
    .selectFrom('task_sequence_locks')
    .selectAll()
    .where('task_sequence_id', '=', id)
    .executeTakeFirst()
  if (row === undefined) return undefined
  return {
    holder: { key: row.holder_key, name: row.holder_name },
    tokenSha256: row.token_sha256,
    takenAtMs: row.taken_at_ms,
    expiresAtMs: row.expires_at_ms,
  }
}

export async function writeEditLock(db: Kysely<Schema>, id: PackageId, lock: EditLock): Promise<void> {
  const row = {
    task_sequence_id: id,
    holder_key: lock.holder.key,
    holder_name: lock.holder.name,
    token_sha256: lock.tokenSha256,
    taken_at_ms: lock.takenAtMs,
    expires_at_ms: lock.expiresAtMs,
  }
  await db
    .insertInto('task_sequence_locks')
    .values(row)
    .onConflict((conflict) => conflict.column('task_sequence_id').doUpdateSet(row))
    .execute()
}

export async function removeEditLock(db: Kysely<Schema>, id: PackageId): Promise<void> {
  await db.deleteFrom('task_sequence_locks').where('task_sequence_id', '=', id).execute()
}
