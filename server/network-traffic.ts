/** What DHCP, the boot server and TFTP count, for Prometheus and for the page. */

import type { Registry } from 'prom-client'
import type { UdpCounters } from './listen/udp-socket.ts'
import { Counts } from './metrics/counts.ts'
import type { Reading, TftpReading } from './metrics/reading.ts'
import { showLabelled, showPlain } from './metrics/show-metric.ts'

/** What it does not count has no name here. */
type TftpCounters = Readonly<Record<string, number | undefined>>

export interface TftpTraffic {
  readonly counters: TftpCounters
  readonly active: number
}

/** Counted in units of their own; every other name is an outcome of a request or a transfer. */
const tftpUnits = {
  'octets-sent': { name: 'reveille_tftp_sent_bytes_total', help: 'Octets of files, those sent again included.' },
  'blocks-sent': { name: 'reveille_tftp_blocks_sent_total', help: 'Blocks, those sent again included.' },
  'blocks-resent': { name: 'reveille_tftp_blocks_resent_total', help: 'Blocks that were sent again.' },
  timeouts: { name: 'reveille_tftp_timeouts_total', help: 'Waits for a client that ended without a word of it.' },
} as const

const tftpDatagrams = {
  'datagrams-received': 'received',
  'datagrams-too-long': 'received-too-long',
  'datagrams-sent': 'sent',
  'datagrams-failed': 'send-failed',
} as const

const apart: ReadonlySet<string> = new Set([...Object.keys(tftpUnits), ...Object.keys(tftpDatagrams)])
/** Of a DHCP datagram that deserved an answer and got none. */
const dhcpDrops = ['overload', 'failed'] as const
/** Of a TFTP request that came when there were too many. */
const tftpDrops = ['busy', 'over-budget', 'half-open-evicted'] as const

export class NetworkTraffic {
  readonly #metrics: Registry
  readonly #dhcp = new Map<string, Counts>()
  readonly #sockets = new Map<string, () => UdpCounters>()
  #tftp: TftpTraffic | undefined

  constructor(metrics: Registry) {
    this.#metrics = metrics
    showLabelled(metrics, {
      name: 'reveille_dhcp_datagrams_total',
      help: 'DHCP datagrams by service and what became of them',
      labelNames: ['service', 'outcome'],
      read: () =>
        [...this.#dhcp].flatMap(([service, counts]) =>
          counts.values.map(([outcome, value]) => ({ labels: { service, outcome }, value })),
        ),
    })
    showLabelled(metrics, {
      name: 'reveille_udp_datagrams_total',
      help: 'Datagrams of sockets, before anything in them was looked at',
      labelNames: ['service', 'outcome'],
      read: () => [
        ...[...this.#sockets].flatMap(([service, counters]) => socketSamples(service, counters())),
        ...tftpSocketSamples(this.#tftp?.counters ?? {}),
      ],
    })
  }

  dhcpCounter(service: string): (outcome: string) => void {
    const counts = new Counts()
    this.#dhcp.set(service, counts)
    return (outcome) => counts.add(outcome)
  }

  watchSocket(service: string, counters: () => UdpCounters): void {
    this.#sockets.set(service, counters)
  }

  watchTftp(tftp: TftpTraffic): void {
    this.#tftp = tftp
    showLabelled(this.#metrics, {
      name: 'reveille_tftp_total',
      help: 'TFTP requests and transfers by what became of them',
      labelNames: ['outcome'],
      read: () =>
        Object.entries(tftp.counters).flatMap(([outcome, value]) =>
          apart.has(outcome) || value === undefined ? [] : [{ labels: { outcome }, value }],
        ),
    })
    showPlain(this.#metrics, [
      { name: 'reveille_tftp_transfers', help: 'TFTP transfers under way.', read: () => tftp.active },
      ...Object.entries(tftpUnits).flatMap(([counter, metric]) =>
        tftp.counters[counter] === undefined ? [] : [{ ...metric, read: () => tftp.counters[counter] ?? 0 }],
      ),
    ])
  }

  get reading(): Reading {
    const dhcp = [...this.#dhcp.values()]
    const sum = (outcome: string): number => dhcp.reduce((total, counts) => total + counts.get(outcome), 0)
    return {
      ...(dhcp.length > 0 && {
        dhcp: {
          answered: sum('answered'),
          dropped: dhcpDrops.reduce((total, outcome) => total + sum(outcome), 0),
        },
      }),
      ...(this.#tftp && { tftp: readTftp(this.#tftp) }),
    }
  }
}

function readTftp({ counters, active }: TftpTraffic): TftpReading {
  const { 'octets-sent': octets, 'blocks-sent': blocks, 'blocks-resent': blocksResent } = counters
  const areBlocksCounted = octets !== undefined && blocks !== undefined && blocksResent !== undefined
  return {
    transfers: active,
    turnedAway: tftpDrops.reduce((total, outcome) => total + (counters[outcome] ?? 0), 0),
    ...(areBlocksCounted && { sent: { octets, blocks, blocksResent } }),
  }
}

function socketSamples(service: string, counters: UdpCounters) {
  const { received, receivedTooLong, sent, sendFailed } = counters
  const outcomes = { received, 'received-too-long': receivedTooLong, sent, 'send-failed': sendFailed }
  return Object.entries(outcomes).map(([outcome, value]) => ({ labels: { service, outcome }, value }))
}

function tftpSocketSamples(counters: TftpCounters) {
  return Object.entries(tftpDatagrams).flatMap(([counter, outcome]) => {
    const value = counters[counter]
    return value === undefined ? [] : [{ labels: { service: 'TFTP', outcome }, value }]
  })
}
