/**
 * `npm run bench`: measures the server beside its peers (dnsmasq, tftpd-hpa, atftpd, Kea, nginx, Express, ws) in one run on
 * one machine and prints ratios with their goals. This half installs the peers where it may and enters a private network; the other
 * half (bench/measure.ts) measures. What is measured and how: bench/README.md.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { whyNoSystemCalls } from '../server/listen/libc.ts'
import { printCollectionLoad } from './bench/collection-load.ts'
import { printEngineLoad } from './bench/engine-load.ts'
import { printMediaLoad } from './bench/media-load.ts'
import { type Alone, type BenchOptions, benchUsage, parseBenchOptions } from './bench/options.ts'
import { unpackAtftpd } from './bench/unpacked-atftpd.ts'
import { findIsolation } from './private-network.ts'
import { root } from './root.ts'
import { ensureSystemPackages, printIncomplete } from './system-packages.ts'

const words = process.argv.slice(2)
const options = readOptions()
const measuresAlone = {
  engine: ({ rounds }) => printEngineLoad(rounds),
  collections: ({ rounds }) => printCollectionLoad(rounds),
  media: ({ rounds, quick }) => printMediaLoad(rounds, quick),
} as const satisfies Record<Alone, (asked: BenchOptions) => Promise<string>>
for (const name of options.alone) console.log(await measuresAlone[name](options))
process.exit(options.cases.length === 0 && options.soakMinutes === undefined ? 0 : await bench())

function readOptions(): BenchOptions {
  try {
    return parseBenchOptions(words)
  } catch (error) {
    console.error(error instanceof Error && !error.message.startsWith('npm run') ? error.message : '')
    console.error(benchUsage)
    return process.exit(2)
  }
}

async function bench(): Promise<number> {
  const reasons = await whatIsMissing()
  if (reasons.length > 0) {
    for (const reason of reasons) console.error(`reveille: the bench cannot run: ${reason}`)
    return 1
  }
  const isolation = findIsolation()
  if (isolation.kind === 'impossible') {
    console.error(`reveille: the bench needs a private network: ${isolation.reason}`)
    return 1
  }
  console.log(
    `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.versions.node}`,
  )
  const [program = '', ...args] = [
    ...isolation.prefix,
    process.execPath,
    join(root, 'scripts/bench/measure.ts'),
    ...words,
  ]
  const child = spawn(program, args, { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}

async function whatIsMissing(): Promise<readonly string[]> {
  const noCalls = whyNoSystemCalls()
  if (noCalls !== undefined) return [noCalls]
  if (availableParallelism() < 2) return ['it needs two cores, one for the servers and one for the load']
  const report = await ensureSystemPackages('bench')
  if (report.kind === 'incomplete') return [printIncomplete(report)]
  await unpackAtftpd()
  return []
}
