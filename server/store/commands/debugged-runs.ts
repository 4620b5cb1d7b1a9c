/**
 * Writes about runs in debug mode (S1-100 to S1-102): commands are kept with the next number of their run, and events of the
 * run say what became of them, where it is held, and what its variables are.
 */

import type { RunId } from '../../address/identifiers.ts'
import type { PolicyVariable, RunEventBody } from '../../contract/agent.ts'
import { advanceDebugger, type DebuggerState } from '../../contract/debugger-state.ts'
import { maskedValue } from '../../secret.ts'
import { decodeJson, encodeJson } from '../json-text.ts'
import { foldName } from '../names.ts'
import type { KeptCommand } from '../debugger-port.ts'
import { readDebuggedRunRow, readDebuggerState, readWaitingCommands } from '../rows/debugged-run-rows.ts'
import { readRun } from '../rows/run-rows.ts'
import type { Schema } from '../schema.ts'
import type { Writing } from './writing.ts'

/** A person steps; whoever sends more than this before the machine takes one is a program gone wrong. */
const waitingCommandsMax = 100

export async function addDebugCommand(
  { tx }: Writing,
  command: Omit<KeptCommand, 'number'>,
): Promise<KeptCommand | 'not-debugged' | 'quit' | 'run-ended' | 'too-many'> {
  const { runId } = command
  const state = await readDebuggerState(tx, runId)
  if (state === undefined) return 'not-debugged'
  if ((await readRun(tx, runId))?.state !== 'running') return 'run-ended'
  if (state.standing.kind === 'quit') return 'quit'
  if ((await readWaitingCommands(tx, runId, state.taken)).length >= waitingCommandsMax) return 'too-many'
  const last = await tx
    .selectFrom('debug_commands')
    .select('number')
    .where('run_id', '=', runId)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  const number = (last?.number ?? 0) + 1
  await tx
    .insertInto('debug_commands')
    .values({
      run_id: runId,
      number,
      command: encodeJson(command.command),
      given_by: command.givenBy,
      given_at_ms: command.givenAtMs,
    })
    .execute()
  return { ...command, number }
}

export interface Reported {
  readonly runId: RunId
  readonly bodies: readonly RunEventBody[]
  readonly receivedAtMs: number
}

/** Events of a run that nobody debugs cost one look at most. */
export async function noteDebugger(writing: Writing, { runId, bodies, receivedAtMs }: Reported): Promise<void> {
  if (!bodies.some(({ kind }) => telling.has(kind))) return
  const before = await readDebuggedRunRow(writing.tx, runId)
  let state = before && decodeJson(before.state)
  for (const body of bodies) {
    state = advanceDebugger(state, body)
    if (state !== undefined && body.kind === 'variables-changed') await keepVariables(writing, runId, body.variables)
  }
  if (state === undefined) return
  const row = { run_id: runId, state: encodeJson(state), ...heldTime(before, state, receivedAtMs) }
  await writing.tx
    .insertInto('debugged_runs')
    .values(row)
    .onConflict((conflict) => conflict.column('run_id').doUpdateSet(row))
    .execute()
}

type HeldTime = Pick<Schema['debugged_runs'], 'held_since_ms' | 'held_ms'>

/** What a run is held counts from one report to the other; let go and held again within one report, it was held throughout. */
function heldTime(before: HeldTime | undefined, { standing }: DebuggerState, nowMs: number): HeldTime {
  const { held_since_ms: since, held_ms } = before ?? { held_since_ms: null, held_ms: 0 }
  if (standing.kind === 'held') return { held_since_ms: since ?? nowMs, held_ms }
  return { held_since_ms: null, held_ms: since === null ? held_ms : held_ms + nowMs - since }
}

const telling: ReadonlySet<RunEventBody['kind']> = new Set([
  'debugger-attached',
  'debugger-paused',
  'debugger-command',
  'variables-changed',
  'sequence-ended',
])

/** An empty value deletes (S1-054). Values of secrets come masked, and are masked all the same (S1-102). */
async function keepVariables({ tx }: Writing, runId: RunId, variables: readonly PolicyVariable[]): Promise<void> {
  for (const { name, value, secret } of variables) {
    const shown = secret ? { value: maskedValue, secret: 1 as const } : { value, secret: 0 as const }
    const row = { run_id: runId, name_folded: foldName(name), name, ...shown }
    if (value === '') {
      await tx
        .deleteFrom('debug_variables')
        .where('run_id', '=', runId)
        .where('name_folded', '=', row.name_folded)
        .execute()
    } else {
      await tx
        .insertInto('debug_variables')
        .values(row)
        .onConflict((conflict) => conflict.columns(['run_id', 'name_folded']).doUpdateSet(row))
        .execute()
    }
  }
}
