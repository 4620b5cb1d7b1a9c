/** Killing the server at random points loses and doubles nothing that was acknowledged (scenario 8 of security-reliability.md). */

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import test from 'ava'
import { defaultSiteCode } from '../../server/address/identifiers.ts'
import { openStore } from '../../server/store/sqlite-store.ts'
import { seededRandom } from '../../scripts/lab/seeded-random.ts'
import { startMs, temporaryDirectory } from './open-test-store.ts'
import { event, runId } from './site-builders.ts'

/** Each round starts a process twice; the quick check takes fewer, `npm test` all. */
const thorough = process.env['REVEILLE_THOROUGH'] === '1'
const rounds = thorough ? 20 : 6
/** Fewer: a round that kills in the middle of a hand-over of the journal needs only a few milliseconds of writing. */
const leaseRounds = thorough ? 12 : 4
const writing = new URL('./writing-child.ts', import.meta.url).pathname
const commanding = new URL('./commanding-child.ts', import.meta.url).pathname
const leasing = new URL('./leasing-child.ts', import.meta.url).pathname

interface Killing {
  readonly program: string
  readonly databaseFile: string
  readonly acknowledgements: number
  /** Compiled sources are kept between rounds; only the start gets faster. */
  readonly compileCache: string
  readonly words?: readonly string[]
}

/** Kills the child when it has printed that many acknowledgements; returns all that it printed until it was gone. */
async function writeUntilKilled(killing: Killing): Promise<readonly string[]> {
  const { program, databaseFile, acknowledgements, compileCache } = killing
  const child = spawn(process.execPath, [program, databaseFile, ...(killing.words ?? [])], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
  })
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    if (lines.length === acknowledgements) child.kill('SIGKILL')
  }
  return lines
}

test('I1, I2, I3: after kill -9 at a random point every acknowledged event is there exactly once, in order', async (t) => {
  t.timeout(120_000)
  const directory = await temporaryDirectory(t)
  const databaseFile = join(directory, 'site.db')
  const random = seededRandom(20_260_101)
  let acknowledged = 0
  for (let round = 0; round < rounds; round += 1) {
    const acknowledgements = 2 + Math.floor(random() * 60)
    const compileCache = join(directory, 'compiled')
    const lines = await writeUntilKilled({ program: writing, databaseFile, acknowledgements, compileCache })
    t.false(lines.includes('gap'))
    // The first line is what the reopened store holds: nothing acknowledged in the round before is missing.
    t.true(Number(lines[0]) >= acknowledged, `round ${round}: ${lines[0]} kept of ${acknowledged} acknowledged`)
    t.true(lines.length >= acknowledgements)
    acknowledged = Math.max(...lines.map(Number))
  }
  const store = await openStore({ databaseFile, siteCode: defaultSiteCode, nowMs: () => startMs })
  const kept = await store.runEvents(runId('a'), 0, 1_000_000)
  t.true(kept.length >= acknowledged && acknowledged > rounds)
  t.deepEqual(
    kept.map((one) => one.event),
    kept.map((_, index) => event(index + 1)),
  )
  const seqs = kept.map((one) => one.seq)
  t.true(seqs.every((seq, index) => index === 0 || seq > (seqs[index - 1] ?? seq)))
  t.is((await store.getRun(runId('a')))?.acknowledged, kept.length)
  t.true((await store.lanes()).seq >= (seqs.at(-1) ?? 0))
  await store.close()
})

test('D4-27: after kill -9 at a random point every acknowledged lease is there, none older than acknowledged', async (t) => {
  t.timeout(120_000)
  const directory = await temporaryDirectory(t)
  const databaseFile = join(directory, 'site.db')
  const compileCache = join(directory, 'compiled')
  const random = seededRandom(20_260_102)
  const acknowledged = new Map<string, number>()
  for (let round = 0; round < leaseRounds; round += 1) {
    const acknowledgements = 1 + Math.floor(random() * 400)
    // The end of a process loses nothing that was given to the system, synced or not.
    const words = [String(round * 1_000_000), String(round % 2 === 0)]
    const lines = await writeUntilKilled({ program: leasing, databaseFile, acknowledgements, compileCache, words })
    t.true(lines.length >= acknowledgements)
    for (const line of lines) {
      const [address = '', number = ''] = line.split(' ')
      acknowledged.set(address, Math.max(Number(number), acknowledged.get(address) ?? 0))
    }
  }
  const store = await openStore({ databaseFile, siteCode: defaultSiteCode, nowMs: () => startMs })
  const kept = new Map((await store.leases()).map(({ address, expiresAtMs }) => [String(address), expiresAtMs]))
  for (const [address, number] of acknowledged) t.true((kept.get(address) ?? 0) >= number, `${address} of ${number}`)
  t.true(acknowledged.size > 100)
  await store.close()
})

test('S1-101: after kill -9 every command of the debugger that was accepted is there once, with its own number', async (t) => {
  t.timeout(120_000)
  const directory = await temporaryDirectory(t)
  const databaseFile = join(directory, 'site.db')
  const compileCache = join(directory, 'compiled')
  const accepted: number[] = []
  for (const acknowledgements of [3, 8]) {
    const lines = await writeUntilKilled({ program: commanding, databaseFile, acknowledgements, compileCache })
    accepted.push(...lines.map(Number))
  }
  const store = await openStore({ databaseFile, siteCode: defaultSiteCode, nowMs: () => startMs })
  const kept = (await store.debuggedRun(runId('a')))?.waiting.map(({ number }) => number) ?? []
  t.deepEqual(
    kept,
    kept.map((_, index) => index + 1),
  )
  t.is(new Set(accepted).size, accepted.length)
  t.true(accepted.every((number) => kept.includes(number)))
  await store.close()
})
