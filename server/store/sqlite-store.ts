/**
 * The store over SQLite: writes go to the writer's thread (writer.ts), reads are made here over a read-only connection, which
 * sees a write as soon as its promise has resolved. This file joins ports.ts to commands/ and rows/, and decides nothing.
 */

import type { Kysely } from 'kysely'
import type { SiteCode } from '../address/identifiers.ts'
import type { AgentStore, Credentials, ProgressChange, SiteObjects, Store } from './ports.ts'
import { readBootFacts } from './reads/boot-facts.ts'
import { readSessions } from './rows/agent-session-rows.ts'
import { readContentFiles } from './rows/content-version-rows.ts'
import { readLeases } from './rows/lease-rows.ts'
import { readLanes, readRun, readRunEvents, readRuns } from './rows/run-rows.ts'
import { isTokenLive, readToken, readTokens } from './rows/token-rows.ts'
import { foldName } from './names.ts'
import type { Schema } from './schema.ts'
import { siteObjects } from './site-objects.ts'
import { openForReading } from './sqlite-connection.ts'
import { Writer } from './writer.ts'

export interface StoreOptions {
  readonly databaseFile: string
  readonly siteCode: SiteCode
  nowMs(): number
}

/** Rejects with a StoreError that says what is wrong with the file. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const listeners = new Set<(change: ProgressChange) => void>()
  const onChange = (change: ProgressChange): void => {
    for (const listener of listeners) listener(change)
  }
  const { databaseFile, siteCode } = options
  const nowMs = (): number => options.nowMs()
  const writer = await Writer.open({ databaseFile, siteCode, nowMs, onChange })
  const db = openForReading(databaseFile)
  return {
    ...siteObjects(db, writer),
    ...contentAndMarks(db, writer),
    ...credentials(db, writer),
    ...agentStore(db, writer, nowMs),
    about: (client) => readBootFacts(db, client, nowMs()),
    leases: () => readLeases(db),
    saveLease: (lease) => writer.run('saveLease', lease),
    observe: (observed) => writer.observe(observed),
    lanes: () => lanesWithSeq(db),
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close() {
      await writer.close()
      await db.destroy()
    },
  }
}

type ContentAndMarks = Pick<SiteObjects, 'addContent' | 'contentFiles' | 'clearRequiredPxeDeployments'>

function contentAndMarks(db: Kysely<Schema>, writer: Writer): ContentAndMarks {
  return {
    addContent: (id, files) => writer.run('addContent', { id, files }),
    contentFiles: (id, version) => readContentFiles(db, id, version),
    clearRequiredPxeDeployments: (id, deploymentId) => writer.run('clearRequiredPxeDeployments', { id, deploymentId }),
  }
}

function credentials(db: Kysely<Schema>, writer: Writer): Credentials {
  return {
    async administratorExists() {
      const row = await db.selectFrom('administrators').select('name').limit(1).executeTakeFirst()
      return row !== undefined
    },
    async administratorPassword(name) {
      const row = await db
        .selectFrom('administrators')
        .select('password_phc')
        .where('name_folded', '=', foldName(name))
        .executeTakeFirst()
      return row?.password_phc
    },
    setAdministrator: (name, passwordPhc) => writer.run('setAdministrator', { name, passwordPhc }),
    addToken: (token) => writer.run('addToken', token),
    async useToken(sha256, nowMs) {
      const token = await readToken(db, sha256)
      if (token === undefined || !isTokenLive(token, nowMs)) return undefined
      // A use is written down once in a while only, so that reading the site does not write to the disk.
      const noteAfterMs = Math.min(tokenUseNoteMs, (token.idleMs ?? tokenUseNoteMs) / 20)
      if (nowMs < token.usedAtMs + noteAfterMs) return { ...token, usedAtMs: nowMs }
      return writer.run('useToken', { sha256, nowMs })
    },
    listTokens: () => readTokens(db),
    removeToken: (sha256) => writer.run('removeToken', sha256),
  }
}

/** How exactly the last use of a token is known, unless its idle limit asks for more. */
const tokenUseNoteMs = 60_000

function agentStore(db: Kysely<Schema>, writer: Writer, now: () => number): AgentStore {
  return {
    addSession: (session) => writer.run('addSession', session),
    useSession: (tokenSha256, counter, nowMs) => writer.run('useSession', { tokenSha256, counter, nowMs }),
    approveSession: (code) => writer.run('approveSession', code),
    listSessions: async () => (await readSessions(db)).filter((session) => session.expiresAtMs > now()),
    startRun: (run) => writer.run('startRun', run),
    useRunToken: (tokenSha256, counter, nowMs) => writer.run('useRunToken', { tokenSha256, counter, nowMs }),
    async peekRunToken(tokenSha256, nowMs) {
      const token = await db
        .selectFrom('run_tokens')
        .selectAll()
        .where('token_sha256', '=', tokenSha256)
        .executeTakeFirst()
      if (token === undefined || nowMs >= token.expires_at_ms || nowMs >= token.used_at_ms + token.idle_ms)
        return undefined
      const run = await readRun(db, token.run_id)
      return run?.state === 'running' ? run : undefined
    },
    resumeRun: (resume) => writer.run('resumeRun', resume),
    addEvents: (runId, events, receivedAtMs) => writer.run('addEvents', { runId, events, receivedAtMs }),
    getRun: (id) => readRun(db, id),
    listRuns: (limit) => readRuns(db, limit),
    runEvents: (id, sinceSeq, limit) => readRunEvents(db, id, { sinceSeq, limit }),
  }
}

/** One snapshot: a lane that changes meanwhile has a higher number than the one told. */
function lanesWithSeq(db: Kysely<Schema>) {
  return db.transaction().execute(async (tx) => {
    const counter = await tx.selectFrom('counters').select('next').where('name', '=', 'watch').executeTakeFirstOrThrow()
    return { seq: counter.next - 1, lanes: await readLanes(tx) }
  })
}
