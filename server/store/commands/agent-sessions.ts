/** Sessions of agents: made by a hello, approved by their code, used with a growing counter (security 6.4). */

import type { ExpressionBuilder, SelectQueryBuilder } from 'kysely'
import type { Hardware } from '../../contract/agent.ts'
import { decodeJson } from '../json-text.ts'
import type { AgentSession } from '../ports.ts'
import { readSessionByToken, readSessions, toSessionRow } from '../rows/agent-session-rows.ts'
import type { Schema } from '../schema.ts'
import { audit } from './audit.ts'
import { advanceCounter } from './agent-counters.ts'
import { takeNumbers } from './counters.ts'
import type { Writing } from './writing.ts'

/** A hello whose answer was lost is repeated a few times; a session keeps the tokens of the last ones. */
const tokensPerSessionMax = 8

/**
 * Sessions that nobody approved: anybody on the network can have them made. One that was heard within the last minute is
 * a machine that waits, or a flood; either way it stays, and the next one is told to come later.
 */
const unapprovedSessionsMax = 2_000
const unapprovedSessionsPerAddressMax = 64
const livelyMs = 60_000

export interface AddSession {
  readonly session: AgentSession
  /** Of the hello. */
  readonly counter: number
}

/**
 * Nobody else can sign with the key, so the same key and nonce are the same agent asking again: the code that its screen shows,
 * its approval and its end stay; where it is and which device it is may have become known since. What was approved is the
 * machine that was shown, so an agent that suddenly tells of another one waits again (security A04, A06).
 *
 * A client of an installed system keeps its key and asks again for as long as the system lives, so its session lasts as long
 * from each time it is heard: a machine that was approved is approved the next morning, too.
 */
export async function addSession(
  writing: Writing,
  { session, counter }: AddSession,
): Promise<AgentSession | 'replayed' | 'too-many'> {
  const { tx, nowMs } = writing
  await tx.deleteFrom('agent_sessions').where(isOf(session)).where('expires_at_ms', '<=', nowMs).execute()
  const kept = await tx.selectFrom('agent_sessions').select('hardware').where(isOf(session)).executeTakeFirst()
  if (kept === undefined && !(await makeRoom(writing, session.ipAddress))) return 'too-many'
  if (!(await advanceCounter(writing, session.identityKey, counter))) return 'replayed'
  const row = { ...toSessionRow(session), heard_at_ms: nowMs }
  if (kept === undefined) await tx.insertInto('agent_sessions').values(row).execute()
  else await renew(writing, session, decodeJson(kept.hardware))
  if (session.approved) await approve(writing, session)
  await keepApprovedClient(writing, session)
  await addToken(writing, session)
  return (await readSessionByToken(tx, session.tokenSha256)) ?? session
}

export interface UseToken {
  readonly tokenSha256: string
  readonly counter: number
  readonly nowMs: number
}

export async function useSession(
  writing: Writing,
  { tokenSha256, counter, nowMs }: UseToken,
): Promise<AgentSession | 'unknown-token' | 'replayed' | 'expired'> {
  const session = await readSessionByToken(writing.tx, tokenSha256)
  if (session === undefined) return 'unknown-token'
  if (nowMs >= session.expiresAtMs) return 'expired'
  return (await advanceCounter(writing, session.identityKey, counter)) ? session : 'replayed'
}

/** The person compared the code on both screens. Two machines that show one code are not told apart: neither is approved. */
export async function approveSession(writing: Writing, code: string): Promise<AgentSession | undefined> {
  const sessions = await readSessions(writing.tx)
  const waiting = sessions.filter((session) => session.code === code && session.expiresAtMs > writing.nowMs)
  const [session] = waiting
  if (session === undefined || waiting.length > 1) return undefined
  await approve(writing, session)
  await keepApprovedClient(writing, session)
  const { identityKey, hardware, ipAddress, deviceId } = session
  const name = deviceId === undefined ? hardware.macAddresses.join(', ') : `device ${deviceId}`
  await audit(writing, {
    action: 'approve',
    kind: 'machine',
    id: identityKey,
    name,
    after: { code, ipAddress, hardware },
  })
  return { ...session, approved: true }
}

/** Longer than anybody is away; one that nobody approved goes with the others. */
const approvedClientLastsMs = 90 * 24 * 3_600_000

async function keepApprovedClient({ tx, nowMs }: Writing, session: AgentSession): Promise<void> {
  await tx
    .updateTable('agent_sessions')
    .set({ expires_at_ms: nowMs + approvedClientLastsMs })
    .where(isOf(session))
    .where('approved', '=', 1)
    .where('started_from', '=', 'installed-system')
    .execute()
}

/**
 * The client of a system that an approved machine installed: it has the ticket from the disk of that machine, and nobody has to
 * come and approve the same machine once more.
 */
export async function welcomeClient(writing: Writing, client: AgentSession, approvedKey: string): Promise<void> {
  const { tx, nowMs } = writing
  const approved = await tx
    .selectFrom('agent_sessions')
    .select('hardware')
    .where('identity_key', '=', approvedKey)
    .where('approved', '=', 1)
    .where('expires_at_ms', '>', nowMs)
    .executeTakeFirst()
  if (approved === undefined) return
  const row = { ...toSessionRow({ ...client, approved: true }), heard_at_ms: nowMs }
  const { hardware, approved: isApproved, heard_at_ms } = row
  await tx
    .insertInto('agent_sessions')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['identity_key', 'nonce']).doUpdateSet({ hardware, approved: isApproved, heard_at_ms }),
    )
    .execute()
  await keepApprovedClient(writing, client)
}

async function makeRoom(writing: Writing, ipAddress: string): Promise<boolean> {
  const { tx } = writing
  const all = tx.selectFrom('agent_sessions').where('approved', '=', 0)
  const fromThere = all.where('ip_address', '=', ipAddress)
  return (
    (await dropOldest(writing, fromThere, unapprovedSessionsPerAddressMax)) &&
    (await dropOldest(writing, all, unapprovedSessionsMax))
  )
}

/** The one not heard longest goes; its agent, should there be one, says hello again. False: all are heard just now. */
async function dropOldest(
  { tx, nowMs }: Writing,
  sessions: SelectQueryBuilder<Schema, 'agent_sessions', object>,
  max: number,
): Promise<boolean> {
  const { count } = await sessions
    .select((select) => select.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  if (count < max) return true
  const oldest = await sessions
    .select(['identity_key', 'nonce', 'heard_at_ms'])
    .orderBy('heard_at_ms')
    .limit(1)
    .executeTakeFirstOrThrow()
  if (nowMs < oldest.heard_at_ms + livelyMs) return false
  const { identity_key: identityKey, nonce } = oldest
  await tx.deleteFrom('agent_sessions').where(isOf({ identityKey, nonce })).execute()
  return true
}

async function renew({ tx, nowMs }: Writing, session: AgentSession, before: Hardware): Promise<void> {
  const { hardware, ip_address, device_id } = toSessionRow(session)
  const approval = identifiersOf(before) === identifiersOf(session.hardware) ? {} : { approved: 0 as const }
  const lasting = session.startedFrom === 'installed-system' ? { expires_at_ms: session.expiresAtMs } : {}
  const { started_from, medium_id, preferred } = toSessionRow(session)
  const from = { started_from, medium_id, preferred }
  const seen = { hardware, ip_address, device_id, heard_at_ms: nowMs, ...from, ...lasting, ...approval }
  await tx.updateTable('agent_sessions').set(seen).where(isOf(session)).execute()
}

/** What a device is known by, in one text. */
function identifiersOf({ macAddresses, smbiosGuid, serialNumber }: Hardware): string {
  const texts = [smbiosGuid, serialNumber, ...macAddresses.toSorted()]
  return JSON.stringify(texts.map((text) => text?.toLowerCase() ?? ''))
}

async function approve({ tx }: Writing, session: AgentSession): Promise<void> {
  await tx.updateTable('agent_sessions').set({ approved: 1 }).where(isOf(session)).execute()
}

/** One start of one agent. */
function isOf({ identityKey, nonce }: Pick<AgentSession, 'identityKey' | 'nonce'>) {
  return (where: ExpressionBuilder<Schema, 'agent_sessions'>) =>
    where.and([where('identity_key', '=', identityKey), where('nonce', '=', nonce)])
}

async function addToken(writing: Writing, session: AgentSession): Promise<void> {
  const { tx } = writing
  const issued = await takeNumbers(writing, 'session-token', 1)
  const row = { token_sha256: session.tokenSha256, identity_key: session.identityKey, nonce: session.nonce, issued }
  await tx
    .insertInto('agent_session_tokens')
    .values(row)
    .onConflict((conflict) => conflict.column('token_sha256').doUpdateSet({ issued }))
    .execute()
  const tokens = await tx
    .selectFrom('agent_session_tokens')
    .select('token_sha256')
    .where('identity_key', '=', session.identityKey)
    .where('nonce', '=', session.nonce)
    .orderBy('issued', 'desc')
    .execute()
  for (const { token_sha256 } of tokens.slice(tokensPerSessionMax)) {
    await tx.deleteFrom('agent_session_tokens').where('token_sha256', '=', token_sha256).execute()
  }
}
