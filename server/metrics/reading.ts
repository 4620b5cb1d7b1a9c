/** What was counted since the start, and how things are, at one moment. Each part of the server tells its own. */

export interface Reading {
  readonly dhcp?: { readonly answered: number; readonly dropped: number }
  readonly tftp?: TftpReading
  readonly http?: HttpReading
  readonly store?: StoreReading
  readonly loop?: { readonly p99Ms: number }
  readonly pages?: PagesReading
}

export interface TftpReading {
  readonly transfers: number
  readonly turnedAway: number
  readonly sent?: { readonly octets: number; readonly blocks: number; readonly blocksResent: number }
}

export interface HttpReading {
  readonly requests: number
  readonly octets: number
  readonly underWay: number
  readonly connections: number
  readonly refused: number
}

export interface StoreReading {
  readonly queues: Readonly<
    Record<string, { readonly waiting: number; readonly waitingMax: number; readonly dropped: number }>
  >
  readonly commits: number
  readonly commitMs: number
}

export interface PagesReading {
  readonly open: number
  readonly behind: number
  readonly frames: number
}
