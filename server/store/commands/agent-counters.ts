/**
 * The counter of each identity key, which every signed request must exceed: a request that was recorded and sent again is
 * recognised, whichever token it carries (contract/agent.ts).
 */

import type { Writing } from './writing.ts'

/** False: this counter, or a higher one, was used already. */
export async function advanceCounter(writing: Writing, identityKey: string, counter: number): Promise<boolean> {
  if (counter <= (await readCounter(writing, identityKey))) return false
  const row = { identity_key: identityKey, counter }
  await writing.tx
    .insertInto('agent_counters')
    .values(row)
    .onConflict((conflict) => conflict.column('identity_key').doUpdateSet(row))
    .execute()
  return true
}

async function readCounter({ tx }: Writing, identityKey: string): Promise<number> {
  const row = await tx
    .selectFrom('agent_counters')
    .select('counter')
    .where('identity_key', '=', identityKey)
    .executeTakeFirst()
  return row?.counter ?? 0
}
