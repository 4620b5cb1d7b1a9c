/**
 * The inner half of `npm run bench`: inside its own network namespace it starts the servers, lets a load generator loose
 * on one after the other, round by round, and prints the table. Servers share one core, the load has another.
 */

import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { messageOf } from '../../server/caught-error.ts'
import { addBridge, assertPrivateNetwork, ip } from '../lab/network.ts'
import { benchFiles, protocolsOf, type BenchCase } from './cases.ts'
import type { DhcpLoad } from './dhcp-load.ts'
import type { HttpLoad } from './http-load.ts'
import type { LoadResult } from './load-result.ts'
import { parseBenchOptions } from './options.ts'
import type { TftpLoad } from './tftp-load.ts'
import { printResults } from './results.ts'
import {
  filesFolder,
  httpPorts,
  loadAddress,
  relayAddress,
  startMeasured,
  type BenchNetwork,
  type RunningServer,
  type ServedProtocol,
  type ServerName,
} from './peers.ts'

const run = promisify(execFile)
const loadCore = '1'
const blockBytes = 1_468
const loadPatienceMs = 60_000
const pool = { first: '10.88.0.10', last: '10.91.255.250', subnet: '10.88.0.0/14', netmask: '255.252.0.0' }

const { rounds, cases, durationFactor } = parseBenchOptions(process.argv.slice(2))
await assertPrivateNetwork()
const directory = await mkdtemp(join(tmpdir(), 'reveille-bench-'))
const all = cases.map((bench) => ({ bench, results: new Map<ServerName, (LoadResult | undefined)[]>() }))
try {
  const network: BenchNetwork = { bridge: await makeNetwork(), directory, pool }
  await makeFiles(new Set(cases.flatMap((bench) => (bench.protocol === 'http' ? [bench.file] : []))))
  for (const protocol of protocolsOf(cases)) await measureProtocol(network, protocol)
} finally {
  await rm(directory, { recursive: true, force: true })
}
console.log(`\n${printResults(all)}`)

async function makeNetwork() {
  const bridge = await addBridge('rv-bench', [`${loadAddress}/16`])
  // The relay's side of the network, where machines would be.
  await ip('addr', 'add', `${relayAddress}/14`, 'dev', 'lo')
  return bridge
}

async function makeFiles(wanted: ReadonlySet<string>): Promise<void> {
  await mkdir(join(directory, filesFolder))
  const pieceBytes = 64 * 1_048_576
  const piece = randomBytes(pieceBytes)
  for (const [name, bytes] of Object.entries(benchFiles)) {
    const isForTftp = name === 'boot-4m.bin' || name === 'loader.bin'
    if (!isForTftp && !wanted.has(name)) continue
    const file = await open(join(directory, filesFolder, name), 'w')
    for (let at = 0; at < bytes; at += pieceBytes) await file.write(piece, 0, Math.min(pieceBytes, bytes - at))
    await file.close()
  }
}

/** DHCP servers start anew each round with no leases, because some become slower with each lease they have given. */
async function measureProtocol(network: BenchNetwork, protocol: ServedProtocol): Promise<void> {
  const ours = all.filter(({ bench }) => bench.protocol === protocol)
  const names = [...new Set(ours.flatMap(({ bench }) => bench.servers))]
  if (protocol === 'dhcp') {
    for (let round = 1; round <= rounds; round++) {
      for (const name of names) {
        await withServers(network, { protocol, names: [name] }, async (servers) => {
          for (const one of ours) await measureOne(one, { name, round, servers })
        })
      }
    }
    return
  }
  await withServers(network, { protocol, names }, async (servers) => {
    for (let round = 1; round <= rounds; round++) {
      for (const one of ours) {
        for (const name of one.bench.servers) await measureOne(one, { name, round, servers })
      }
    }
  })
}

type Servers = ReadonlyMap<ServerName, RunningServer>

async function withServers(
  network: BenchNetwork,
  { protocol, names }: { protocol: ServedProtocol; names: readonly ServerName[] },
  use: (servers: Servers) => Promise<void>,
): Promise<void> {
  const servers = new Map<ServerName, RunningServer>()
  try {
    for (const name of names) servers.set(name, await startMeasured(name, protocol, network))
    await use(servers)
  } finally {
    for (const server of servers.values()) await server.stop()
  }
}

async function measureOne(
  { bench, results }: (typeof all)[number],
  { name, round, servers }: { name: ServerName; round: number; servers: Servers },
): Promise<void> {
  const address = servers.get(name)?.address ?? ''
  const result = await applyLoad(bench, { name, address, round })
  results.set(name, [...(results.get(name) ?? []), result])
  const said = result === undefined ? 'not measured' : `${result.rate.toFixed(1)} ${bench.rateUnit}`
  console.log(`round ${round} of ${rounds}  ${bench.protocol} ${bench.name.padEnd(30)} ${name.padEnd(10)} ${said}`)
}

async function applyLoad(
  bench: BenchCase,
  { name, address, round }: { name: ServerName; address: string; round: number },
): Promise<LoadResult | undefined> {
  const time = { warmUpMs: bench.warmUpMs * durationFactor, measureMs: bench.measureMs * durationFactor }
  const load = loadFor(bench, { name, address, seed: round })
  const script = join(import.meta.dirname, `${bench.protocol}-load.ts`)
  const words = ['--cpu-list', loadCore, process.execPath, script, JSON.stringify({ ...load, ...time })]
  try {
    const { stdout } = await run('taskset', words, { timeout: loadPatienceMs })
    return JSON.parse(stdout) as LoadResult
  } catch (error) {
    console.error(`${bench.name}, ${name}: ${messageOf(error)}`)
    return undefined
  }
}

type Untimed<Load> = Omit<Load, 'warmUpMs' | 'measureMs'>

function loadFor(
  bench: BenchCase,
  { name, address, seed }: { name: ServerName; address: string; seed: number },
): Untimed<TftpLoad> | Untimed<DhcpLoad> | Untimed<HttpLoad> {
  if (bench.protocol === 'dhcp') return { address, relayAddress, inFlight: bench.inFlight }
  if (bench.protocol === 'tftp') {
    const { clients, windowBlocks, roundTripMs, loss } = bench
    const file = 'boot-4m.bin'
    const path = join(directory, filesFolder, file)
    return { address, file, path, blockBytes, seed, clients, windowBlocks, roundTripMs, loss }
  }
  const { file, rangeBytes, connections, counts } = bench
  const target = `/boot/files/${file}`
  const path = join(directory, filesFolder, file)
  const port = httpPorts[name] ?? 0
  return { address, port, target, path, fileBytes: benchFiles[file], rangeBytes, connections, counts }
}
