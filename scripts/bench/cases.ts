/** What is measured, against whom, and the first targets: ratios to a peer in the same run. */

import type { LoadTime } from './load-result.ts'
import type { ServedProtocol, ServerName } from './peers.ts'

export interface TftpShape {
  readonly clients: number
  readonly windowBlocks: number
  readonly roundTripMs: number
  readonly loss: number
}

export interface HttpShape {
  readonly file: BenchFile
  readonly rangeBytes: number
  readonly connections: number
  readonly counts: 'megabytes' | 'requests'
}

export type BenchCase = {
  readonly name: string
  readonly rateUnit: string
  readonly servers: readonly ServerName[]
  /** Of `servers`, those whose ratios are looked at; absent: Reveille as it is started by default. */
  readonly ours?: readonly ServerName[]
  /** At least this ratio of each of ours to `peer`. */
  readonly target: { readonly peer: ServerName; readonly ratio: number }
} & LoadTime &
  (
    | ({ readonly protocol: 'tftp' } & TftpShape)
    | { readonly protocol: 'dhcp'; readonly inFlight: number }
    | ({ readonly protocol: 'http' } & HttpShape)
  )

const mebibyte = 1_048_576

/** Random octets; the largest one repeats its first 64 MiB, so that making it takes seconds. */
export const benchFiles = {
  'loader.bin': 4_096,
  'boot-4m.bin': 4 * mebibyte,
  'image-64m.bin': 64 * mebibyte,
  'image-1g.bin': 1024 * mebibyte,
} as const
export type BenchFile = keyof typeof benchFiles

const shortTime = { warmUpMs: 500, measureMs: 1_500 }
/** Where the processor is the limit: Node compiles what runs often in its first seconds, on the same core. */
const warmTime = { warmUpMs: 3_000, measureMs: 3_000 }
/** Peers wait seconds for a lost packet; until each client has met its first losses, the rate is that without any. */
const lossyTime = { warmUpMs: 2_500, measureMs: 5_000 }

const plainServers: readonly ServerName[] = ['reveille', 'dnsmasq', 'tftpd-hpa']
const twoServers: readonly ServerName[] = ['reveille', 'dnsmasq']

function tftp(name: string, shape: Partial<TftpShape>, ratio: number): BenchCase {
  const { roundTripMs = 0, loss = 0, windowBlocks = 1, clients = 50 } = shape
  const servers = roundTripMs === 0 ? plainServers : twoServers
  const time = loss > 0 ? lossyTime : shortTime
  const target = { peer: 'dnsmasq', ratio } as const
  return {
    protocol: 'tftp',
    name,
    rateUnit: 'MB/s',
    servers,
    target,
    ...time,
    clients,
    windowBlocks,
    roundTripMs,
    loss,
  }
}

function http(name: string, shape: HttpShape): BenchCase {
  const rateUnit = shape.counts === 'megabytes' ? 'MB/s' : 'req/s'
  const target = { peer: 'nginx', ratio: 0.5 } as const
  const time = shape.counts === 'requests' ? warmTime : shortTime
  return { ...shape, protocol: 'http', name, rateUnit, servers: ['reveille', 'nginx'], target, ...time }
}

const large = { file: 'image-64m.bin', rangeBytes: 0, counts: 'megabytes' } as const

export const benchCases: readonly BenchCase[] = [
  tftp('lock step, 50 clients', {}, 0.5),
  tftp('window 4, 50 clients', { windowBlocks: 4 }, 1),
  tftp('window 16, 50 clients', { windowBlocks: 16 }, 1),
  tftp('window 64, 50 clients', { windowBlocks: 64 }, 1),
  tftp('window 16, 1 ms, 1 client', { windowBlocks: 16, clients: 1, roundTripMs: 1 }, 10),
  tftp('window 16, 1 ms, 50 clients', { windowBlocks: 16, roundTripMs: 1 }, 10),
  tftp('lock step, 0.1 % loss, 1 ms', { roundTripMs: 1, loss: 0.001 }, 5),
  tftp('window 16, 0.1 % loss, 1 ms', { windowBlocks: 16, roundTripMs: 1, loss: 0.001 }, 5),
  {
    protocol: 'dhcp',
    name: 'exchanges, 64 in flight',
    rateUnit: '/s',
    servers: ['reveille', 'reveille-unsynced', 'kea', 'dnsmasq'],
    ours: ['reveille', 'reveille-unsynced'],
    target: { peer: 'kea', ratio: 2 },
    inFlight: 64,
    ...warmTime,
  },
  http('64 MB whole, 1 connection', { ...large, connections: 1 }),
  http('64 MB whole, 8 connections', { ...large, connections: 8 }),
  http('64 MB whole, 32 connections', { ...large, connections: 32 }),
  http('1 GB by ranges of 16 MB, 1', { ...large, file: 'image-1g.bin', rangeBytes: 16 * mebibyte, connections: 1 }),
  http('1 GB by ranges of 16 MB, 8', { ...large, file: 'image-1g.bin', rangeBytes: 16 * mebibyte, connections: 8 }),
  http('4 KB, 32 connections', { file: 'loader.bin', rangeBytes: 0, connections: 32, counts: 'requests' }),
]

export function protocolsOf(cases: readonly BenchCase[]): readonly ServedProtocol[] {
  return [...new Set(cases.map(({ protocol }) => protocol))]
}
