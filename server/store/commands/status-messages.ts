/** Notes which events are status messages (contract/status-message.ts), in the transaction that keeps them. */

import type { RunEventBody } from '../../contract/agent.ts'
import { type StatusMessageId, statusMessagesOf } from '../../contract/status-message.ts'
import type { RunRecord } from '../ports.ts'
import { takeNumbers } from './counters.ts'
import type { Writing } from './writing.ts'

type Told = Pick<RunRecord, 'id' | 'deploymentId' | 'deviceId'>

interface NumberedBody {
  readonly seq: number
  readonly body: RunEventBody
  readonly atMs: number
}

export async function noteStatusMessages(
  writing: Writing,
  run: RunRecord,
  { seq, body, atMs }: NumberedBody,
): Promise<void> {
  for (const { messageId } of statusMessagesOf(body, run.policy)) await note(writing, run, { seq, messageId, atMs })
}

/** The site itself has ended the run: its manager cannot say so any more. */
export async function noteGivenUp(writing: Writing, run: Told, atMs: number): Promise<void> {
  await note(writing, run, { seq: await takeNumbers(writing, 'watch', 1), messageId: 11_170, atMs })
}

async function note(
  { tx }: Writing,
  { id, deploymentId, deviceId }: Told,
  { seq, messageId, atMs }: { readonly seq: number; readonly messageId: StatusMessageId; readonly atMs: number },
): Promise<void> {
  const of = { run_id: id, deployment_id: deploymentId, device_id: deviceId ?? null }
  await tx
    .insertInto('status_messages')
    .values({ seq, message_id: messageId, at_ms: atMs, ...of })
    .execute()
}
