/**
 * The store over SQLite: writes go to the writer's thread (writer.ts), leases first to their journal, reads are made here over a
 * read-only connection, which sees a write as soon as its promise has resolved. This file joins ports.ts to commands/ and rows/, and decides nothing.
 */

import { setTimeout } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import type { SiteCode } from '../address/identifiers.ts'
import { eventsPerRunMax, type Policy } from '../contract/agent.ts'
import type { BootFacts } from '../boot/boot-facts.ts'
import { clientForLookUp } from '../boot/identify-device.ts'
import type { Lease } from '../dhcp/lease.ts'
import type { ContentFile } from '../site/content.ts'
import type { StartGuard } from '../site/start-guard.ts'
import { unknownComputerMarksMax } from '../site/unknown-computer-mark.ts'
import { alerts } from './alerts.ts'
import type { AgentStore, AllLanes, ProgressChange, RunRecord, SiteObjects, StateStores, Store } from './ports.ts'
import type { DebuggedRuns } from './debugger-port.ts'
import type { RequiredPxeMarks } from './marks-port.ts'
import { deploymentStatuses } from './deployment-statuses.ts'
import { media } from './media.ts'
import { memberships } from './memberships.ts'
import { deviceRecords } from './device-records.ts'
import type { CanaryRings } from './canary-port.ts'
import type { StartGuards } from './start-guard-port.ts'
import type { IdentifierLists } from '../site/listed-identifier.ts'
import type { Credentials } from './credentials-port.ts'
import { LeaseJournal, type LeaseJournalOptions } from './lease-journal.ts'
import { readAudit } from './reads/audit.ts'
import { readBootFacts, readCandidates } from './reads/boot-facts.ts'
import { BootFactsCache, type LastingFacts } from './reads/boot-facts-cache.ts'
import { ListsInMemory } from './reads/identifier-lists.ts'
import { readOccasions } from './rows/occasion-rows.ts'
import { readLastOutcomes } from './reads/last-outcomes.ts'
import { MembershipIndex } from './reads/membership-index.ts'
import { MembershipPlans } from './reads/membership-plans.ts'
import { CandidatesOfCollections } from './reads/candidates-of-collections.ts'
import { ClientsHeard } from './reads/clients-heard.ts'
import { RunsInBootImage } from './reads/runs-in-boot-image.ts'
import { readStatusMessages } from './reads/status-messages.ts'
import { touchedBy } from './reads/touched-objects.ts'
import { UntilEdit } from './reads/until-edit.ts'
import { KnownIdentifiers } from './reads/known-identifiers.ts'
import { readSessionByToken, readSessions } from './rows/agent-session-rows.ts'
import { distribution } from './distribution.ts'
import { readBootImageFiles, readKeptContent } from './rows/content-version-rows.ts'
import { readCanaryMembers } from './rows/canary-rows.ts'
import { replacedClient } from './rows/client-rows.ts'
import { readDebuggedRun, readNextDebugCommand } from './rows/debugged-run-rows.ts'
import { readDriverIndex } from './rows/driver-index-rows.ts'
import { readLeases } from './rows/lease-rows.ts'
import {
  readLanes,
  readRun,
  readRunEvents,
  readRunPolicy,
  readRuns,
  readRunWithoutPolicy,
  type RunWithoutPolicy,
  readUnansweredRun,
} from './rows/run-rows.ts'
import { isRunTokenLive, readRunToken } from './rows/run-token-rows.ts'
import { countUnattendedStarts, readStartGuard } from './rows/start-guard-rows.ts'
import { readNewestStateStore, readStateStore, readStateStoresOfRun } from './rows/state-store-rows.ts'
import { readWokenFor } from './rows/wake-up-rows.ts'
import { isTokenLive, readToken, readTokens } from './rows/token-rows.ts'
import { foldName } from './names.ts'
import type { CounterName, Schema } from './schema.ts'
import { siteObjects } from './site-objects.ts'
import { siteSettings } from './site-settings.ts'
import { claimSoleUse } from './sole-use.ts'
import { openForReading } from './sqlite-connection.ts'
import { messageOf } from '../caught-error.ts'
import { StoreError } from './store-error.ts'
import { type DoneCommand, Writer } from './writer.ts'

export interface StoreOptions {
  readonly databaseFile: string
  readonly siteCode: SiteCode
  nowMs(): number
  /** Absent or true: an acknowledged lease outlasts a loss of power. False: the end of this process. */
  readonly leaseSync?: boolean
  /** How long a journal of leases grows before the database takes them over. */
  readonly leaseJournalBytesMax?: number
  /** Of one run. */
  readonly eventsPerRunMax?: number
  readonly unknownComputerMarksMax?: number
  /** Of the server's settings; the site's own come on top. */
  readonly identifierPresets?: IdentifierLists
}

/** Rejects with a StoreError that says what is wrong with the file, or that another server has it. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const release = claimSoleUse(options.databaseFile)
  try {
    return await openClaimed(options, release)
  } catch (error) {
    release()
    throw error
  }
}

async function openClaimed(options: StoreOptions, release: () => void): Promise<Store> {
  const listeners = new Set<(change: ProgressChange) => void>()
  const onChange = (change: ProgressChange): void => {
    for (const listener of listeners) listener(change)
  }
  const { databaseFile, siteCode } = options
  const nowMs = (): number => options.nowMs()
  const commands = new Set<(done: DoneCommand) => void>()
  const onDone = (done: DoneCommand): void => {
    for (const learn of commands) learn(done)
  }
  const writer = await Writer.open({ databaseFile, siteCode, nowMs, onChange, onDone })
  const journal = await openJournal(options, writer)
  const db = openForReading(databaseFile)
  const identifiers = await KnownIdentifiers.read(db)
  const lists = await ListsInMemory.read(db, options.identifierPresets)
  commands.add((done) => lists.learn(done))
  const runs = await RunsInBootImage.read(db)
  const clients = await ClientsHeard.read(db)
  listeners.add((change) => runs.learn(change))
  const remembered = new BootFactsCache(() => writer.edits, identifiers)
  const plans = new MembershipPlans(db)
  const index = new MembershipIndex(db, plans)
  const candidates = new CandidatesOfCollections(
    () => writer.edits,
    (ids) => readCandidates(db, ids),
  )
  commands.add((done) => {
    identifiers.learnFrom(done)
    clients.learnFrom(done)
    for (const touched of touchedBy(done)) {
      plans.note(touched)
      index.note(touched)
    }
  })
  const objects = siteObjects(db, writer)
  const marksMax = options.unknownComputerMarksMax ?? unknownComputerMarksMax
  return {
    ...objects,
    devices: identifiers.learningFrom(objects.devices),
    ...contentAndMarks(db, writer),
    ...credentials(db, writer),
    ...agentStore(db, writer, options),
    startRun: async (start) => {
      const run = await writer.run('startRun', { start, unknownComputerMarksMax: marksMax })
      // Its mark may be asked for from now on.
      if (start.unknownComputer !== undefined) identifiers.learn(start.unknownComputer)
      const replaced = typeof run === 'string' ? undefined : replacedClient(start)
      if (replaced !== undefined) clients.forget(replaced)
      return run
    },
    ...stateStores(db, writer),
    ...debuggedRuns(db, writer),
    ...startGuards(db, writer),
    ...lists.listing(writer),
    ...siteSettings(db, writer),
    ...distribution(db, writer),
    ...media(db, writer),
    noteClientHeard: async (id, atMs) => {
      await writer.run('noteClientHeard', { id, atMs })
      clients.hear(id, atMs)
    },
    about(asking) {
      const identifierLists = lists.now
      const client = clientForLookUp(asking, identifierLists)
      const deployment = runs.of(client.macAddress)
      const run = deployment === undefined ? {} : { runInBootImage: deployment }
      const stamped = ({ deviceId, ...facts }: LastingFacts): BootFacts => ({
        ...facts,
        ...run,
        ...clients.of(deviceId),
        identifierLists,
        nowMs: nowMs(),
      })
      const facts = remembered.get(client, async (isKnown) =>
        readBootFacts(db, { client, isKnown, lists: identifierLists, plan: await plans.now(), candidates }),
      )
      return facts instanceof Promise ? facts.then(stamped) : stamped(facts)
    },
    auditEntries: (query) => readAudit(db, query),
    async importDevices(wanted) {
      const answer = await writer.run('importDevices', wanted)
      if ('answer' in answer) return answer.answer
      if (answer.kind === 'imported') for (const { device } of answer.rows) identifiers.learn(device)
      return answer
    },
    ...deviceRecords(writer, { identifiers, clients }),
    lastOutcomes: (id) => readLastOutcomes(db, id),
    occasions: (id) => readOccasions(db, id),
    noteOccasions: (id, told, atMs) => writer.run('noteOccasions', { id, told, atMs }),
    statusMessages: (query) => readStatusMessages(db, query),
    ...memberships({ db, writer, plans, index }),
    ...deploymentStatuses({ db, plans, index, nowMs }),
    ...alerts({ db, plans, index, nowMs, writer, commands, listeners, unknownComputerMarksMax: marksMax }),
    wokenFor: (id) => readWokenFor(db, id),
    noteWokenUp: (woken) => writer.run('noteWokenUp', woken),
    leases: () => readAllLeases(db, journal),
    saveLease: (lease) => journal.save(lease),
    observe: (observed) => writer.observe(observed),
    work: () => {
      const { queues, ...done } = writer.work
      return { ...done, queues: { ...queues, leases: journal.work } }
    },
    forgetExpired: (now) => writer.run('forgetExpired', now),
    forgetStrangers: (now) => writer.run('forgetStrangers', now),
    abandonSilentRuns: (silence) => writer.run('abandonSilentRuns', silence),
    endOverdueRuns: (now) => writer.run('endOverdueRuns', now),
    lanes: () => lanesWithSeq(db),
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close() {
      try {
        await journal.close()
      } finally {
        await writer.close()
        await db.destroy()
        release()
      }
    },
  }
}

/** Commands of this many leases leave room for others between them, and with a pause most of a core to those who answer. */
const leasesPerCommand = 200
const pauseMs = 50

async function openJournal(
  { databaseFile, leaseJournalBytesMax, leaseSync = true }: StoreOptions,
  writer: Writer,
): Promise<LeaseJournal> {
  const absorb: LeaseJournalOptions['absorb'] = async (leases, isUrgent) => {
    for (let at = 0; at < leases.length; at += leasesPerCommand) {
      await writer.run('saveLeases', leases.slice(at, at + leasesPerCommand))
      if (!isUrgent()) await setTimeout(pauseMs)
    }
  }
  try {
    const bytesMax = leaseJournalBytesMax === undefined ? {} : { bytesMax: leaseJournalBytesMax }
    return await LeaseJournal.open({ databaseFile, absorb, isSynced: leaseSync, ...bytesMax })
  } catch (error) {
    await writer.close()
    const problem = `The leases beside the database ${databaseFile} cannot be used: ${messageOf(error)}`
    throw new StoreError('cannot-open', problem, { cause: error })
  }
}

/** What the journal held before the database is read may be newer than what is read. */
async function readAllLeases(db: Kysely<Schema>, journal: LeaseJournal): Promise<readonly Lease[]> {
  const journalled = journal.leases
  const all = [...(await readLeases(db)), ...journalled, ...journal.leases]
  return [...new Map(all.map((lease) => [lease.address, lease])).values()]
}

type ContentAndMarks = Pick<SiteObjects, 'addContent' | 'driverIndex' | 'bootImageFiles' | 'keptContent'> &
  RequiredPxeMarks

function contentAndMarks(db: Kysely<Schema>, writer: Writer): ContentAndMarks {
  const files = new UntilEdit<readonly ContentFile[] | undefined>(() => writer.edits)
  return {
    addContent: (id, files, addition = {}) => writer.run('addContent', { id, files, addition }),
    driverIndex: (id) => readDriverIndex(db, id),
    bootImageFiles: async (id, version) => files.get(`${id} ${version}`, () => readBootImageFiles(db, id, version)),
    keptContent: () => readKeptContent(db),
    clearRequiredPxeDeployments: (id, deploymentId) => writer.run('clearRequiredPxeDeployments', { id, deploymentId }),
    clearRequiredPxeDeploymentsOfCollection: (id, deploymentId) => writer.run('clearCollection', { id, deploymentId }),
    clearRequiredPxeDeploymentsOfUnknownComputer: (computer, deploymentId) =>
      writer.run('clearUnknownComputer', { computer, deploymentId }),
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

/** A policy of thousands of steps or files is needed with each report and each file; such a one takes a few megabytes. */
const policiesRememberedMax = 64

function agentStore(db: Kysely<Schema>, writer: Writer, options: StoreOptions): Omit<AgentStore, 'startRun'> {
  const { eventsPerRunMax: eventsMax = eventsPerRunMax } = options
  const policies = new UntilEdit<Policy | undefined>(() => writer.edits, policiesRememberedMax)
  const withPolicy = async (run: RunWithoutPolicy): Promise<RunRecord | undefined> => {
    const policy = await policies.get(run.id, () => readRunPolicy(db, run.id))
    return policy && { ...run, policy }
  }
  return {
    addSession: (session, counter) => writer.run('addSession', { session, counter }),
    sessionOfToken: (tokenSha256) => readSessionByToken(db, tokenSha256),
    useSession: (tokenSha256, counter, nowMs) => writer.run('useSession', { tokenSha256, counter, nowMs }),
    approveSession: (code) => writer.run('approveSession', code),
    listSessions: async () => (await readSessions(db)).filter((session) => session.expiresAtMs > options.nowMs()),
    unansweredRun: (identityKey, deploymentId) => readUnansweredRun(db, identityKey, deploymentId),
    useRunToken: (tokenSha256, counter, nowMs) => writer.run('useRunToken', { tokenSha256, counter, nowMs }),
    async runOfToken(tokenSha256) {
      const token = await readRunToken(db, tokenSha256)
      const run = token && (await readRunWithoutPolicy(db, token.run_id))
      return run && withPolicy(run)
    },
    async peekRunToken(tokenSha256, nowMs) {
      const token = await readRunToken(db, tokenSha256)
      if (token === undefined || !isRunTokenLive(token, nowMs)) return undefined
      const run = await readRunWithoutPolicy(db, token.run_id)
      if (run?.state !== 'running') return undefined
      const known = await withPolicy(run)
      if (known === undefined) return undefined
      if (token.used === 0 || nowMs >= token.used_at_ms + Math.min(tokenUseNoteMs, token.idle_ms / 20)) {
        await writer.run('noteRunTokenUse', { tokenSha256, nowMs })
      }
      return known
    },
    resumeRun: (resume) => writer.run('resumeRun', resume),
    addEvents: (runId, events, receivedAtMs) => writer.run('addEvents', { runId, events, receivedAtMs, eventsMax }),
    getRun: (id) => readRun(db, id),
    listRuns: (limit) => readRuns(db, limit),
    runEvents: (id, sinceSeq, limit) => readRunEvents(db, id, { sinceSeq, limit }),
  }
}

function stateStores(db: Kysely<Schema>, writer: Writer): StateStores {
  return {
    addStateStore: (store) => writer.run('addStateStore', store),
    getStateStore: (id) => readStateStore(db, id),
    stateStoresOfRun: (runId) => readStateStoresOfRun(db, runId),
    restorableStateStore: (of) => readNewestStateStore(db, of, ['complete', 'restored']),
    unreleasedStateStore: (of) => readNewestStateStore(db, of, ['captured']),
    changeStateStore: (change) => writer.run('changeStateStore', change),
    forgetStateStores: (states, unchangedSinceMs) => writer.run('forgetStateStores', { states, unchangedSinceMs }),
    stateStoreIds: async () => {
      const rows = await db.selectFrom('state_stores').select('id').execute()
      return new Set(rows.map(({ id }) => id))
    },
  }
}

function debuggedRuns(db: Kysely<Schema>, writer: Writer): DebuggedRuns {
  return {
    debuggedRun: (runId) => readDebuggedRun(db, runId),
    addDebugCommand: (command) => writer.run('addDebugCommand', command),
    nextDebugCommand: (runId, after) => readNextDebugCommand(db, runId, after),
  }
}

function startGuards(db: Kysely<Schema>, writer: Writer): Omit<StartGuards, 'noteClientHeard'> & CanaryRings {
  const guard = new UntilEdit<StartGuard>(() => writer.edits)
  return {
    startGuard: async () => guard.get('site', () => readStartGuard(db)),
    stopStarts: (reason) => writer.run('turnStartSwitch', { stopBecause: reason }),
    allowStarts: () => writer.run('turnStartSwitch', {}),
    limitStarts: (limits) => writer.run('limitStarts', limits),
    canaryRing: (id) => readCanaryMembers(db, [id]),
    resumeCanary: (id) => writer.run('resumeCanary', id),
    approveDeployment: (id) => writer.run('approveDeployment', id),
    unattendedStarts: (sinceMs) => countUnattendedStarts(db, sinceMs),
  }
}

/** One snapshot: a lane that changes meanwhile has a higher number than the one told. */
function lanesWithSeq(db: Kysely<Schema>): Promise<AllLanes> {
  return db.transaction().execute(async (tx) => {
    const counters = await tx.selectFrom('counters').selectAll().where('name', 'in', ['watch', 'forgotten']).execute()
    const valueOf = (name: CounterName): number => counters.find((counter) => counter.name === name)?.next ?? 0
    return { seq: valueOf('watch') - 1, forgottenSeq: valueOf('forgotten'), lanes: await readLanes(tx) }
  })
}
