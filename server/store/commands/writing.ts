/**
 * What every command gets: the transaction, the instant at which the command was given, and the list of what watchers must
 * be told after the commit. A command is a function of these and of its input, and touches nothing else.
 */

import type { Transaction } from 'kysely'
import type { SiteCode } from '../../address/identifiers.ts'
import type { Editor } from '../../site/edit-lock.ts'
import type { ForgottenLane, WatchedEvent } from '../../contract/progress.ts'
import type { NumberedLane } from '../rows/run-rows.ts'
import type { Schema } from '../schema.ts'

export interface Writing {
  readonly tx: Transaction<Schema>
  readonly siteCode: SiteCode
  readonly nowMs: number
  /** Who asked for it; absent: an agent, or the server itself. */
  readonly actor?: Editor | undefined
  readonly changes: Changes
}

/** Filled by a command; forgotten when the command is refused. */
export interface Changes {
  readonly lanes: NumberedLane[]
  readonly forgotten: ForgottenLane[]
  readonly events: WatchedEvent[]
  /** Set by a command that usually changes nothing of what a machine boots, when this time it does. */
  hasNewFacts: boolean
}
