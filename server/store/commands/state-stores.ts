/** Writes about captured user state: a store is added, goes from one state to the next, and is forgotten. */

import type { StateStoreChange, StateStoreRecord } from '../ports.ts'
import { readStateStore, toRow } from '../rows/state-store-rows.ts'
import type { Writing } from './writing.ts'

export async function addStateStore({ tx }: Writing, store: StateStoreRecord): Promise<void> {
  await tx.insertInto('state_stores').values(toRow(store)).execute()
}

export async function changeStateStore(
  { tx }: Writing,
  { id, from, to, chunks, restoringRunId, nowMs }: StateStoreChange,
): Promise<StateStoreRecord | undefined> {
  const before = await readStateStore(tx, id)
  if (before === undefined || !from.includes(before.state)) return undefined
  const after: StateStoreRecord = {
    ...before,
    state: to,
    chunks: chunks ?? before.chunks,
    ...(restoringRunId === undefined ? {} : { restoringRunId }),
    changedAtMs: nowMs,
  }
  await tx.updateTable('state_stores').set(toRow(after)).where('id', '=', id).execute()
  return after
}

export async function forgetStateStores(
  { tx }: Writing,
  {
    states,
    unchangedSinceMs,
  }: { readonly states: readonly StateStoreRecord['state'][]; readonly unchangedSinceMs: number },
): Promise<readonly string[]> {
  const rows = await tx
    .deleteFrom('state_stores')
    .where('state', 'in', states)
    .where('changed_at_ms', '<=', unchangedSinceMs)
    .returning('id')
    .execute()
  return rows.map(({ id }) => id)
}
