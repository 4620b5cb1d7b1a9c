/**
 * The soak: one server under DHCP, TFTP and HTTP at full rate for minutes, and whether its memory and descriptors stay as they
 * were. Machines come again after a while, so that leases are as many at the end as in the middle.
 */

import { setTimeout as pause } from 'node:timers/promises'
import { join } from 'node:path'
import { startLoad, tftpPlace } from './apply-load.ts'
import { relayAddress } from './bench-addresses.ts'
import { benchFiles } from './cases.ts'
import { median } from './goal.ts'
import type { LoadResult } from './load-result.ts'
import { type BenchNetwork, filesFolder, startMeasured } from './peers.ts'
import { anonymousKilobytes, type Measured, openDescriptors } from './process-tree.ts'

export interface Sample {
  readonly atMs: number
  readonly kilobytes: number
  readonly descriptors: number
}

const sampleEveryMs = 1_000
/** The first part is the start: caches fill, code is compiled, all machines get their leases. */
const parts = 5
const memoryGrowthMax = 1.1
/** Connections come and go. */
const descriptorGrowthMax = 16
const machines = 2_000
const millisecondsPerMinute = 60_000

/** True: flat. */
export async function soak(network: BenchNetwork, minutes: number): Promise<boolean> {
  const server = await startMeasured('reveille-unsynced', network, { protocol: 'mixed' })
  try {
    const time = { warmUpMs: 1_000, measureMs: minutes * millisecondsPerMinute, server: server.measured }
    const { address, port } = server
    const file = 'boot-4m.bin'
    const place = tftpPlace({ address, directory: network.directory, seed: 1 }, file)
    const shape = { file, clients: 50, blockBytes: 1_468, windowBlocks: 16, roundTripMs: 0, loss: 0 }
    const dhcp = { address, relayAddress, inFlight: 8, machines }
    const target = { target: `/boot/files/${file}`, path: join(network.directory, filesFolder, file) }
    const whole = { rangeBytes: 0, connections: 8, counts: 'megabytes', fileBytes: benchFiles[file] } as const
    const loads = Promise.all([
      startLoad('mixed', { ...time, tftp: { ...shape, ...place }, dhcp }, time),
      startLoad('http', { ...time, ...target, ...whole, address, port }, time),
    ])
    const [samples, results] = await Promise.all([watch(server.measured, loads), loads])
    const judged = judgeSoak(samples)
    console.log(printSoak(samples, results, judged))
    return judged.faults.length === 0 && results.every(({ figures }) => (figures.failures ?? 0) === 0)
  } finally {
    await server.stop()
  }
}

async function watch(measured: Measured, loads: Promise<unknown>): Promise<readonly Sample[]> {
  const samples: Sample[] = []
  const done = loads.then(
    () => true,
    () => true,
  )
  const beganMs = performance.now()
  for (;;) {
    if (await Promise.race([done, pause(sampleEveryMs, false)])) return samples
    const atMs = performance.now() - beganMs
    samples.push({ atMs, kilobytes: anonymousKilobytes(measured), descriptors: openDescriptors(measured) })
  }
}

export interface JudgedSoak {
  readonly start: Sample
  readonly middle: Sample
  readonly end: Sample
  readonly faults: readonly string[]
}

/** Of the first, middle and last fifth: the least memory, which is what garbage left, and the usual number of descriptors. */
export function judgeSoak(samples: readonly Sample[]): JudgedSoak {
  const size = Math.max(1, Math.floor(samples.length / parts))
  const half = Math.floor((samples.length - size) / 2)
  const start = summary(samples.slice(0, size))
  const middle = summary(samples.slice(half, half + size))
  const end = summary(samples.slice(-size))
  // The collector of garbage lets memory grow and shrink by a third; what leaks only grows.
  const before = Math.max(start.kilobytes, middle.kilobytes)
  const faults = [
    ...(samples.length < parts ? ['it was too short to judge'] : []),
    ...(end.kilobytes > before * memoryGrowthMax ? ['memory grew'] : []),
    ...(end.descriptors > middle.descriptors + descriptorGrowthMax ? ['descriptors grew'] : []),
  ]
  return { start, middle, end, faults }
}

function summary(samples: readonly Sample[]): Sample {
  return {
    atMs: samples.at(-1)?.atMs ?? 0,
    kilobytes: Math.min(...samples.map(({ kilobytes }) => kilobytes)),
    descriptors: median(samples.map(({ descriptors }) => descriptors)),
  }
}

function printSoak(samples: readonly Sample[], [datagrams, http]: readonly LoadResult[], judged: JudgedSoak): string {
  const line = (name: string, { atMs, kilobytes, descriptors }: Sample): string =>
    `  ${name.padEnd(7)} ${(atMs / 1_000).toFixed(0).padStart(5)} s  ${(kilobytes / 1_024).toFixed(1).padStart(7)} MB  ${descriptors} descriptors`
  const rate = (value: number | undefined): string => (value ?? Number.NaN).toFixed(0)
  const failed = [datagrams, http].reduce((sum, one) => sum + (one?.figures.failures ?? 0), 0)
  return [
    `soak   ${samples.length} samples: ${rate(datagrams?.figures.rate)} DHCP exchanges/s, TFTP ${rate(datagrams?.figures.tftpMegabytes)} MB/s, HTTP ${rate(http?.figures.rate)} MB/s, ${failed} failed`,
    line('start', judged.start),
    line('middle', judged.middle),
    line('end', judged.end),
    `  ${judged.faults.length === 0 ? 'flat' : `NOT FLAT: ${judged.faults.join('; ')}`}`,
  ].join('\n')
}
