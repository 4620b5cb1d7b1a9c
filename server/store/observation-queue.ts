/**
 * What was noticed about machines by their packets and downloads, on its way to the writer. Nobody waits for them to be stored, so they keep a pace: when a hall full of
 * machines is switched on, those who answer its packets come first, and its lanes follow within seconds. When too many wait,
 * some are dropped and counted: first what the next one of its kind makes worthless, then requests that the machine
 * repeats. Which thread stores them is not known here.
 */

import type { Observed } from '../contract/progress.ts'
import type { QueueLength } from './load-port.ts'

/** Four seconds' worth at the writer's pace. */
export const observationsMax = 10_000

/** All that was given between two batches, with one promise for it. */
interface Group {
  /** Neither stored nor dropped yet. */
  left: number
  isOpen: boolean
  readonly done: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

interface Waiting {
  readonly observed: Observed
  readonly group: Group
}

export interface ObservationBatch {
  readonly observed: readonly Observed[]
  readonly stored: () => void
  readonly failed: (error: Error) => void
}

export class ObservationQueue {
  #waiting: Waiting[] = []
  #group = newGroup()
  #newest: Promise<void> = Promise.resolve()
  /** How many of those waiting are superseded by the next of their kind. */
  #passing = 0
  dropped = 0

  get size(): number {
    return this.#waiting.length
  }

  get work(): QueueLength {
    return { waiting: this.size, waitingMax: observationsMax, dropped: this.dropped }
  }

  /** Resolves when they and all that were given before are stored or dropped. */
  add(observed: readonly Observed[]): Promise<void> {
    const group = this.#group
    for (const one of observed) {
      if (this.#waiting.length >= observationsMax && this.#passing > 0) this.#dropPassing()
      if (this.#waiting.length >= (isRepeated(one) ? observationsMax : 2 * observationsMax)) {
        this.dropped += 1
        continue
      }
      if (isPassing(one)) this.#passing += 1
      group.left += 1
      this.#newest = group.done
      this.#waiting.push({ observed: one, group })
    }
    return this.#newest
  }

  /** The oldest ones, in order. */
  take(max: number): ObservationBatch {
    this.#close(this.#group)
    this.#group = newGroup()
    const taken = this.#waiting.slice(0, max)
    this.#waiting = this.#waiting.slice(max)
    this.#passing -= taken.filter(({ observed }) => isPassing(observed)).length
    return {
      observed: taken.map(({ observed }) => observed),
      stored: () => taken.forEach(({ group }) => leave(group)),
      failed: (error) => taken.forEach(({ group }) => group.reject(error)),
    }
  }

  /** Oldest first, half of what may wait, so that this is seldom done. */
  #dropPassing(): void {
    let excess = observationsMax / 2
    this.#waiting = this.#waiting.filter(({ observed, group }) => {
      if (excess === 0 || !isPassing(observed)) return true
      excess -= 1
      this.#passing -= 1
      this.dropped += 1
      leave(group)
      return false
    })
  }

  #close(group: Group): void {
    group.isOpen = false
    if (group.left === 0) group.resolve()
  }
}

function newGroup(): Group {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  return { left: 0, isOpen: true, done: promise, resolve, reject }
}

function leave(group: Group): void {
  group.left -= 1
  if (group.left === 0 && !group.isOpen) group.resolve()
}

/** Another of its kind follows at once, and the newest counts. */
function isPassing({ observation }: Observed): boolean {
  return observation.kind === 'transfer-progress' && !observation.ended
}

/** What a machine that wants something says again. */
function isRepeated(observed: Observed): boolean {
  const { kind } = observed.observation
  return kind === 'dhcp-request' || kind === 'boot-decided' || isPassing(observed)
}
