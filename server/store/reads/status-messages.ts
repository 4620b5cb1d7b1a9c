/** Status messages as they are asked for: found by index, and made of their events (contract/status-message.ts). */

import type { Kysely } from 'kysely'
import type { RunId } from '../../address/identifiers.ts'
import type { RunEvent } from '../../contract/agent.ts'
import {
  givenUpMessage,
  type MessagedRun,
  messageIdsOf,
  messageOutputCharactersMax,
  type StatusMessage,
  type StatusMessageId,
  statusMessagesOf,
} from '../../contract/status-message.ts'
import { assert } from '../../assert.ts'
import { decodeJson, type JsonText } from '../json-text.ts'
import type { RunRecord } from '../ports.ts'
import { toRun } from '../rows/run-rows.ts'
import type { Schema } from '../schema.ts'
import type { KeptStatusMessage, StatusMessageQuery } from '../status-port.ts'
import { inSlices } from './in-slices.ts'

export async function readStatusMessages(
  db: Kysely<Schema>,
  query: StatusMessageQuery,
): Promise<readonly KeptStatusMessage[]> {
  const rows = await readRows(db, query)
  const runs = new Map<RunId, RunOfMessages>()
  const messages: KeptStatusMessage[] = []
  // One after another: the policy of a run may name ten thousand files, and its output may be long.
  await inSlices(rows, async (row) => {
    const run = runs.get(row.run_id) ?? (await readRunOfMessages(db, row.run_id))
    runs.set(run.id, run)
    messages.push({
      ...(await messageOf(db, row, run)),
      seq: row.seq,
      atMs: row.at_ms,
      runId: run.id,
      deploymentId: run.deploymentId,
      ...(run.deviceId === undefined ? {} : { deviceId: run.deviceId }),
      machineName: run.machineName,
    })
  })
  return messages
}

function readRows(db: Kysely<Schema>, query: StatusMessageQuery) {
  const { deploymentId, deviceId, runId, severity, sinceSeq, order, limit, offset } = query
  const direction = order === 'newest-first' ? 'desc' : 'asc'
  let told = db
    .selectFrom('status_messages as told')
    .leftJoin('run_events', 'run_events.seq', 'told.seq')
    .select(['told.seq', 'told.message_id', 'told.run_id', 'told.at_ms', 'run_events.event'])
  if (deploymentId !== undefined) told = told.where('told.deployment_id', '=', deploymentId)
  if (deviceId !== undefined) told = told.where('told.device_id', '=', deviceId)
  if (runId !== undefined) told = told.where('told.run_id', '=', runId)
  if (severity !== undefined) told = told.where('told.message_id', 'in', messageIdsOf(severity))
  if (sinceSeq !== undefined) told = told.where('told.seq', '>', sinceSeq)
  return told.orderBy('told.seq', direction).orderBy('told.message_id', direction).limit(limit).offset(offset).execute()
}

export type RunOfMessages = Omit<RunRecord, 'policy'> & { readonly policy: MessagedRun }

/** Without the rest of their policies: a thousand messages may be of a thousand runs. */
export async function readRunsOfMessages(db: Kysely<Schema>, ids: readonly RunId[]): Promise<RunOfMessages[]> {
  const rows = await db.selectFrom('runs').selectAll().where('id', 'in', ids).execute()
  return rows.map((row) => {
    const run = toRun(row)
    const { sequence, userStarted } = run.policy
    return { ...run, policy: { sequence, ...(userStarted === undefined ? {} : { userStarted }) } }
  })
}

async function readRunOfMessages(db: Kysely<Schema>, id: RunId): Promise<RunOfMessages> {
  const [run] = await readRunsOfMessages(db, [id])
  assert(run !== undefined, `no run ${id}`)
  return run
}

export interface MessageRow {
  readonly message_id: StatusMessageId
  readonly run_id: RunId
  /** Null: the site made it. */
  readonly event: JsonText<RunEvent> | null
}

/** `output`: what the action printed last. */
export function toStatusMessage(row: MessageRow, run: RunOfMessages, output = ''): StatusMessage {
  if (row.event === null) return givenUpMessage(run.policy, wasOverdue(run))
  const { sequence, body } = decodeJson(row.event)
  const made = statusMessagesOf(body, run.policy, output).find(({ messageId }) => messageId === row.message_id)
  assert(made !== undefined, `event ${sequence} of run ${row.run_id} is no status message ${row.message_id}`)
  return made
}

async function messageOf(db: Kysely<Schema>, row: MessageRow, run: RunOfMessages): Promise<StatusMessage> {
  const ended = row.event === null ? undefined : decodeJson(row.event)
  const output = ended?.body.kind === 'step-ended' ? await readOutput(db, row.run_id, ended.sequence) : ''
  return toStatusMessage(row, run, output)
}

/** Both are written at once when it is stopped for it (commands/end-overdue-runs.ts). */
function wasOverdue({ monitoringEndedAtMs, endedAtMs }: Omit<RunRecord, 'policy'>): boolean {
  return monitoringEndedAtMs !== undefined && monitoringEndedAtMs === endedAtMs
}

/** A step may report its progress many times after its last line; further back nobody looks. */
const eventsBackMax = 200
const outputsMax = 4

/** What the action printed last before it ended with this event. */
async function readOutput(db: Kysely<Schema>, id: RunId, endedAt: number): Promise<string> {
  const rows = await db
    .selectFrom('run_events')
    .select('event')
    .where('run_id', '=', id)
    .where('sequence', '<', endedAt)
    .where('sequence', '>=', endedAt - eventsBackMax)
    .where((where) =>
      where.or(['output', 'step-started', 'step-ended'].map((kind) => where('event', 'like', encodedLike(kind)))),
    )
    .orderBy('sequence', 'desc')
    .limit(outputsMax)
    .execute()
  const lines: string[] = []
  for (const row of rows) {
    const { body } = decodeJson(row.event)
    if (body.kind !== 'output') break
    lines.unshift(...body.lines)
  }
  return lines.join('\n').slice(-messageOutputCharactersMax)
}

/** A quotation mark inside a text has a backslash before it, so these words are the event's own. */
function encodedLike(kind: string): JsonText<RunEvent> {
  return `%"body":{"kind":"${kind}"%` as JsonText<RunEvent>
}
