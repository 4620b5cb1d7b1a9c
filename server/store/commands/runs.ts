/** The life of a run on the server: started, its token used, resumed with a ticket, abandoned when its machine starts another. */

import type { ExpressionBuilder } from 'kysely'
import type { RunId } from '../../address/identifiers.ts'
import type { LaneId, Observation, Observed } from '../../contract/progress.ts'
import { assert } from '../../assert.ts'
import { parseMacAddress } from '../../address/mac-address.ts'
import type { NewRun, ResumedRun, ResumeRun, RunRecord } from '../ports.ts'
import type { StartRefusal } from '../start-guard-port.ts'
import { forgetClient, replacedClient } from '../rows/client-rows.ts'
import { writeRunIdentity } from '../rows/run-identity-rows.ts'
import { readRun, readUnansweredRun, type RunWithoutPolicy, toRunRow } from '../rows/run-rows.ts'
import type { Schema } from '../schema.ts'
import { isRunTokenLive, readRunToken } from '../rows/run-token-rows.ts'
import { advanceCounter } from './agent-counters.ts'
import { welcomeClient } from './agent-sessions.ts'
import type { UseToken } from './agent-sessions.ts'
import { joinRing } from './canary-rings.ts'
import { setRequiredPxeMark } from './device-edits.ts'
import { observe } from './lanes.ts'
import { isUnattended, whyHeldBack } from './start-guard.ts'
import { noteGivenUp } from './status-messages.ts'
import { setUnknownComputerMark } from './unknown-computer-marks.ts'
import type { Writing } from './writing.ts'

/** The answer to an agent's last report may be lost; for this long it may repeat it with the ended run's token. */
const endedRunGraceMs = 10 * 60_000

/** An agent says at least every 30 seconds that it is alive; after this long its machine was started anew. */
const liveRunMs = 120_000

export interface StartRun {
  readonly start: NewRun
  readonly unknownComputerMarksMax: number
}

export async function startRun(
  writing: Writing,
  { start, unknownComputerMarksMax }: StartRun,
): Promise<RunRecord | 'machine-busy' | 'too-many-marks' | StartRefusal> {
  const { tx } = writing
  const unanswered = await readUnansweredRun(tx, start.run.identityKey, start.run.deploymentId)
  const run: RunRecord =
    unanswered === undefined
      ? { ...start.run, state: 'running', acknowledged: 0 }
      : { ...unanswered, policy: start.run.policy }
  if (!start.mayReplaceLive && (await isBusy(writing, start.run))) return 'machine-busy'
  const heldBack = unanswered === undefined ? await whyHeldBack(writing, start) : undefined
  if (heldBack !== undefined) return heldBack
  if (!(await setMark(writing, { start, run, unknownComputerMarksMax }))) return 'too-many-marks'
  await abandonOlderRuns(writing, run, start.run.startedAtMs)
  const row = toRunRow(run)
  await tx
    .insertInto('runs')
    .values({ ...row, unattended: isUnattended(start) ? 1 : 0 })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(policyOf(row)))
    .execute()
  await joinRing(writing, run)
  if (start.unknownComputer !== undefined) await writeRunIdentity(tx, run.id, start.unknownComputer)
  const replaced = replacedClient(start)
  if (replaced !== undefined) await forgetClient(tx, replaced)
  await writeRunToken(writing, { ...start, runId: run.id, usedAtMs: start.run.startedAtMs })
  await tx.deleteFrom('resume_tickets').where('run_id', '=', run.id).execute()
  await tx
    .insertInto('resume_tickets')
    .values({ ticket_sha256: start.resumeTicketSha256, run_id: run.id, used_by_key: null })
    .execute()
  const laneRun = { ...start.laneRun, runId: run.id }
  await observe(writing, [laneObservation(run, { kind: 'run-started', run: laneRun }, start.run.startedAtMs)])
  return run
}

/** S6-025; false: there is no room for a mark. */
async function setMark(
  writing: Writing,
  { start, run, unknownComputerMarksMax }: StartRun & { readonly run: RunRecord },
): Promise<boolean> {
  if (!start.required) return true
  const { id: runId, deviceId, deploymentId, startedAtMs } = run
  if (deviceId !== undefined) {
    await setRequiredPxeMark(writing, { deviceId, deploymentId, startedAtMs })
    return true
  }
  if (start.unknownComputer === undefined) return true
  const mark = { ...start.unknownComputer, runId, deploymentId, startedAtMs }
  return setUnknownComputerMark(writing, mark, unknownComputerMarksMax)
}

/** A sequence that was edited meanwhile: the run has not begun, and takes the new one. */
function policyOf({ policy, task_sequence_id, task_sequence_revision }: ReturnType<typeof toRunRow>) {
  return { policy, task_sequence_id, task_sequence_revision }
}

/** Who speaks for a machine is kept in memory; after a restart of the server this keeps a copy from ending its run (A06). */
async function isBusy({ tx }: Writing, run: NewRun['run']): Promise<boolean> {
  const live = await tx
    .selectFrom('runs')
    .innerJoin('run_tokens', 'run_tokens.run_id', 'runs.id')
    .select('runs.id')
    .where(runsOfMachine(run))
    .where('runs.identity_key', '!=', run.identityKey)
    .where('run_tokens.used_at_ms', '>', run.startedAtMs - liveRunMs)
    .executeTakeFirst()
  return live !== undefined
}

export async function useRunToken(
  writing: Writing,
  { tokenSha256, counter, nowMs }: UseToken,
): Promise<RunRecord | 'unknown-token' | 'replayed' | 'expired' | 'run-ended'> {
  const { tx } = writing
  const token = await readRunToken(tx, tokenSha256)
  const run = token && (await readRun(tx, token.run_id))
  if (token === undefined || run === undefined) return 'unknown-token'
  if (!isRunTokenLive(token, nowMs)) return 'expired'
  if (!(await advanceCounter(writing, run.identityKey, counter))) return 'replayed'
  if (!mayStillReport(run, nowMs)) return 'run-ended'
  await noteRunTokenUse(writing, { tokenSha256, nowMs })
  return run
}

export async function noteRunTokenUse(
  { tx }: Writing,
  { tokenSha256, nowMs }: Pick<UseToken, 'tokenSha256' | 'nowMs'>,
): Promise<void> {
  const use = { used_at_ms: nowMs, used: 1 } as const
  await tx.updateTable('run_tokens').set(use).where('token_sha256', '=', tokenSha256).execute()
}

/**
 * A ticket buys one token. Until that token is used for the first time the ticket stays good, because the answer that carried
 * the token may be lost with the machine: an agent that lost its power in that moment comes back with another key and the
 * old ticket. Afterwards only the same key may ask again, with a counter that grew. A copy of the disk has another key.
 */
export async function resumeRun(
  writing: Writing,
  resume: ResumeRun,
): Promise<ResumedRun | 'ticket-used' | 'not-found' | 'run-ended'> {
  const { tx } = writing
  const ticket = await tx
    .selectFrom('resume_tickets')
    .selectAll()
    .where('ticket_sha256', '=', resume.ticketSha256)
    .where('run_id', '=', resume.runId)
    .executeTakeFirst()
  const run = ticket && (await readRun(tx, ticket.run_id))
  if (ticket === undefined || run === undefined) return 'not-found'
  if (run.state !== 'running') return 'run-ended'
  const isLatest = ticket.used_by_key === run.identityKey
  const askedAgain = isLatest && (run.identityKey === resume.identityKey || !(await isTokenUsed(writing, run.id)))
  if (ticket.used_by_key !== null && !askedAgain) return 'ticket-used'
  if (!(await advanceCounter(writing, resume.identityKey, resume.counter))) return 'ticket-used'
  // Tickets given out later and not used yet go with the answer that carried them.
  await tx
    .deleteFrom('resume_tickets')
    .where('run_id', '=', run.id)
    .where((where) => where.or([where('used_by_key', 'is', null), where('ticket_sha256', '=', resume.ticketSha256)]))
    .execute()
  await tx
    .insertInto('resume_tickets')
    .values([
      { ticket_sha256: resume.nextTicketSha256, run_id: run.id, used_by_key: null },
      { ticket_sha256: resume.ticketSha256, run_id: run.id, used_by_key: resume.identityKey },
    ])
    .execute()
  await writeRunToken(writing, { ...resume, usedAtMs: resume.nowMs })
  if (resume.client !== undefined) await welcomeClient(writing, resume.client, run.identityKey)
  await tx.updateTable('runs').set({ identity_key: resume.identityKey }).where('id', '=', run.id).execute()
  const ticketUsedBefore = ticket.used_by_key !== null && ticket.used_by_key !== resume.identityKey
  return { ...run, identityKey: resume.identityKey, ticketUsedBefore }
}

async function isTokenUsed({ tx }: Writing, runId: RunId): Promise<boolean> {
  const token = await tx.selectFrom('run_tokens').select('used').where('run_id', '=', runId).executeTakeFirst()
  return token?.used === 1
}

export function laneObservation(run: RunWithoutPolicy, observation: Observation, atMs: number): Observed {
  return { lane: laneOf(run), atMs, observation }
}

export function laneOf(run: RunWithoutPolicy): LaneId {
  const lane = parseMacAddress(run.lane)
  assert(lane !== undefined, `run ${run.id} has no lane`)
  return lane
}

function mayStillReport(run: RunRecord, nowMs: number): boolean {
  if (run.state === 'running') return true
  return run.state !== 'abandoned' && run.endedAtMs !== undefined && nowMs < run.endedAtMs + endedRunGraceMs
}

interface NewRunToken {
  readonly runId: RunId
  readonly runTokenSha256: string
  readonly idleMs: number
  readonly expiresAtMs: number
  readonly usedAtMs: number
}

/** A run has one token at a time. */
async function writeRunToken({ tx }: Writing, token: NewRunToken): Promise<void> {
  await tx.deleteFrom('run_tokens').where('run_id', '=', token.runId).execute()
  const row = {
    token_sha256: token.runTokenSha256,
    run_id: token.runId,
    idle_ms: token.idleMs,
    expires_at_ms: token.expiresAtMs,
    used_at_ms: token.usedAtMs,
    used: 0 as const,
  }
  await tx.insertInto('run_tokens').values(row).execute()
}

/** One live run a machine (I9). */
async function abandonOlderRuns(writing: Writing, run: RunRecord, nowMs: number): Promise<void> {
  const ended = await writing.tx
    .updateTable('runs')
    .set({ state: 'abandoned', ended_at_ms: nowMs })
    .where(runsOfMachine(run))
    .where('id', '!=', run.id)
    .returning(['id', 'deployment_id as deploymentId'])
    .execute()
  const { deviceId } = run
  for (const one of ended)
    await noteGivenUp(writing, { ...one, ...(deviceId === undefined ? {} : { deviceId }) }, nowMs)
}

/** The running ones. A lane is a card, which anybody may claim to have: it speaks only for machines that the site does not know. */
function runsOfMachine({ deviceId, lane }: Pick<RunRecord, 'deviceId' | 'lane'>) {
  return (where: ExpressionBuilder<Schema, 'runs'>) =>
    where.and([
      where('state', '=', 'running'),
      ...(deviceId === undefined
        ? [where('device_id', 'is', null), where('lane', '=', lane)]
        : [where('device_id', '=', deviceId)]),
    ])
}
