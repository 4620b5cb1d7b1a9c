/**
 * How long a boot decision waits in a site of 10,000 devices, 500 collections and 200 deployments, and how soon an edit of a
 * collection shows in its members. It has no peer and needs no network: the store with its database, and the decision itself, as
 * every door asks them.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { defaultSiteCode } from '../../server/address/identifiers.ts'
import { assert } from '../../server/assert.ts'
import type { BootPolicy } from '../../server/boot/boot-facts.ts'
import { decideBoot } from '../../server/boot/decide.ts'
import type { PxeClient } from '../../server/boot/pxe-client.ts'
import type { Store } from '../../server/store/ports.ts'
import { openStore } from '../../server/store/sqlite-store.ts'
import { collectionOf, fillSite, inventoryOf, type LargeSite, macOf, saved, siteSize } from './collection-site.ts'
import { median } from './goal.ts'

/** Of 99 decisions in 100. */
const decisionTargetMs = 5
const updateTargetMs = 1_000
const decisionsPerRound = 5_000
/** Where the site is edited all the time, an edit after so many decisions. */
const decisionsPerEdit = 20

const policy: BootPolicy = {
  unknownComputerSupport: true,
  respond: true,
  promptSeconds: 10,
}

export async function printCollectionLoad(rounds: number): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'reveille-bench-'))
  const databaseFile = join(directory, 'site.sqlite')
  const open = (): Promise<Store> => openStore({ databaseFile, siteCode: defaultSiteCode, nowMs: () => Date.now() })
  try {
    const filling = await open()
    const site = await fillSite(filling)
    await filling.close()
    const store = await open()
    try {
      return [...(await decisionLines(store, site, rounds)), ...(await updateLines(store, site, rounds))].join('\n')
    } finally {
      await store.close()
    }
  } finally {
    await rm(directory, { recursive: true })
  }
}

async function decisionLines(store: Store, site: LargeSite, rounds: number): Promise<readonly string[]> {
  const memoryBefore = process.memoryUsage.rss()
  const nothing = async (): Promise<void> => undefined
  const cases = [
    ['boot decision, asked anew', touchDevice],
    ['the same, asked again', nothing],
    ['while devices are edited', touchDevice],
    ['while collections are edited', touchCollection],
  ] as const
  const lines: string[] = []
  for (const [name, edit] of cases) {
    const measured: Decisions[] = []
    for (let round = 0; round < rounds; round += 1) {
      // One edit forgets every answer; then each machine asks for the first time.
      if (name.startsWith('boot')) await edit(store, site, round)
      const every = name.startsWith('while') ? decisionsPerEdit : Number.POSITIVE_INFINITY
      measured.push(await decide(store, { site, every, edit }))
    }
    const p99 = median(measured.map((one) => one.p99Ms))
    lines.push(
      line(name, `${median(measured.map((one) => one.perSecond)).toFixed(0)}/s`, [
        `p50 ${median(measured.map((one) => one.p50Ms)).toFixed(2)} ms`,
        `p99 ${p99.toFixed(2)} ms`,
        `target ${decisionTargetMs} ms, ${p99 < decisionTargetMs ? 'met' : 'not met'}`,
        `p99 by round: ${measured.map((one) => one.p99Ms.toFixed(2)).join(' ')}`,
      ]),
    )
  }
  const grown = (process.memoryUsage.rss() - memoryBefore) / 1_048_576
  return [...lines, line('memory for decisions', `${grown.toFixed(0)} MB`, [`of ${megabytes()} MB in all`])]
}

interface Decisions {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

interface Deciding {
  readonly site: LargeSite
  readonly every: number
  readonly edit: (store: Store, site: LargeSite, number: number) => Promise<void>
}

/** One after the other, as a machine's request waits for its own answer. Edits are not part of the waits, but what they leave to do is. */
async function decide(store: Store, { site, every, edit }: Deciding): Promise<Decisions> {
  const waits: number[] = []
  for (let number = 0; number < decisionsPerRound; number += 1) {
    if (number > 0 && number % every === 0) await edit(store, site, number)
    const client = clientOf((number * 7) % siteSize.devices)
    const startedMs = performance.now()
    const facts = await store.about(client)
    const decision = decideBoot(client, facts, policy)
    waits.push(performance.now() - startedMs)
    assert(facts.devices.length === 1 && decision.kind !== 'ignore', 'the machine is known')
  }
  const sorted = waits.toSorted((a, b) => a - b)
  const total = waits.reduce((sum, wait) => sum + wait, 0)
  return {
    perSecond: decisionsPerRound / (total / 1_000),
    p50Ms: sorted[Math.floor(decisionsPerRound * 0.5)] ?? 0,
    p99Ms: sorted[Math.floor(decisionsPerRound * 0.99)] ?? 0,
  }
}

function clientOf(number: number): PxeClient {
  const platform = { architecture: 'x64', firmware: 'uefi', transport: 'tftp', code: 7 } as const
  return { macAddress: macOf(number), platform, stage: 'firmware' }
}

async function touchDevice(store: Store, { devices }: LargeSite, number: number): Promise<void> {
  const place = number % devices.length
  const id = devices[place]
  assert(id !== undefined, 'it is one of them')
  const variables = [{ name: 'Room', value: `R${number % 300}`, secret: false }]
  saved(await store.devices.replace(id, { name: `pc-${place}`, macAddresses: [macOf(place)], variables }, undefined))
}

/** To a rule like its own. */
async function touchCollection(store: Store, { devices, collections }: LargeSite, number: number): Promise<void> {
  const place = (number * 5 + 1) % collections.length
  const id = collections[place]
  assert(id !== undefined, 'it is one of them')
  const draft = collectionOf(place, { devices, collections: collections.slice(0, place) })
  saved(await store.collections.replace(id, draft, undefined))
}

async function updateLines(store: Store, site: LargeSite, rounds: number): Promise<readonly string[]> {
  const memoryBefore = process.memoryUsage.rss()
  const [watched] = site.collections
  assert(watched !== undefined, 'there is one')
  const count = (): Promise<number> => store.memberCount(watched)
  const first = await timed(count)
  const memory = (process.memoryUsage.rss() - memoryBefore) / 1_048_576
  const edited: Update[] = []
  const heard: Update[] = []
  for (let round = 0; round < rounds; round += 1) {
    edited.push(
      await timed(async () => {
        await touchCollection(store, site, round)
        await count()
      }),
    )
    await hearAll(store, site, round + 1)
    heard.push(await timed(count))
  }
  return [
    updateLine('all members, from nothing', [first]),
    updateLine('a collection is edited', edited),
    updateLine('all devices told anew', heard),
    line('memory for members', `${memory.toFixed(0)} MB`, [`of ${megabytes()} MB in all`]),
  ]
}

/** Every device tells another model than before. */
async function hearAll(store: Store, { devices }: LargeSite, by: number): Promise<void> {
  for (let at = 0; at < devices.length; at += 1_000) {
    const some = devices.slice(at, at + 1_000)
    await Promise.all(
      some.map((id, index) =>
        store.keepInventory(id, { ...inventoryOf(at + index), model: `Model ${(at + index + by) % 90}` }),
      ),
    )
  }
}

interface Update {
  readonly tookMs: number
  /** Of this thread. */
  readonly processorMs: number
  /** What else the process has to do waits at most this long. */
  readonly heldMs: number
}

async function timed(work: () => Promise<unknown>): Promise<Update> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const before = process.threadCpuUsage()
  const startedMs = performance.now()
  await work()
  const tookMs = performance.now() - startedMs
  const { user, system } = process.threadCpuUsage(before)
  delay.disable()
  return { tookMs, processorMs: (user + system) / 1_000, heldMs: delay.max / 1_000_000 }
}

function updateLine(name: string, updates: readonly Update[]): string {
  const took = updates.map(({ tookMs }) => tookMs)
  const verdict = median(took) < updateTargetMs ? 'met' : 'not met'
  return line(name, `${median(took).toFixed(0)} ms`, [
    `target ${updateTargetMs} ms, ${verdict}`,
    `processor ${median(updates.map(({ processorMs }) => processorMs)).toFixed(0)} ms`,
    `others wait at most ${Math.max(...updates.map(({ heldMs }) => heldMs)).toFixed(0)} ms`,
    `by round: ${took.map((ms) => ms.toFixed(0)).join(' ')}`,
  ])
}

function megabytes(): string {
  return (process.memoryUsage.rss() / 1_048_576).toFixed(0)
}

function line(name: string, value: string, rest: readonly string[]): string {
  return [`collections ${name.padEnd(30)} ${value.padStart(10)}`, ...rest].join('   ')
}
