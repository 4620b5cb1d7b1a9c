/** The state migration point over the real store: who may capture, restore and release what, and the agent's own client of it. */

import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { Fault } from '../../bootstrap/fault.ts'
import { siteStateStores } from '../../bootstrap/site-state-stores.ts'
import type { StateStoreSite } from '../../bootstrap/state-store.ts'
import { forgetUserState } from '../../server/schedule/forget-user-state.ts'
import { UserStateFolder } from '../../server/content/user-state-folder.ts'
import { openTestSite, TestAgent, type TestSite } from './test-site.ts'

const dayMs = 24 * 3_600_000

interface Machine {
  readonly agent: TestAgent
  readonly runId: string
  readonly runToken: string
  readonly stores: StateStoreSite
}

/** A site where each device may run a sequence with these purposes. */
async function openSite(t: ExecutionContext, purposes: readonly string[] = ['capture', 'restore']) {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const boot = await site.api('POST', '/boot-images', { name: 'Boot', architecture: 'x64' })
  const steps = purposes.map((purpose) => ({ name: purpose, action: { type: 'request-state-store', purpose } }))
  const sequence = { name: 'Move', children: [...steps, { action: { type: 'run-command-line', commandLine: 'true' } }] }
  const made = await site.api('POST', '/task-sequences', { bootImageId: boot.json['id'], sequence })
  const deployed = await site.api('POST', '/deployments', {
    taskSequenceId: made.json['id'],
    collectionId: 'RVL10001',
    purpose: 'available',
    makeAvailableTo: 'media-and-pxe',
  })
  return { site, deploymentId: String(deployed.json['id']) }
}

type Opened = Awaited<ReturnType<typeof openSite>>

/** A device with a run of its own; asked again it is the same device with another run. */
async function startRun({ site, deploymentId }: Opened, mac: string): Promise<Machine> {
  // Long enough for an earlier agent of this machine to be taken for gone.
  site.clock.nowMs += 200_000
  await site.api('POST', '/devices', { name: `PC ${mac.slice(-2)}`, macAddresses: [mac] })
  const agent = new TestAgent(mac)
  const hello = await agent.sayHello(site)
  const code = hello.json['code']
  if (typeof code === 'string') await site.api('POST', `/agent-sessions/${code}/approve`)
  const answer = await agent.say(site, '/agent/v1/runs', { deploymentId, variables: [] }, String(hello.json['session']))
  const runId = String(answer.json['runId'])
  const runToken = String(answer.json['runToken'])
  return { agent, runId, runToken, stores: clientOf(site, { agent, runId, runToken }) }
}

/** What the steps of the agent ask, over the test's own signed requests. */
function clientOf(site: TestSite, { agent, runId, runToken }: Omit<Machine, 'stores'>): StateStoreSite {
  const link = {
    ask: async <A>(path: string, body: object, decode: (value: unknown) => A | undefined): Promise<A> => {
      const answer = await agent.say(site, path, { runId, ...body }, runToken)
      if (answer.status !== 200) throw new Fault('not-found', path, String(answer.json['detail']))
      const decoded = decode(answer.json)
      if (decoded === undefined) throw new Error('not the expected answer')
      return decoded
    },
  }
  const bases = [`http://127.0.0.1:${site.port}`]
  return siteStateStores(link, { bases, token: () => runToken, onFault: () => {}, backOff: { firstMs: 1, mostMs: 1 } })
}

async function beginAt(machine: Machine): Promise<string> {
  const storeId = await machine.stores.request('capture')
  if (storeId === undefined) throw new Error('no store was made')
  return storeId
}

async function captureAt(machine: Machine, chunks: readonly Buffer[]): Promise<string> {
  const storeId = await beginAt(machine)
  await machine.stores.open(storeId, 'capture')
  for (const [index, chunk] of chunks.entries()) await machine.stores.putChunk(storeId, index, chunk)
  await machine.stores.captured(storeId, chunks.length)
  return storeId
}

const first = '52:54:00:00:5a:01'
const second = '52:54:00:00:5a:02'
const chunks = [randomBytes(4 * 1024 * 1024 + 32), randomBytes(10)]

test('S2-049, S2-052: what is captured and released is restored by the same computer in a later run', async (t) => {
  const opened = await openSite(t)
  const old = await startRun(opened, first)
  const storeId = await beginAt(old)
  t.is(await old.stores.request('capture'), storeId)
  const { key, chunks: none } = await old.stores.open(storeId, 'capture')
  t.is(key.length, 32)
  t.is(none, 0)
  await captureAt(old, chunks)
  await t.throwsAsync(old.stores.request('restore'), { message: /but not completely or not released/ })
  await old.stores.release(storeId)
  await old.stores.release(storeId)

  const next = await startRun(opened, first)
  t.not(next.runId, old.runId)
  t.is(await next.stores.request('restore'), storeId)
  const again = await next.stores.open(storeId, 'restore')
  t.deepEqual(Buffer.from(again.key), Buffer.from(key))
  t.is(again.chunks, 2)
  for (const [index, chunk] of chunks.entries()) t.true((await next.stores.getChunk(storeId, index)).equals(chunk))
  await next.stores.release(storeId)
})

test('S2-050: another computer gets neither store, nor key, nor octets', async (t) => {
  const opened = await openSite(t)
  const owner = await startRun(opened, first)
  const storeId = await captureAt(owner, chunks)
  const stranger = await startRun(opened, second)
  const refusals = async (): Promise<void> => {
    t.is(await stranger.stores.request('restore'), undefined)
    await t.throwsAsync(stranger.stores.open(storeId, 'restore'), { message: /not there/ })
    await t.throwsAsync(stranger.stores.putChunk(storeId, 0, Buffer.from('x')), { message: /does not take/ })
    await t.throwsAsync(stranger.stores.getChunk(storeId, 0), { message: /does not give/ })
    await t.throwsAsync(stranger.stores.captured(storeId, 1), { message: /not there/ })
    await t.throwsAsync(stranger.stores.release(storeId), { message: /not there/ })
  }
  await refusals()
  await owner.stores.release(storeId)
  await refusals()
  // Not even who captured it reads it before it is given back.
  await t.throwsAsync(owner.stores.getChunk(storeId, 0), { message: /does not give/ })
})

test('S2-049: a computer of which nothing was captured has nothing to restore, and one whose state is lost is told', async (t) => {
  const opened = await openSite(t)
  const bare = await startRun(opened, first)
  t.is(await bare.stores.request('restore'), undefined)
  const owner = await startRun(opened, second)
  const storeId = await beginAt(owner)
  const isLost = { message: /captured for this computer, but not completely or not released/ }
  await t.throwsAsync(owner.stores.request('restore'), isLost)
  await owner.stores.open(storeId, 'capture')
  await owner.stores.putChunk(storeId, 0, Buffer.from('x'))
  await owner.stores.captured(storeId, 1)
  // A run that broke off before the release, and then the machine is installed from the network.
  const next = await startRun(opened, second)
  await t.throwsAsync(next.stores.request('restore'), isLost)
})

test('S2-049: what a run that broke off has begun to capture is nothing that a later one could restore', async (t) => {
  const opened = await openSite(t)
  await beginAt(await startRun(opened, first))
  const next = await startRun(opened, first)
  t.is(await next.stores.request('restore'), undefined)
})

test('S2-049: a run whose own capture came to nothing is not given an older one; one that captured nothing is', async (t) => {
  const opened = await openSite(t)
  const older = await startRun(opened, first)
  const olderId = await captureAt(older, chunks)
  await older.stores.release(olderId)
  const failing = await startRun(opened, first)
  await beginAt(failing)
  await t.throwsAsync(failing.stores.request('restore'), { message: /but not completely or not released/ })
  const next = await startRun(opened, first)
  t.is(await next.stores.request('restore'), olderId)
})

test('S2-051: a restore does not begin anew what this run captured and could not release', async (t) => {
  const opened = await openSite(t)
  const machine = await startRun(opened, first)
  const storeId = await captureAt(machine, chunks)
  await t.throwsAsync(machine.stores.open(storeId, 'restore'), { message: /not there/ })
  await machine.stores.release(storeId)
  t.is(await machine.stores.request('restore'), storeId)
  t.is((await machine.stores.open(storeId, 'restore')).chunks, 2)
  t.true((await machine.stores.getChunk(storeId, 0)).equals(chunks[0] ?? Buffer.alloc(0)))
})

test('S2-049: of several captures of one run the newest that was released is restored', async (t) => {
  const opened = await openSite(t)
  const machine = await startRun(opened, first)
  const storeIds: string[] = []
  for (let index = 0; index < 2; index += 1) {
    const storeId = await captureAt(machine, chunks)
    await machine.stores.release(storeId)
    storeIds.push(storeId)
    opened.site.clock.nowMs += 1
  }
  await beginAt(machine)
  t.is(await machine.stores.request('restore'), storeIds[1])
})

test('S2-052: what is complete is changed by nobody any more', async (t) => {
  const opened = await openSite(t)
  const owner = await startRun(opened, first)
  const storeId = await captureAt(owner, chunks)
  await t.throwsAsync(owner.stores.putChunk(storeId, 0, Buffer.from('x')), { message: /does not take/ })
  await owner.stores.release(storeId)
  await t.throwsAsync(owner.stores.open(storeId, 'capture'), { message: /not there/ })
  t.is(await owner.stores.request('restore'), storeId)
  t.is((await owner.stores.open(storeId, 'restore')).chunks, 2)
  t.true((await owner.stores.getChunk(storeId, 1)).equals(chunks[1] ?? Buffer.alloc(0)))
})

test('S2-050: a capture that is tried again begins anew', async (t) => {
  const opened = await openSite(t)
  const owner = await startRun(opened, first)
  const storeId = await captureAt(owner, chunks)
  t.is((await owner.stores.open(storeId, 'capture')).chunks, 0)
  await t.throwsAsync(owner.stores.release(storeId), { message: /nothing to release/ })
  await t.throwsAsync(owner.stores.captured(storeId, 1), { message: /Chunks of the captured state are missing/ })
})

test('S2-049: a run whose sequence does not ask for a store gets none', async (t) => {
  const opened = await openSite(t, ['restore'])
  const machine = await startRun(opened, first)
  await t.throwsAsync(machine.stores.request('capture'), { message: /not there/ })
})

test('S2-049: a run has a few stores, and no more', async (t) => {
  const opened = await openSite(t)
  const machine = await startRun(opened, first)
  for (let index = 0; index < 4; index += 1) await captureAt(machine, [Buffer.from('x')])
  await t.throwsAsync(machine.stores.request('capture'), { message: /at most 4 state stores/ })
})

test('S2-050: octets have limits, and a name is none of the disk', async (t) => {
  const opened = await openSite(t)
  const { site } = opened
  const machine = await startRun(opened, first)
  const { runToken } = machine
  const storeId = await beginAt(machine)
  const put = async (query: string, body = Buffer.from('x')) => {
    const headers = { authorization: `Bearer ${runToken}`, 'content-type': 'application/octet-stream' }
    return (await site.ask('PUT', `/agent/v1/state-stores/chunk?${query}`, { headers, body })).status
  }
  t.is(await put(`store=${storeId}&index=0`), 200)
  t.is(await put(`store=${storeId}&index=16384`), 422)
  t.is(await put(`store=${storeId}&index=-1`), 422)
  t.is(await put(`store=..%2F..%2Fx&index=0`), 422)
  t.is(await put(`store=${storeId}`), 422)
  t.is(await put(`store=${storeId}&index=0`, Buffer.alloc(4 * 1024 * 1024 + 65)), 413)
  t.is(await put(`store=${'0'.repeat(32)}&index=0`), 404)
})

test('S2-050: a disk without room is said to be one', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'reveille-state-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const folder = new UserStateFolder(directory, { freeBytesMin: Number.MAX_SAFE_INTEGER })
  await t.throwsAsync(folder.write('f'.repeat(32), 0, Buffer.from('x')), { message: /no room left for user state/ })
})

test('S2-052: what was restored goes after a day, what was begun and never captured after a week, and the rest stays', async (t) => {
  const opened = await openSite(t)
  const { site } = opened
  const machine = await startRun(opened, first)
  const restored = await captureAt(machine, [Buffer.from('restored')])
  await machine.stores.release(restored)
  await machine.stores.request('restore')
  await machine.stores.release(restored)
  const restoredAtMs = site.clock.nowMs
  const beginning = await startRun(opened, second)
  const begun = await beginAt(beginning)
  await beginning.stores.putChunk(begun, 0, Buffer.from('begun'))
  const other = await startRun(opened, second)
  const complete = await captureAt(other, [Buffer.from('complete')])
  await other.stores.release(complete)
  const { userState } = site.dependencies
  const job = forgetUserState(site.store, { remove: (id) => userState.remove(id), storeIds: async () => [] })
  const remaining = async (): Promise<readonly boolean[]> =>
    Promise.all([restored, begun, complete].map(async (id) => (await userState.read(id, 0)) !== undefined))
  await job.run(restoredAtMs + dayMs - 1)
  t.deepEqual(await remaining(), [true, true, true])
  await job.run(restoredAtMs + dayMs)
  t.deepEqual(await remaining(), [false, true, true])
  await job.run(site.clock.nowMs + 400 * dayMs)
  t.deepEqual(await remaining(), [false, false, true])
  t.deepEqual([...(await site.store.stateStoreIds())], [complete])
})
