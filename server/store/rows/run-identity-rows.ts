/** By what unknown computers whose run goes on will be found as devices, should it succeed, and the rows of these. */

import type { Kysely } from 'kysely'
import type { RunId } from '../../address/identifiers.ts'
import { decodeJson, encodeJson } from '../json-text.ts'
import type { Schema } from '../schema.ts'
import type { RunIdentity } from '../schema-tables.ts'

export async function readRunIdentity(db: Kysely<Schema>, id: RunId): Promise<RunIdentity | undefined> {
  const row = await db.selectFrom('unknown_runs').select('identity').where('run_id', '=', id).executeTakeFirst()
  return row && decodeJson(row.identity)
}

export async function writeRunIdentity(db: Kysely<Schema>, id: RunId, told: RunIdentity): Promise<void> {
  const { macAddresses, smbiosGuid, serialNumber } = told
  const identity: RunIdentity = {
    macAddresses,
    ...(smbiosGuid === undefined ? {} : { smbiosGuid }),
    ...(serialNumber === undefined ? {} : { serialNumber }),
  }
  const row = { run_id: id, identity: encodeJson(identity) }
  await db
    .insertInto('unknown_runs')
    .values(row)
    .onConflict((conflict) => conflict.column('run_id').doUpdateSet(row))
    .execute()
}

/** Of runs that have ended, or were given up: nothing will be made of these. */
export async function forgetRunIdentities(db: Kysely<Schema>): Promise<void> {
  const ended = db.selectFrom('runs').select('id').where('state', '!=', 'running')
  await db.deleteFrom('unknown_runs').where('run_id', 'in', ended).execute()
}
