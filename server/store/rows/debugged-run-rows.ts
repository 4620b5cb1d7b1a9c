/** Debugged runs and their rows: how the debugger stands, the commands that wait, the variables it shows. */

import type { Kysely, Selectable } from 'kysely'
import type { RunId } from '../../address/identifiers.ts'
import type { DebuggerState } from '../../contract/debugger-state.ts'
import { decodeJson } from '../json-text.ts'
import type { DebuggedRun, KeptCommand } from '../debugger-port.ts'
import type { Schema } from '../schema.ts'

export async function readDebuggedRun(db: Kysely<Schema>, runId: RunId): Promise<DebuggedRun | undefined> {
  const state = await readDebuggerState(db, runId)
  if (state === undefined) return undefined
  const variables = await db
    .selectFrom('debug_variables')
    .selectAll()
    .where('run_id', '=', runId)
    .orderBy('name_folded')
    .execute()
  return {
    state,
    waiting: await readWaitingCommands(db, runId, state.taken),
    variables: variables.map(({ name, value, secret }) => ({ name, value, secret: secret === 1 })),
  }
}

export async function readDebuggerState(db: Kysely<Schema>, runId: RunId): Promise<DebuggerState | undefined> {
  const row = await readDebuggedRunRow(db, runId)
  return row && decodeJson(row.state)
}

export async function readDebuggedRunRow(
  db: Kysely<Schema>,
  runId: RunId,
): Promise<Selectable<Schema['debugged_runs']> | undefined> {
  return db.selectFrom('debugged_runs').selectAll().where('run_id', '=', runId).executeTakeFirst()
}

export async function readWaitingCommands(
  db: Kysely<Schema>,
  runId: RunId,
  taken: number,
): Promise<readonly KeptCommand[]> {
  const rows = await commandsAbove(db, runId, taken).execute()
  return rows.map((row) => toCommand(row))
}

export async function readNextDebugCommand(
  db: Kysely<Schema>,
  runId: RunId,
  after: number,
): Promise<KeptCommand | undefined> {
  const row = await commandsAbove(db, runId, after).limit(1).executeTakeFirst()
  return row && toCommand(row)
}

function commandsAbove(db: Kysely<Schema>, runId: RunId, number: number) {
  return db
    .selectFrom('debug_commands')
    .selectAll()
    .where('run_id', '=', runId)
    .where('number', '>', number)
    .orderBy('number')
}

function toCommand(row: Selectable<Schema['debug_commands']>): KeptCommand {
  return {
    runId: row.run_id,
    number: row.number,
    command: decodeJson(row.command),
    givenBy: row.given_by,
    givenAtMs: row.given_at_ms,
  }
}
