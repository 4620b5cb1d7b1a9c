/** What is measured, against whom, and the goals of section 7 of the project's performance.md: a row of it is a row here. */

import type { Goal } from './goal.ts'
import type { LoadTime } from './load-result.ts'
import type { NetworkShape, ServerName } from './peers.ts'

export const protocols = ['tftp', 'dhcp', 'mixed', 'http', 'progress', 'store'] as const
export type Protocol = (typeof protocols)[number]

export interface TftpShape {
  readonly file: BenchFile
  readonly clients: number
  readonly blockBytes: number
  readonly windowBlocks: number
  readonly roundTripMs: number
  readonly loss: number
  readonly once?: boolean
}

export interface HttpShape {
  readonly file: BenchFile
  readonly rangeBytes: number
  readonly connections: number
  readonly counts: 'megabytes' | 'requests'
}

export interface ProgressShape {
  readonly clients: number
  readonly machines: number
  readonly eventsPerSecond: number
  /** At least: who is behind tells all that is due. */
  readonly eventsPerReport: number
}

type Shape =
  | {
      readonly protocol: 'tftp'
      readonly tftp: TftpShape
      readonly counts?: 'megabytes' | 'files'
      readonly spins?: boolean
      readonly memoryFrom?: number
    }
  | { readonly protocol: 'dhcp'; readonly inFlight: number }
  | { readonly protocol: 'mixed'; readonly tftp: TftpShape; readonly inFlight: number }
  | ({ readonly protocol: 'http' } & HttpShape)
  | ({ readonly protocol: 'progress' } & ProgressShape)
  | { readonly protocol: 'store'; readonly machines: number; readonly eventsPerSecond: number }

export type BenchCase = {
  readonly name: string
  readonly rateUnit: string
  readonly servers: readonly ServerName[]
  readonly goals: readonly OurGoal[]
  readonly network?: NetworkShape
  /** Servers are started anew for each round: for what grows with what was done before. */
  readonly fresh?: boolean
} & Omit<LoadTime, 'server'> &
  Shape

/** `ours`: Reveille as it is started by default, unless told. */
export type OurGoal = Goal & { readonly ours?: ServerName }

/** Rows of section 7, or parts of them, that this machine or this bench cannot show. */
export const notMeasured: readonly { readonly row: string; readonly goal: string; readonly reason: string }[] = [
  {
    row: 'TFTP beside the ceiling',
    goal: '>= 0.85 to 0.95 of it',
    reason: 'the ceiling is a program in C that does nothing else, and the project has none',
  },
  {
    row: 'none lost on kill -9',
    goal: 'but the last 20 ms',
    reason: 'not a figure: "after kill -9 at a random point …" in test/store/kill.test.ts shows it',
  },
]

const kibibyte = 1_024
const mebibyte = 1_048_576

/** Random octets; the largest one repeats its first 64 MiB, so that making it takes seconds. */
export const benchFiles = {
  'loader.bin': 4 * kibibyte,
  'boot-64k.bin': 64 * kibibyte,
  'boot-128k.bin': 128 * kibibyte,
  'boot-4m.bin': 4 * mebibyte,
  'image-64m.bin': 64 * mebibyte,
  'image-1g.bin': 1024 * mebibyte,
} as const
export type BenchFile = keyof typeof benchFiles

const shortTime = { warmUpMs: 500, measureMs: 1_500 }
/** A hundred large answers or more, for a p99. */
const wholeTime = { warmUpMs: 1_000, measureMs: 3_000 }
/** Where the processor is the limit: Node compiles what runs often in its first seconds, on the same core. */
const warmTime = { warmUpMs: 3_000, measureMs: 3_000 }
/** Peers wait seconds for a lost packet; until each client has met its first losses, the rate is that without any. */
const lossyTime = { warmUpMs: 2_500, measureMs: 5_000 }
/** Until the last of those who begin at once has its file, or nobody waits any longer. */
const burstTime = { warmUpMs: 0, measureMs: 45_000 }

/** Packets of 8 KB in one piece. */
const jumboFrames = { mtu: 9_000 }
/** As with a card that cannot cut datagrams (UDP segmentation). */
const softwareSegments = { mtu: 1_500, segmentation: 'software' } as const

const least = (beside: ServerName, ratio: number): Goal => ({ figure: 'rate', beside, least: ratio })
const noFailures: Goal = { figure: 'failures', most: 0 }

interface TftpRow extends Partial<TftpShape> {
  readonly goals: readonly Goal[]
  readonly network?: NetworkShape
}

function tftp(name: string, { goals, network, ...shape }: TftpRow): Extract<BenchCase, { protocol: 'tftp' }> {
  const usual = {
    file: 'boot-4m.bin',
    clients: 50,
    blockBytes: 1_468,
    windowBlocks: 1,
    roundTripMs: 0,
    loss: 0,
  } as const
  const whole = { ...usual, ...shape }
  const peers = goals.flatMap(({ beside }) => (beside === undefined ? [] : [beside]))
  const servers: readonly ServerName[] = ['reveille', ...new Set(peers)]
  const time = whole.loss > 0 ? lossyTime : shortTime
  const on = network === undefined ? {} : { network }
  return { protocol: 'tftp', name, rateUnit: 'MB/s', servers, goals, ...on, ...time, tftp: whole }
}

const many = { clients: 2_000, roundTripMs: 20, file: 'boot-128k.bin', once: true } as const
const delayed = { roundTripMs: 1 } as const

const tftpCases: readonly BenchCase[] = [
  tftp('lock step, 50 clients', {
    goals: [least('dnsmasq', 1.15), least('tftpd-hpa', 2.3), { figure: 'cpuMs', beside: 'dnsmasq', most: 0.85 }],
  }),
  tftp('lock step, 500 clients', { clients: 500, goals: [least('dnsmasq', 1.02), least('atftpd', 2.4)] }),
  tftp('window 4, 50 clients', { windowBlocks: 4, goals: [least('dnsmasq', 2.7), least('atftpd', 3.3)] }),
  tftp('window 16, 50 clients', { windowBlocks: 16, goals: [least('dnsmasq', 4.5), least('atftpd', 4.5)] }),
  tftp('window 64, 50 clients', { windowBlocks: 64, goals: [least('dnsmasq', 4.5)] }),
  tftp('8 KB, window 16, 50 clients', {
    blockBytes: 8_192,
    windowBlocks: 16,
    network: jumboFrames,
    goals: [least('dnsmasq', 7.5), least('atftpd', 2.3)],
  }),
  tftp('window 4, cut in software', { windowBlocks: 4, network: softwareSegments, goals: [least('dnsmasq', 2.5)] }),
  tftp('window 16, cut in software', { windowBlocks: 16, network: softwareSegments, goals: [least('dnsmasq', 3.6)] }),
  tftp('window 16, 1 ms, 1 client', { ...delayed, windowBlocks: 16, clients: 1, goals: [least('dnsmasq', 15.5)] }),
  tftp('window 64, 1 ms, 1 client', { ...delayed, windowBlocks: 64, clients: 1, goals: [least('dnsmasq', 55)] }),
  tftp('window 16, 1 ms, 50 clients', {
    ...delayed,
    windowBlocks: 16,
    goals: [least('dnsmasq', 10), least('atftpd', 4)],
  }),
  tftp('lock step, 0.1 % loss, 1 ms', { ...delayed, loss: 0.001, goals: [least('dnsmasq', 6)] }),
  tftp('lock step, 1 % loss, 1 ms', { ...delayed, loss: 0.01, goals: [least('dnsmasq', 28)] }),
  tftp('window 16, 0.1 % loss, 1 ms', {
    ...delayed,
    windowBlocks: 16,
    loss: 0.001,
    goals: [least('dnsmasq', 40), least('atftpd', 6), noFailures],
  }),
  tftp('window 16, 1 % loss, 1 ms', {
    ...delayed,
    windowBlocks: 16,
    loss: 0.01,
    goals: [least('dnsmasq', 120), least('atftpd', 16), noFailures],
  }),
  {
    ...tftp('2,000 clients at once', {
      ...many,
      goals: [least('dnsmasq', 3.5), { figure: 'tail', most: 1.05 }, { figure: 'unfinished', most: 0 }, noFailures],
    }),
    ...burstTime,
  },
  {
    ...tftp('10,000 clients at once', {
      ...many,
      clients: 10_000,
      goals: [{ figure: 'unfinished', most: 0 }, noFailures],
    }),
    ...burstTime,
  },
  {
    ...tftp('64 KB files, 50 clients', {
      file: 'boot-64k.bin',
      goals: [least('dnsmasq', 1.15), least('tftpd-hpa', 5)],
    }),
    counts: 'files',
    rateUnit: 'files/s',
  },
  {
    ...tftp('lock step, 1 client', {
      clients: 1,
      goals: [least('dnsmasq', 1.2), least('tftpd-hpa', 1.2), least('atftpd', 1.2)],
    }),
    spins: true,
  },
  {
    ...tftp('memory of 2,000 transfers', {
      clients: 2_000,
      roundTripMs: 20,
      goals: [
        { figure: 'kilobytesEach', most: 1 },
        { figure: 'kilobytesEach', beside: 'atftpd', most: 0.25 },
        { figure: 'kilobytesEach', beside: 'tftpd-hpa', most: 1 / 75 },
      ],
    }),
    memoryFrom: 200,
    fresh: true,
  },
]

const ours = (goals: readonly Goal[], name: ServerName): readonly OurGoal[] =>
  goals.map((goal) => ({ ...goal, ours: name }))

const dhcpCases: readonly BenchCase[] = [
  {
    protocol: 'dhcp',
    name: 'exchanges, 64 in flight',
    rateUnit: '/s',
    servers: ['reveille', 'reveille-unsynced', 'kea', 'dnsmasq', 'dnsmasq-no-lease-file'],
    goals: [
      ...ours(
        [
          least('kea', 5),
          least('dnsmasq-no-lease-file', 12),
          least('dnsmasq', 80),
          { figure: 'cpuMs', beside: 'kea', most: 0.2 },
        ],
        'reveille-unsynced',
      ),
      least('kea', 3),
    ],
    inFlight: 64,
    fresh: true,
    ...warmTime,
  },
  {
    protocol: 'mixed',
    name: 'DHCP while 50 clients download',
    rateUnit: '/s',
    servers: ['reveille', 'reveille-unsynced', 'dnsmasq-no-lease-file'],
    goals: ours(
      [
        least('dnsmasq-no-lease-file', 7),
        { figure: 'p50Ms', beside: 'dnsmasq-no-lease-file', most: 0.1 },
        { figure: 'p99Ms', beside: 'dnsmasq-no-lease-file', most: 1 },
        { figure: 'tftpMegabytes', beside: 'dnsmasq-no-lease-file', least: 1.2 },
      ],
      'reveille-unsynced',
    ),
    tftp: tftp('', { goals: [] }).tftp,
    inFlight: 4,
    fresh: true,
    ...warmTime,
  },
]

function http(name: string, shape: HttpShape, goals: readonly Goal[]): BenchCase {
  const rateUnit = shape.counts === 'megabytes' ? 'MB/s' : 'req/s'
  const time = shape.counts === 'requests' ? warmTime : wholeTime
  return { ...shape, protocol: 'http', name, rateUnit, servers: ['reveille', 'nginx', 'express'], goals, ...time }
}

const large = { file: 'image-64m.bin', rangeBytes: 0, counts: 'megabytes' } as const
const ranges = { file: 'image-1g.bin', rangeBytes: 16 * mebibyte, counts: 'megabytes' } as const
const slowestAs: Goal = { figure: 'p99Ms', beside: 'nginx', most: 1 }
const alone = [least('nginx', 0.95), least('express', 4), slowestAs]
const amongOthers = [least('nginx', 1.2), least('express', 4), slowestAs]

const httpCases: readonly BenchCase[] = [
  http('64 MB whole, 1 connection', { ...large, connections: 1 }, alone),
  http('64 MB whole, 8 connections', { ...large, connections: 8 }, amongOthers),
  http('64 MB whole, 32 connections', { ...large, connections: 32 }, amongOthers),
  http('1 GB by ranges of 16 MB, 1', { ...ranges, connections: 1 }, alone),
  http('1 GB by ranges of 16 MB, 8', { ...ranges, connections: 8 }, amongOthers),
  http('1 GB by ranges of 16 MB, 32', { ...ranges, connections: 32 }, amongOthers),
  http('4 KB, 32 connections', { file: 'loader.bin', rangeBytes: 0, connections: 32, counts: 'requests' }, [
    least('nginx', 0.65),
    least('express', 6),
  ]),
]

const pages = { clients: 1_000, machines: 20 } as const
const allTold: Goal = { figure: 'told', least: 0.99 }
const anyRate: readonly Goal[] = [
  allTold,
  { figure: 'cores', most: 0.25 },
  { figure: 'p99Ms', most: 55 },
  { figure: 'growth', most: 1.1 },
]

function progress(name: string, shape: ProgressShape, goals: readonly Goal[]): BenchCase {
  const servers: readonly ServerName[] = goals.some(({ beside }) => beside === 'ws') ? ['reveille', 'ws'] : ['reveille']
  return { protocol: 'progress', name, rateUnit: 'frames/s', servers, goals, fresh: true, ...warmTime, ...shape }
}

const progressCases: readonly BenchCase[] = [
  progress('1,000 pages, 100 events/s', { ...pages, eventsPerSecond: 100, eventsPerReport: 1 }, [
    allTold,
    { figure: 'p99Ms', most: 10 },
    { figure: 'cores', beside: 'ws', most: 0.67 },
  ]),
  progress('1,000 pages, 400 events/s', { ...pages, eventsPerSecond: 400, eventsPerReport: 1 }, anyRate),
  progress('1,000 pages, 2,000 events/s', { ...pages, eventsPerSecond: 2_000, eventsPerReport: 5 }, anyRate),
]

const storeCases: readonly BenchCase[] = [
  {
    protocol: 'store',
    name: '20,000 events/s',
    rateUnit: 'events/s',
    servers: ['reveille', 'in-loop'],
    goals: [
      { figure: 'rate', least: 19_900 },
      { figure: 'p99Ms', most: 3.5 },
      { figure: 'p99Ms', beside: 'in-loop', most: 0.2 },
      { figure: 'lost', most: 0 },
    ],
    machines: 1_000,
    eventsPerSecond: 20_000,
    ...warmTime,
  },
]

export const benchCases: readonly BenchCase[] = [
  ...tftpCases,
  ...dhcpCases,
  ...httpCases,
  ...progressCases,
  ...storeCases,
]
