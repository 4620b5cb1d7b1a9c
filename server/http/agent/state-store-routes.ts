/**
 * The state migration point (S2-049 to S2-052): `/agent/v1/state-stores`. A run whose policy asks for a state store gets
 * one, or the newest that was completed for its computer; it writes sealed chunks (state-chunk-routes.ts), says that all
 * are there, and releases it. Only the run that captures writes; only the run that was given the store to restore reads; everything else is not
 * there (security A03, A14).
 */

import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { z } from 'zod'
import {
  type OpenStateStore,
  type OpenStateStoreAnswer,
  type ReleaseStateStore,
  type RequestStateStore,
  type StateCaptured,
  type StateStoreAnswer,
  type StateStorePurpose,
} from '../../contract/agent.ts'
import { flattenNodes } from '../../sequence/progress.ts'
import type { RunRecord, StateStoreRecord } from '../../store/ports.ts'
import { agentProblem } from './agent-problem.ts'
import {
  openStateStoreSchema,
  releaseStateStoreSchema,
  requestStateStoreSchema,
  stateCapturedSchema,
} from './agent-schemas.ts'
import type { Agents } from './agents.ts'
import { parseMessage } from './parse-message.ts'
import { requireRun } from './run-routes.ts'
import { sealStateKey } from './seal-state-key.ts'
import { readSignedRequest } from './signed-request.ts'

/** A sequence has one, and a step may be tried again; a machine gone wrong must not fill the site. */
const storesPerRunMax = 4

export async function requestStateStore(agents: Agents, request: IncomingMessage): Promise<StateStoreAnswer> {
  const { store, now, log } = agents.site
  const { message, run } = await readMessage<RequestStateStore>(agents, request, requestStateStoreSchema)
  requireStep(run, message.purpose)
  if (message.purpose === 'restore') return findRestorable(agents, run)
  const earlier = await store.stateStoresOfRun(run.id)
  // The store was made, and the answer lost; or the step is tried again.
  const open = earlier.find(({ state }) => state === 'capturing')
  if (open !== undefined) return { storeId: open.id }
  if (earlier.length >= storesPerRunMax) {
    throw agentProblem('invalid', `A run has at most ${storesPerRunMax} state stores, and this one has them.`)
  }
  const { lane, machineName, deviceId } = run
  const record: StateStoreRecord = {
    id: randomBytes(16).toString('hex'),
    runId: run.id,
    ...(deviceId === undefined ? {} : { deviceId }),
    lane,
    machineName,
    state: 'capturing',
    key: randomBytes(32).toString('base64'),
    chunks: 0,
    createdAtMs: now(),
    changedAtMs: now(),
  }
  await store.addStateStore(record)
  log.info({ run: run.id, device: machineName, store: record.id }, 'a state store was made')
  return { storeId: record.id }
}

/** A run that has a store of its own restores that one, whatever was captured earlier; any other the newest of its computer. */
async function findRestorable({ site }: Agents, run: RunRecord): Promise<StateStoreAnswer> {
  const { store, now, log } = site
  const own = await store.stateStoresOfRun(run.id)
  const found = own.length === 0 ? await store.restorableStateStore(run) : newestRestorable(own)
  if (found === undefined) return nothingToRestore(own, await store.unreleasedStateStore(run))
  const change = { id: found.id, from: [found.state], to: found.state, restoringRunId: run.id, nowMs: now() }
  if ((await store.changeStateStore(change)) === undefined) throw agentProblem('not-found')
  log.info({ run: run.id, device: run.machineName, store: found.id }, 'a state store is given to be restored')
  return { storeId: found.id }
}

function newestRestorable(stores: readonly StateStoreRecord[]): StateStoreRecord | undefined {
  return stores
    .filter(({ state }) => state === 'complete' || state === 'restored')
    .toSorted((one, other) => other.createdAtMs - one.createdAtMs)[0]
}

/**
 * A machine that was bare, and started from the network, skips the group that captures: nothing of it is lost, and the
 * installation is to end well. State that was captured and is not to be had is a loss, and no answer.
 */
function nothingToRestore(
  own: readonly StateStoreRecord[],
  unreleased: StateStoreRecord | undefined,
): StateStoreAnswer {
  if (own.length > 0 || unreleased !== undefined) {
    throw agentProblem('not-found', 'User state was captured for this computer, but not completely or not released.')
  }
  return { storeId: '' }
}

export async function openStateStore(agents: Agents, request: IncomingMessage): Promise<OpenStateStoreAnswer> {
  const { store, userState, now, log } = agents.site
  const { message, run } = await readMessage<OpenStateStore>(agents, request, openStateStoreSchema)
  const found = await store.getStateStore(message.storeId)
  if (found === undefined) throw agentProblem('not-found')
  const answer = (chunks: number): OpenStateStoreAnswer => {
    log.info({ run: run.id, device: run.machineName, store: found.id }, 'the key of a state store was given')
    return { ...sealStateKey(Buffer.from(found.key, 'base64'), message.sealingKey), chunks }
  }
  if (isRestoring(found, run)) return answer(found.chunks)
  // What was captured and not released is kept for whoever can release it: a restore must not begin it anew.
  if (message.purpose === 'restore') throw agentProblem('not-found')
  if (found.runId !== run.id) throw agentProblem('not-found')
  const change = {
    id: found.id,
    from: ['capturing', 'captured'] as const,
    to: 'capturing' as const,
    chunks: 0,
    nowMs: now(),
  }
  if ((await store.changeStateStore(change)) === undefined) throw agentProblem('not-found')
  // Each capture begins anew.
  await userState.remove(found.id)
  return answer(0)
}

export async function stateWasCaptured(agents: Agents, request: IncomingMessage): Promise<object> {
  const { store, userState, now } = agents.site
  const { message, run } = await readMessage<StateCaptured>(agents, request, stateCapturedSchema)
  const { storeId: id, chunks } = message
  const found = await store.getStateStore(id)
  if (found?.runId !== run.id) throw agentProblem('not-found')
  // Said again after a lost answer.
  if (found.state === 'captured' && found.chunks === chunks) return {}
  if (!(await userState.has(id, chunks))) throw agentProblem('invalid', 'Chunks of the captured state are missing.')
  const change = { id, from: ['capturing'] as const, to: 'captured' as const, chunks, nowMs: now() }
  if ((await store.changeStateStore(change)) === undefined) throw agentProblem('not-found')
  return {}
}

/** S2-052: after a capture it may be restored; after a restore the time begins after which it is removed. */
export async function releaseStateStore(agents: Agents, request: IncomingMessage): Promise<object> {
  const { store, now, log } = agents.site
  const { message, run } = await readMessage<ReleaseStateStore>(agents, request, releaseStateStoreSchema)
  const found = await store.getStateStore(message.storeId)
  if (found === undefined) throw agentProblem('not-found')
  const isRestore = isRestoring(found, run)
  if (!isRestore && found.runId !== run.id) throw agentProblem('not-found')
  if (!isRestore && found.state === 'complete') return {}
  const to = isRestore ? ('restored' as const) : ('complete' as const)
  const from = isRestore ? (['complete', 'restored'] as const) : (['captured'] as const)
  const changed = await store.changeStateStore({ id: found.id, from, to, nowMs: now() })
  if (changed === undefined) {
    throw agentProblem('invalid', 'Nothing was captured into this state store, so there is nothing to release.')
  }
  log.info({ run: run.id, device: run.machineName, store: found.id, state: to }, 'a state store was released')
  return {}
}

/** Whether this run was given the store to restore it. */
export function isRestoring({ state, restoringRunId }: StateStoreRecord, { id }: RunRecord): boolean {
  return restoringRunId === id && (state === 'complete' || state === 'restored')
}

/** A run without the step has nothing to keep or to fetch. */
function requireStep({ policy }: RunRecord, purpose: StateStorePurpose): void {
  const asks = flattenNodes(policy.sequence).some(
    ({ node, enabled }) =>
      enabled && node.kind === 'step' && node.action.type === 'request-state-store' && node.action.purpose === purpose,
  )
  if (!asks) throw agentProblem('not-found')
}

async function readMessage<Message extends { readonly runId: string }>(
  { site }: Agents,
  request: IncomingMessage,
  schema: z.ZodType<Message>,
): Promise<{ readonly message: Message; readonly run: RunRecord }> {
  const signed = await readSignedRequest(request)
  const message = parseMessage(schema, signed.document)
  const run = await requireRun(site, signed)
  if (run.id !== message.runId) throw agentProblem('not-found')
  return { message, run }
}
