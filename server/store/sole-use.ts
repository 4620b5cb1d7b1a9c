/**
 * One server at a time has a database: two would give one address to two machines, because each keeps leases and devices in
 * memory. The claim is a transaction that is never ended on a file beside the database; the system ends it with the process,
 * however that dies, so nothing is left to be cleared away by hand.
 */

import { DatabaseSync } from 'node:sqlite'
import { messageOf } from '../caught-error.ts'
import { StoreError } from './store-error.ts'

/** Returns the way to give the claim back; giving it back again does nothing. */
export function claimSoleUse(databaseFile: string): () => void {
  let claim: DatabaseSync | undefined
  try {
    claim = new DatabaseSync(`${databaseFile}-in-use`, { timeout: 0 })
    claim.exec('begin exclusive')
  } catch (error) {
    claim?.close()
    const isTaken = /locked|busy/i.test(messageOf(error))
    throw new StoreError(
      'cannot-open',
      isTaken
        ? `another server is using ${databaseFile}; stop it first, or give this one a data directory of its own (--data)`
        : `${databaseFile} cannot be claimed: ${messageOf(error)}`,
      { cause: error },
    )
  }
  const held = claim
  return () => {
    if (held.isOpen) held.close()
  }
}
