/**
 * Makes frames of what the store commits. While little happens each change goes out at once; when more happens, what is
 * changed within 50 ms goes together, each lane once in its newest state, so that a thousand pages cost the same at any
 * rate. A frame is made once for everybody who watches the same.
 */

import type { RunId } from '../address/identifiers.ts'
import { newestOfLanes } from '../contract/newest-of-lanes.ts'
import type { ProgressFrame } from '../contract/progress.ts'
import type { ProgressChange } from '../store/ports.ts'
import type { Frame } from './progress-viewer.ts'
import { textFrame } from './text-frame.ts'

export const gatherMs = 50
/** In 50 ms; when there were more, the next ones are gathered from the first on. A page is written to in some 5 microseconds. */
export const atOnceMax = 8
/** Some seconds; a reader’s question to the store takes milliseconds. */
const recentMax = 1_000

export class ProgressFrames {
  readonly #show: (frame: Frame) => void
  readonly #recent: Frame[] = []
  #gathered: ProgressChange[] = []
  /** Since the timer was set. */
  #changes = 0
  #isBusy = false
  #timer: NodeJS.Timeout | undefined

  constructor(show: (frame: Frame) => void) {
    this.#show = show
  }

  get recent(): readonly Frame[] {
    return this.#recent
  }

  add(change: ProgressChange): void {
    this.#gathered.push(change)
    this.#changes += 1
    this.#timer ??= setTimeout(() => this.#tick(), gatherMs)
    if (!this.#isBusy && this.#changes <= atOnceMax) this.#flush()
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  #tick(): void {
    this.#isBusy = this.#changes > atOnceMax
    this.#timer = this.#changes === 0 ? undefined : setTimeout(() => this.#tick(), gatherMs)
    this.#changes = 0
    if (this.#gathered.length > 0) this.#flush()
  }

  #flush(): void {
    const frame = makeFrame(this.#gathered)
    this.#gathered = []
    this.#recent.push(frame)
    if (this.#recent.length > recentMax) this.#recent.shift()
    this.#show(frame)
  }
}

export function makeFrame(changes: readonly ProgressChange[]): Frame {
  const newest = newestOfLanes(
    changes.flatMap((change) => change.lanes),
    changes.flatMap((change) => change.forgotten),
  )
  const events = changes.flatMap((change) => change.events)
  const seq = changes.at(-1)?.seq ?? 0
  const merged = { seq, ...newest, events }
  const firstSeq = Math.min(
    seq,
    ...changes.flatMap((change) => [...change.lanes, ...change.forgotten, ...change.events]).map((row) => row.seq),
  )
  const made = new Map<RunId | undefined, Uint8Array>()
  const octets = (runId: RunId | undefined): Uint8Array => {
    const known = made.get(runId)
    if (known !== undefined) return known
    const wanted = runId === undefined ? [] : events.filter((event) => event.runId === runId)
    const frame = textFrame(JSON.stringify({ kind: 'changes', ...merged, events: wanted } satisfies ProgressFrame))
    made.set(runId, frame)
    return frame
  }
  return { ...merged, firstSeq, octets }
}
