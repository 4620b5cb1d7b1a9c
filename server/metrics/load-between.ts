/** Two readings make rates, and what was lost since a third one. */

import type { DhcpLoad, HttpLoad, ServerLoad, StoreLoad, TftpLoad } from '../contract/server-load.ts'
import type { HttpReading, Reading, StoreReading, TftpReading } from './reading.ts'

export interface Readings {
  /** A minute ago, or the first one. */
  readonly oldest: Reading
  readonly before: Reading
  readonly now: Reading
  /** From the one before to now. */
  readonly seconds: number
}

export function loadBetween({ oldest, before, now, seconds }: Readings): ServerLoad {
  const { dhcp, tftp, http, store, loop, pages } = now
  return {
    ...(dhcp && { dhcp: dhcpLoad({ oldest: oldest.dhcp, before: before.dhcp, now: dhcp, seconds }) }),
    ...(tftp && { tftp: tftpLoad({ oldest: oldest.tftp, before: before.tftp, now: tftp, seconds }) }),
    ...(http && { http: httpLoad({ oldest: oldest.http, before: before.http, now: http, seconds }) }),
    ...(store && { store: storeLoad({ oldest: oldest.store, before: before.store, now: store, seconds }) }),
    ...(loop && { loop: { delayP99Ms: Math.round(loop.p99Ms) } }),
    ...(pages && { pages: { open: pages.open, behind: pages.behind } }),
  }
}

/** A part that was not there yet had counted nothing. */
interface Part<Of> {
  readonly oldest: Of | undefined
  readonly before: Of | undefined
  readonly now: Of
  readonly seconds: number
}

function dhcpLoad({ oldest, before, now, seconds }: Part<NonNullable<Reading['dhcp']>>): DhcpLoad {
  return {
    answersPerSecond: Math.round((now.answered - (before?.answered ?? 0)) / seconds),
    dropped: now.dropped - (oldest?.dropped ?? 0),
  }
}

function tftpLoad({ oldest, before, now, seconds }: Part<TftpReading>): TftpLoad {
  const { sent } = now
  return {
    transfers: now.transfers,
    turnedAway: now.turnedAway - (oldest?.turnedAway ?? 0),
    ...(sent && {
      sent: {
        bytesPerSecond: Math.round((sent.octets - (before?.sent?.octets ?? 0)) / seconds),
        blocks: sent.blocks - (oldest?.sent?.blocks ?? 0),
        blocksResent: sent.blocksResent - (oldest?.sent?.blocksResent ?? 0),
      },
    }),
  }
}

function httpLoad({ oldest, before, now, seconds }: Part<HttpReading>): HttpLoad {
  return {
    requestsPerSecond: Math.round((now.requests - (before?.requests ?? 0)) / seconds),
    bytesPerSecond: Math.round((now.octets - (before?.octets ?? 0)) / seconds),
    underWay: now.underWay,
    connections: now.connections,
    refused: now.refused - (oldest?.refused ?? 0),
  }
}

function storeLoad({ oldest, before, now }: Part<StoreReading>): StoreLoad {
  const [fullest] = Object.values(now.queues).toSorted((a, b) => b.waiting / b.waitingMax - a.waiting / a.waitingMax)
  const commits = now.commits - (before?.commits ?? 0)
  return {
    waiting: fullest?.waiting ?? 0,
    waitingMax: fullest?.waitingMax ?? 0,
    ...(commits > 0 && { commitMs: Math.round((now.commitMs - (before?.commitMs ?? 0)) / commits) }),
    dropped: droppedOf(now) - droppedOf(oldest),
  }
}

function droppedOf(reading: StoreReading | undefined): number {
  return Object.values(reading?.queues ?? {}).reduce((sum, { dropped }) => sum + dropped, 0)
}
