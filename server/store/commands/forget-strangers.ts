/**
 * Lanes of machines that the site does not know and that ran nothing: anybody on the network can have them made, by a packet
 * with an invented address. They go after a day, and earlier when there are too many; the one that changed last stays longest.
 */

import { sql } from 'kysely'
import type { LaneId } from '../../contract/progress.ts'
import { decodeJson } from '../json-text.ts'
import { takeNumbers } from './counters.ts'
import type { Writing } from './writing.ts'

const strangersMax = 5_000
const keptMs = 24 * 3_600_000
/** Read at once. */
const pageLanes = 500

/** The document has the key or it has not: a quotation mark inside a text would be escaped. */
const isStranger = sql<boolean>`lane not like '%"deviceId":%' and lane not like '%"run":%'`

/** How many went. Pages are told which, or have to be told all there are (contract/progress.ts). */
export async function forgetStrangers(writing: Writing, nowMs: number): Promise<number> {
  const forgotten = await deleteStrangers(writing, nowMs)
  if (forgotten.length === 0) return 0
  const seq = await takeNumbers(writing, 'watch', 1)
  await writing.tx
    .insertInto('counters')
    .values({ name: 'forgotten', next: seq })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ next: seq }))
    .execute()
  for (const id of forgotten) writing.changes.forgotten.push({ seq, id })
  return forgotten.length
}

async function deleteStrangers({ tx }: Writing, nowMs: number): Promise<readonly LaneId[]> {
  const strangers = tx.selectFrom('lanes').where(isStranger)
  const { count } = await strangers
    .select((select) => select.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  const forgotten: LaneId[] = []
  for (;;) {
    const oldest = await strangers.select(['id', 'lane']).orderBy('seq').limit(pageLanes).execute()
    const surplus = Math.max(0, count - strangersMax - forgotten.length)
    const going = oldest
      .filter(({ lane }, index) => index < surplus || decodeJson(lane).changedAtMs <= nowMs - keptMs)
      .map(({ id }) => id)
    if (going.length > 0) await tx.deleteFrom('lanes').where('id', 'in', going).execute()
    forgotten.push(...going)
    if (going.length < pageLanes) return forgotten
  }
}
