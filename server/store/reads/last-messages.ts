/** The last status message of each of many runs, and the action that ended last: three statements for twenty runs. */

import type { Kysely } from 'kysely'
import type { RunId } from '../../address/identifiers.ts'
import type { StatusMessage, StatusMessageId } from '../../contract/status-message.ts'
import type { Schema } from '../schema.ts'
import { inSlices } from './in-slices.ts'
import { readRunsOfMessages, toStatusMessage } from './status-messages.ts'

export interface LastMessages {
  readonly message: StatusMessage
  readonly atMs: number
  /** Of the action that ended last; absent: none has. */
  readonly action?: StatusMessage
}

/** Their policies are read in one turn. */
const runsPerQuery = 20
const endsOfActions: readonly StatusMessageId[] = [11_134, 11_135, 11_138]

/** A run that has reported nothing is not in it. */
export async function readLastMessages(
  db: Kysely<Schema>,
  ids: readonly RunId[],
): Promise<ReadonlyMap<RunId, LastMessages>> {
  const found = new Map<RunId, LastMessages>()
  const parts = Array.from({ length: Math.ceil(ids.length / runsPerQuery) }, (_, part) =>
    ids.slice(part * runsPerQuery, (part + 1) * runsPerQuery),
  )
  await inSlices(parts, async (some) => {
    for (const [id, last] of await readSome(db, some)) found.set(id, last)
  })
  return found
}

async function readSome(
  db: Kysely<Schema>,
  ids: readonly RunId[],
): Promise<readonly (readonly [RunId, LastMessages])[]> {
  const numbers = await readNumbers(db, ids)
  const seqs = numbers.flatMap(({ last, action }) => [last, action].filter((seq) => seq !== null))
  const told = Map.groupBy(await readMessages(db, seqs), ({ seq }) => seq)
  return (await readRunsOfMessages(db, ids)).flatMap((run) => {
    const { last = null, action = null } = numbers.find(({ id }) => id === run.id) ?? {}
    // Engine and manager tell the end of a run with one event, and the manager last.
    const newest = last === null ? undefined : told.get(last)?.at(-1)
    if (newest === undefined) return []
    const ended = action === null ? undefined : told.get(action)?.at(-1)
    const messages: LastMessages = {
      message: toStatusMessage(newest, run),
      atMs: newest.at_ms,
      ...(ended === undefined ? {} : { action: toStatusMessage(ended, run) }),
    }
    return [[run.id, messages] as const]
  })
}

/** Of the events: the last one, and that of the last action. Each is one step in the index of a run. */
function readNumbers(db: Kysely<Schema>, ids: readonly RunId[]) {
  return db
    .selectFrom('runs')
    .select((run) => {
      const newest = run
        .selectFrom('status_messages as told')
        .select('told.seq')
        .whereRef('told.run_id', '=', 'runs.id')
        .orderBy('told.seq', 'desc')
        .limit(1)
      return ['runs.id', newest.as('last'), newest.where('told.message_id', 'in', endsOfActions).as('action')]
    })
    .where('runs.id', 'in', ids)
    .execute()
}

function readMessages(db: Kysely<Schema>, seqs: readonly number[]) {
  return db
    .selectFrom('status_messages as told')
    .leftJoin('run_events', 'run_events.seq', 'told.seq')
    .select(['told.seq', 'told.message_id', 'told.run_id', 'told.at_ms', 'run_events.event'])
    .where('told.seq', 'in', seqs)
    .orderBy('told.seq')
    .orderBy('told.message_id')
    .execute()
}
