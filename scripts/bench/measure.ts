/**
 * The inner half of `npm run bench`: inside its own network namespace it starts the servers, lets a load generator loose
 * on one after the other, round by round, and prints the table. Servers share one core, the load has another.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '../../server/caught-error.ts'
import { assertPrivateNetwork } from '../lab/network.ts'
import { applyLoad } from './apply-load.ts'
import { makeFiles, makeNetwork } from './bench-network.ts'
import type { BenchCase } from './cases.ts'
import type { LoadResult } from './load-result.ts'
import { parseBenchOptions } from './options.ts'
import { isServed, startMeasured, type BenchNetwork, type RunningServer, type ServerName } from './peers.ts'
import { printGoals, printServers } from './results.ts'
import { soak } from './soak.ts'

const { rounds, cases, durationFactor, soakMinutes, isWhole } = parseBenchOptions(process.argv.slice(2))

interface Measured {
  readonly bench: BenchCase
  readonly results: Map<ServerName, (LoadResult | string)[]>
}
type Servers = ReadonlyMap<ServerName, RunningServer>

await assertPrivateNetwork()
const directory = await mkdtemp(join(tmpdir(), 'reveille-bench-'))
const all: readonly Measured[] = cases.map((bench) => ({ bench, results: new Map() }))
try {
  const network: BenchNetwork = { bridge: await makeNetwork(), directory }
  await makeFiles(directory, cases)
  for (const group of groupsOf(all)) await measureGroup(network, group)
  if (soakMinutes !== undefined) process.exitCode = (await soak(network, soakMinutes)) ? 0 : 1
} finally {
  await rm(directory, { recursive: true, force: true })
}
if (all.length > 0) console.log(`\n${printServers(all)}\n\n${printGoals(all, isWhole)}`)

/** Cases that the same servers can serve, so that they are warm in all rounds but the first. */
function groupsOf(measured: readonly Measured[]): readonly (readonly Measured[])[] {
  const groups = Map.groupBy(measured, ({ bench: { protocol, network, fresh, name } }) =>
    JSON.stringify([protocol, network, fresh === true ? name : '']),
  )
  return [...groups.values()]
}

async function measureGroup(network: BenchNetwork, group: readonly Measured[]): Promise<void> {
  const names = [...new Set(group.flatMap(({ bench }) => bench.servers))]
  const isFresh = group.some(({ bench }) => bench.fresh === true)
  const measureRound = async (servers: Servers, round: number, some: readonly ServerName[]): Promise<void> => {
    for (const one of group) {
      for (const name of one.bench.servers.filter((each) => some.includes(each))) {
        await measureOne(one, { name, round, server: servers.get(name) })
      }
    }
  }
  if (isFresh) {
    for (let round = 1; round <= rounds; round++) {
      for (const name of names)
        await withServers(network, group, [name], (servers) => measureRound(servers, round, [name]))
    }
    return
  }
  await withServers(network, group, names, async (servers) => {
    for (let round = 1; round <= rounds; round++) await measureRound(servers, round, names)
  })
}

async function withServers(
  network: BenchNetwork,
  [first]: readonly Measured[],
  names: readonly ServerName[],
  use: (servers: Servers) => Promise<void>,
): Promise<void> {
  const servers = new Map<ServerName, RunningServer>()
  try {
    for (const name of names.filter(isServed)) {
      if (first === undefined || first.bench.protocol === 'store') continue
      servers.set(name, await startMeasured(name, network, first.bench))
    }
    await use(servers)
  } finally {
    for (const server of servers.values()) await server.stop()
  }
}

async function measureOne(
  { bench, results }: Measured,
  { name, round, server }: { name: ServerName; round: number; server: RunningServer | undefined },
): Promise<void> {
  const applied = { bench, name, server, directory, seed: round, durationFactor }
  const result = await applyLoad(applied).catch((error: unknown) => reasonIn(messageOf(error)))
  results.set(name, [...(results.get(name) ?? []), result])
  const said = typeof result === 'string' ? result : `${result.figures.rate?.toFixed(1)} ${bench.rateUnit}`
  console.log(`round ${round} of ${rounds}  ${bench.protocol} ${bench.name.padEnd(30)} ${name.padEnd(21)} ${said}`)
}

/** Of all that a load prints when it gives up, the line that says why. */
function reasonIn(text: string): string {
  return /^(?:\w*Error|AssertionError).*$/m.exec(text)?.[0] ?? text.split('\n').at(-1) ?? text
}
