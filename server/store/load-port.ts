/** How much the store has to do, and has done since it was opened. */

export interface StoreWork {
  readonly queues: Readonly<Record<'commands' | 'observations' | 'leases', QueueLength>>
  readonly commits: number
  /** Groups that could not be written. */
  readonly commitsFailed: number
  readonly commandsCommitted: number
  /** Of the commits alone, which is the disk. */
  readonly commitMs: number
}

export interface QueueLength {
  /** For what is on its way to the disk now to come back. */
  readonly waiting: number
  readonly waitingMax: number
  /** Refused or dropped, because so many waited. */
  readonly dropped: number
}

export interface WorkingStore {
  /** Costs next to nothing to ask. */
  work(): StoreWork
}
