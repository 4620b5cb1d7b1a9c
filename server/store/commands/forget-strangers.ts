/**
 * Lanes of machines that the site does not know and that ran nothing: anybody on the network can have them made, by a packet
 * with an invented address. They go after a day, and earlier when there are too many; the one that changed last stays longest.
 */

import { sql } from 'kysely'
import { decodeJson } from '../json-text.ts'
import type { Writing } from './writing.ts'

const strangersMax = 5_000
const keptMs = 24 * 3_600_000
/** Read at once. */
const pageLanes = 500

/** The document has the key or it has not: a quotation mark inside a text would be escaped. */
const isStranger = sql<boolean>`lane not like '%"deviceId":%' and lane not like '%"run":%'`

/** How many went. */
export async function forgetStrangers({ tx }: Writing, nowMs: number): Promise<number> {
  const strangers = tx.selectFrom('lanes').where(isStranger)
  const { count } = await strangers
    .select((select) => select.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  let forgotten = 0
  const forget = async (seqs: readonly number[]): Promise<void> => {
    if (seqs.length > 0) await tx.deleteFrom('lanes').where('seq', 'in', seqs).execute()
    forgotten += seqs.length
  }
  for (;;) {
    const oldest = await strangers.select(['seq', 'lane']).orderBy('seq').limit(pageLanes).execute()
    const surplus = Math.max(0, count - strangersMax - forgotten)
    const going = oldest.filter(({ lane }, index) => index < surplus || decodeJson(lane).changedAtMs <= nowMs - keptMs)
    await forget(going.map(({ seq }) => seq))
    if (going.length < pageLanes) return forgotten
  }
}
