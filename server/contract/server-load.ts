/**
 * How busy the server is, for whoever watches it: rates are of the last two seconds, what was dropped, refused or sent again is of
 * the last minute, and the rest is how it is now. A service that does not run has no part here.
 */

export interface ServerLoad {
  readonly dhcp?: DhcpLoad
  readonly tftp?: TftpLoad
  readonly http?: HttpLoad
  readonly store?: StoreLoad
  /** Of ten seconds. */
  readonly loop?: { readonly delayP99Ms: number }
  readonly pages?: { readonly open: number; readonly behind: number }
}

export interface DhcpLoad {
  readonly answersPerSecond: number
  /** Could not be answered: too many at once, or an answer that failed. */
  readonly dropped: number
}

export interface TftpLoad {
  readonly transfers: number
  /** Too many at once. */
  readonly turnedAway: number
  readonly sent?: TftpSent
}

export interface TftpSent {
  readonly bytesPerSecond: number
  readonly blocks: number
  readonly blocksResent: number
}

export interface HttpLoad {
  readonly requestsPerSecond: number
  readonly bytesPerSecond: number
  readonly underWay: number
  readonly connections: number
  /** Connections that were closed without an answer. */
  readonly refused: number
}

export interface StoreLoad {
  /** The queue that is fullest, and what it takes. */
  readonly waiting: number
  readonly waitingMax: number
  /** Absent: nothing was committed. */
  readonly commitMs?: number
  readonly dropped: number
}
