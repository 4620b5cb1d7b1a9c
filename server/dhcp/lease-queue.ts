/**
 * Leases in the order in which they were put in. A lease's place is part of its entry in the table and in one queue at
 * most, so adding, removing and taking the first cost the same for ten addresses and for a /16. (A Set would walk over the
 * holes that removals leave at its front.)
 */

import type { Lease } from './lease.ts'

export interface LeaseEntry {
  readonly address: number
  lease: Lease
  queue: LeaseQueue | undefined
  previous: LeaseEntry | undefined
  next: LeaseEntry | undefined
}

export class LeaseQueue {
  #first: LeaseEntry | undefined
  #last: LeaseEntry | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  get first(): LeaseEntry | undefined {
    return this.#first
  }

  /** At the end; out of the queue it was in. */
  add(entry: LeaseEntry): void {
    entry.queue?.remove(entry)
    entry.queue = this
    entry.previous = this.#last
    if (this.#last === undefined) this.#first = entry
    else this.#last.next = entry
    this.#last = entry
    this.#size += 1
  }

  remove(entry: LeaseEntry): void {
    if (entry.queue !== this) return
    if (entry.previous === undefined) this.#first = entry.next
    else entry.previous.next = entry.next
    if (entry.next === undefined) this.#last = entry.previous
    else entry.next.previous = entry.previous
    this.#size -= 1
    entry.queue = undefined
    entry.previous = undefined
    entry.next = undefined
  }
}
