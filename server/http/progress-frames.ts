/**
 * Makes frames of what the store commits. A change goes out at once while that takes no time to speak of; after a frame that
 * took longer, for many pages or of many lanes, what is changed goes together for a while, each lane once in its newest state, so
 * that pages cost about the same at any rate. A frame is made once for everybody who watches the same.
 */

import type { RunId } from '../address/identifiers.ts'
import { newestOfLanes } from '../contract/newest-of-lanes.ts'
import type { ProgressFrame } from '../contract/progress.ts'
import type { ProgressChange } from '../store/ports.ts'
import type { Frame } from './progress-viewer.ts'
import { textFrame } from './text-frame.ts'

export const gatherMsMax = 50
/** To a frame, so that frames take a fifth of this thread, or one in 50 ms. */
const restFactor = 4
/** Timers know nothing shorter. */
const restMsMin = 1
/** A reader's question to the store takes milliseconds. Frames are as large as a site is busy, so the older ones go. */
const recentMs = 10_000
const recentMin = 200

export class ProgressFrames {
  readonly #show: (frame: Frame) => void
  readonly #nowMs: () => number
  readonly #recent: { readonly frame: Frame; readonly atMs: number }[] = []
  #gathered: ProgressChange[] = []
  /** While it runs, changes are gathered. */
  #rest: NodeJS.Timeout | undefined

  constructor(show: (frame: Frame) => void, nowMs: () => number = () => performance.now()) {
    this.#show = show
    this.#nowMs = nowMs
  }

  get recent(): readonly Frame[] {
    return this.#recent.map(({ frame }) => frame)
  }

  add(change: ProgressChange): void {
    this.#gathered.push(change)
    if (this.#rest === undefined) this.#flush()
  }

  close(): void {
    clearTimeout(this.#rest)
  }

  #flush(): void {
    const beganMs = this.#nowMs()
    const frame = makeFrame(this.#gathered)
    this.#gathered = []
    this.#remember(frame, beganMs)
    this.#show(frame)
    const restMs = Math.min(gatherMsMax, restFactor * (this.#nowMs() - beganMs))
    this.#rest = restMs < restMsMin ? undefined : setTimeout(() => this.#rested(), restMs)
  }

  #remember(frame: Frame, atMs: number): void {
    this.#recent.push({ frame, atMs })
    const isOld = (): boolean => atMs - (this.#recent[0]?.atMs ?? atMs) > recentMs
    while (this.#recent.length > recentMin && isOld()) this.#recent.shift()
  }

  #rested(): void {
    this.#rest = undefined
    if (this.#gathered.length > 0) this.#flush()
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
