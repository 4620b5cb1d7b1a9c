/**
 * Calls back when a socket of `datagram-descriptor.ts` has datagrams to read. While datagrams come, this thread looks by itself,
 * between two turns of Node's loop, and goes on looking for a moment after the last one: in lock step the next one is only
 * microseconds away, and waking a sleeping thread takes longer than answering. Then it sleeps, and a waiting thread, one
 * for all sockets of the process, wakes it. That thread starts with the first socket and ends after the last.
 */

import { Worker } from 'node:worker_threads'
import { ReadinessSet } from './readiness-set.ts'
import { turns } from './readiness-turn.ts'
import type { ReadinessWork } from './readiness-turn.ts'

export interface Watch {
  close(): void
}

/** Reads a batch and tells how many datagrams it was; what it leaves is reported again. */
export type Read = () => number

interface Watched {
  readonly read: Read
  readonly isUrgent: boolean
}

/** Of one turn, so that whatever else this thread does, and what is urgent, waits for a few hundred microseconds at most. */
const datagramsOfTurn = 64
/** About what it costs to fall asleep and be woken again, so that looking in vain at most doubles that. */
const lookOnMs = 0.2

class Readiness {
  readonly #set = new ReadinessSet()
  readonly #turn = new Int32Array(new SharedArrayBuffer(4))
  readonly #watched = new Map<number, Watched>()
  readonly #worker: Worker
  #nextToken = 1
  #lastReadAtMs = 0

  constructor() {
    Atomics.store(this.#turn, 0, turns.worker)
    const workerData: ReadinessWork = { descriptor: this.#set.descriptor, turn: this.#turn }
    this.#worker = new Worker(new URL('./readiness-worker.ts', import.meta.url), { workerData })
    this.#worker.on('message', () => {
      this.#lastReadAtMs = performance.now()
      this.#look()
    })
    this.#worker.once('exit', () => this.#set.close())
  }

  get idle(): boolean {
    return this.#watched.size === 0
  }

  watch(descriptor: number, watched: Watched): Watch {
    const token = this.#nextToken++
    this.#watched.set(token, watched)
    this.#set.add(descriptor, token)
    return { close: () => this.#forget(token) }
  }

  /** Once in a turn of Node's loop: what comes meanwhile is read together with what comes next, which costs less. */
  #look(): void {
    if (this.idle) return
    const read = this.#readReady()
    if (this.idle) return
    const nowMs = performance.now()
    if (read > 0) this.#lastReadAtMs = nowMs
    if (nowMs - this.#lastReadAtMs < lookOnMs) setImmediate(() => this.#look())
    else this.#giveTurn(turns.worker)
  }

  /** Everything urgent, and of the rest until there are enough for a turn. */
  #readReady(): number {
    const tokens = this.#set.wait(0)
    let read = 0
    for (const token of tokens) {
      const watched = this.#watched.get(token)
      if (watched?.isUrgent === true) read += watched.read()
    }
    for (const token of tokens) {
      if (read >= datagramsOfTurn) return read
      const watched = this.#watched.get(token)
      if (watched?.isUrgent === false) read += watched.read()
    }
    return read
  }

  /** Closing the socket takes it out of the set; a late message finds no one. */
  #forget(token: number): void {
    this.#watched.delete(token)
    if (!this.idle) return
    this.#giveTurn(turns.end)
    if (shared === this) shared = undefined
  }

  #giveTurn(turn: number): void {
    if (Atomics.load(this.#turn, 0) === turns.end) return
    Atomics.store(this.#turn, 0, turn)
    Atomics.notify(this.#turn, 0)
  }
}

let shared: Readiness | undefined

/** `urgent`: read before the others, each time. */
export function watchReadable(descriptor: number, read: Read, urgency: 'urgent' | 'patient'): Watch {
  shared ??= new Readiness()
  return shared.watch(descriptor, { read, isUrgent: urgency === 'urgent' })
}
