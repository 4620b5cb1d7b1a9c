/**
 * One transaction for a group of commands: each in a savepoint, so that one that fails leaves its neighbours alone, and all
 * acknowledged by one commit (I1). Knows neither threads nor queues.
 */

import type { ControlledTransaction, Kysely } from 'kysely'
import type { SiteCode } from '../address/identifiers.ts'
import type { Editor } from '../site/edit-lock.ts'
import { newestOfLanes } from '../contract/newest-of-lanes.ts'
import type { Changes, Writing } from './commands/writing.ts'
import type { ProgressChange } from './ports.ts'
import type { Schema } from './schema.ts'
import type { CommandResult } from './writer-messages.ts'

/** A group takes commands for this long before it commits, so that the first of them is not kept waiting. */
const groupMs = 20

export interface Commit {
  readonly results: readonly CommandResult[]
  readonly change?: ProgressChange
  /** See `Changes`. */
  readonly hasNewFacts: boolean
  /** Of the commit alone. */
  readonly commitMs: number
}

export interface GroupMember {
  readonly nowMs: number
  readonly actor?: Editor | undefined
  run(writing: Writing): Promise<unknown>
}

export interface Grouping {
  readonly db: Kysely<Schema>
  readonly siteCode: SiteCode
  readonly members: readonly GroupMember[]
  /** Filled while the group runs: how many members a rejection concerns. */
  readonly taken: { count: number }
}

/** Runs members from the first on, at least one, until the time is up. Rejects when nothing was written. */
export async function commitGroup({ db, siteCode, members, taken }: Grouping): Promise<Commit> {
  const until = performance.now() + groupMs
  const results: CommandResult[] = []
  const changes = noChanges()
  let committingAtMs = 0
  const transaction = await db.startTransaction().execute()
  try {
    for (const member of members) {
      taken.count += 1
      const own = noChanges()
      const run = (tx: ControlledTransaction<Schema, ['command']>): Promise<unknown> =>
        member.run({ tx, siteCode, nowMs: member.nowMs, actor: member.actor, changes: own })
      const result = await inSavepoint(transaction, run)
      results.push(result)
      if (result.kind === 'done') {
        changes.lanes.push(...own.lanes)
        changes.forgotten.push(...own.forgotten)
        changes.events.push(...own.events)
        changes.hasNewFacts ||= own.hasNewFacts
      }
      if (performance.now() >= until) break
    }
    committingAtMs = performance.now()
    await transaction.commit().execute()
  } catch (error) {
    await rollBack(transaction)
    throw error
  }
  const commitMs = performance.now() - committingAtMs
  const change = toChange(changes)
  return { results, commitMs, hasNewFacts: changes.hasNewFacts, ...(change === undefined ? {} : { change }) }
}

async function inSavepoint(
  transaction: ControlledTransaction<Schema>,
  run: (tx: ControlledTransaction<Schema, ['command']>) => Promise<unknown>,
): Promise<CommandResult> {
  const savepoint = await transaction.savepoint('command').execute()
  const result = await run(savepoint).then(
    (value): CommandResult => ({ kind: 'done', value }),
    (error: unknown): CommandResult => ({ kind: 'failed', error }),
  )
  // A refused edit leaves no trace either, not even a used-up identifier. When a full disk has ended the whole transaction
  // these reject, and so does the group.
  if (result.kind === 'failed' || isRefused(result.value)) await savepoint.rollbackToSavepoint('command').execute()
  await savepoint.releaseSavepoint('command').execute()
  return result
}

function isRefused(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'refused'
}

/** SQLite may have rolled back already; the first error is the one to tell. */
async function rollBack(transaction: ControlledTransaction<Schema>): Promise<void> {
  try {
    await transaction.rollback().execute()
  } catch {
    return
  }
}

const noChanges = (): Changes => ({ lanes: [], forgotten: [], events: [], hasNewFacts: false })

function toChange({ lanes, forgotten, events }: Changes): ProgressChange | undefined {
  const seq = [...lanes, ...forgotten, ...events].reduce((highest, one) => Math.max(highest, one.seq), 0)
  return seq === 0 ? undefined : { seq, ...newestOfLanes(lanes, forgotten), events }
}
