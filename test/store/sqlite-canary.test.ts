/** Canary rings in the store: joined in the transaction of the start, told at once when a run ends, and let go by an administrator. */

import test from 'ava'
import * as fc from 'fast-check'
import type { DeploymentId, RunId } from '../../server/address/identifiers.ts'
import { parseRunId } from '../../server/address/identifiers.ts'
import { parseMacAddress } from '../../server/address/mac-address.ts'
import { assert } from '../../server/assert.ts'
import type { RunEventBody } from '../../server/contract/agent.ts'
import type { Draft, Store } from '../../server/store/ports.ts'
import { actingAs } from '../../server/store/actor.ts'
import type { Deployment } from '../../server/site/deployment.ts'
import { openSqliteSite, startMs } from './open-test-store.ts'
import { client, collectionId, deployment, event, mac, newRun, saved, smallSite } from './site-builders.ts'

const unknown = collectionId('RVL10002')
const stranger = client({ macAddress: mac('52:54:00:00:00:99') })
const ended = (kind: 'succeeded' | 'failed'): RunEventBody => ({
  kind: 'sequence-ended',
  outcome: kind === 'succeeded' ? { kind } : { kind, path: [], exitCode: 1, message: 'broken' },
})

async function deploy(
  store: Store,
  canary: Deployment['canary'],
): Promise<{ id: DeploymentId; draft: Draft<Deployment> }> {
  const { sequence } = await smallSite(store)
  const draft = deployment(sequence.id, unknown, canary === undefined ? {} : { canary })
  return { id: saved(await store.deployments.create(draft)).id, draft }
}

let runs = 0

/** A machine of its own for each number; each start is another run. */
async function start(store: Store, deploymentId: DeploymentId, machine: number): Promise<RunId | string> {
  runs += 1
  const text = runs.toString(16)
  const [id, lane] = [
    parseRunId(text.padStart(32, '0')),
    parseMacAddress(`0200000000${String(machine).padStart(2, '0')}`),
  ]
  assert(id !== undefined && lane !== undefined, 'numbers make identifiers')
  const secret = (kind: string) => `${kind}${text.padStart(63, '0')}`
  const keys = { identityKey: `key-${text}`, token: secret('1'), ticket: secret('2'), mayReplaceLive: true }
  const run = await store.startRun(newRun({ id, lane, deploymentId, startedAtMs: startMs, ...keys }))
  return typeof run === 'string' ? `refused: ${run}` : run.id
}

async function end(store: Store, id: RunId | string, kind: 'succeeded' | 'failed'): Promise<void> {
  const runId = parseRunId(id)
  assert(runId !== undefined, id)
  await store.addEvents(runId, [event(1, ended(kind))], startMs)
}

const statesOf = async (store: Store, id: DeploymentId) => (await store.canaryRing(id)).map(({ state }) => state)

test('the ring goes ahead, the rest follows, and every machine is told at once when a run of it ends', async (t) => {
  const { store, reopen } = await openSqliteSite(t)
  const { id } = await deploy(store, { machines: 2, failuresMax: 0 })
  const first = await start(store, id, 1)
  // Given together, so that they are in one transaction: there is room for one.
  const [second, third] = await Promise.all([start(store, id, 2), start(store, id, 3)])
  t.is(third, 'refused: held-by-ring')
  const toldOf = async () => (await store.about(stranger)).candidates[0]?.canaryRing?.map(({ state }) => state)
  t.deepEqual(await toldOf(), ['running', 'running'])
  await end(store, first, 'succeeded')
  t.deepEqual(await toldOf(), ['succeeded', 'running'], 'what was remembered is not told any more')
  t.is(await start(store, id, 3), 'refused: held-by-ring')
  await end(store, second, 'succeeded')
  const again = await reopen()
  t.regex(await start(again, id, 3), /^[0-9a-f]{32}$/)
  t.deepEqual(await statesOf(again, id), ['succeeded', 'succeeded'], 'who comes later is none of it')
})

test('too many failures stop it until an administrator resumes it, which is audited; a silent run has failed', async (t) => {
  const { store } = await openSqliteSite(t)
  const { id } = await deploy(store, { machines: 2, failuresMax: 0 })
  await start(store, id, 1)
  t.is((await store.abandonSilentRuns({ nowMs: startMs + 3_600_000, silentMs: 60_000 })).length, 1)
  t.deepEqual(await statesOf(store, id), ['abandoned'])
  t.deepEqual((await store.about(stranger)).candidates[0]?.canaryRing?.[0]?.state, 'abandoned')
  for (const machine of [1, 2]) t.is(await start(store, id, machine), 'refused: held-by-ring')
  await actingAs({ key: 'a', name: 'anna' }, async () => saved(await store.resumeCanary(id)))
  t.deepEqual(await statesOf(store, id), [])
  const [entry] = await store.auditEntries({ id, limit: 1 })
  t.like(entry, { by: 'anna', action: 'resume-canary', kind: 'deployment' })
  t.regex(await start(store, id, 2), /^[0-9a-f]{32}$/)
})

test('another ring begins anew, one that stays as it is does not, and no ring holds nobody', async (t) => {
  const { store } = await openSqliteSite(t)
  const { id, draft } = await deploy(store, { machines: 1, failuresMax: 0 })
  await end(store, await start(store, id, 1), 'failed')
  saved(await store.deployments.replace(id, { ...draft, comment: 'broken?' }, undefined))
  t.is(await start(store, id, 2), 'refused: held-by-ring')
  saved(await store.deployments.replace(id, { ...draft, canary: { machines: 3, failuresMax: 0 } }, undefined))
  t.deepEqual(await statesOf(store, id), [])
  await end(store, await start(store, id, 2), 'failed')
  t.is(await start(store, id, 3), 'refused: held-by-ring')
  const { canary: _, ...without } = draft
  saved(await store.deployments.replace(id, without, undefined))
  t.regex(await start(store, id, 3), /^[0-9a-f]{32}$/)
  t.is((await store.resumeCanary(id)).kind, 'refused')
  saved(await store.deployments.remove(id, undefined))
  t.is((await store.resumeCanary(id)).kind, 'not-found')
})

test('whatever starts and ends, no more machines run a deployment than its ring has, before the ring has ended', async (t) => {
  const { store } = await openSqliteSite(t)
  const { draft } = await deploy(store, undefined)
  const step = fc.record({
    machine: fc.integer({ min: 1, max: 6 }),
    what: fc.constantFrom<'start' | 'succeeded' | 'failed'>('start', 'start', 'succeeded', 'failed'),
  })
  const anyRing = fc.record({ machines: fc.integer({ min: 1, max: 3 }), failuresMax: fc.integer({ min: 0, max: 2 }) })
  const play = fc.asyncProperty(anyRing, fc.array(step, { maxLength: 16 }), async (canary, steps) => {
    const { id } = saved(await store.deployments.create({ ...draft, canary }))
    const running = new Map<number, string>()
    const started = new Set<number>()
    let [succeeded, failed] = [0, 0]
    for (const { machine, what } of steps) {
      const run = running.get(machine)
      if (what === 'start' && run === undefined) {
        const answer = await start(store, id, machine)
        if (answer.startsWith('refused')) continue
        t.true(failed <= canary.failuresMax, 'a ring that failed lets nobody start')
        running.set(machine, answer)
        started.add(machine)
        const hasEnded = started.size > canary.machines && succeeded + failed >= canary.machines
        t.true(started.size <= canary.machines || hasEnded)
      } else if (what !== 'start' && run !== undefined) {
        await end(store, run, what)
        running.delete(machine)
        if (started.size > canary.machines) continue
        if (what === 'succeeded') succeeded += 1
        else failed = (await statesOf(store, id)).filter((state) => state === 'failed').length
      }
    }
    for (const run of running.values()) await end(store, run, 'succeeded')
  })
  await fc.assert(play, { numRuns: 20 })
})
