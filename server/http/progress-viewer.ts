/**
 * One page that watches. It is sent what it has not seen: first everything it missed, then each change once. A page that
 * does not keep up loses nothing but the steps between: what waits for it is bounded, and it gets a fresh picture when
 * its line is free again (WS-15).
 */

import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { RunId } from '../address/identifiers.ts'
import type { ProgressFrame, WatchedEvent } from '../contract/progress.ts'
import type { ProgressChange, Store } from '../store/ports.ts'

export const bufferedBytesMax = 256 * 1024
/** Below this a slow reader counts as free again. */
const bufferedBytesFree = 16 * 1024
const eventsPerFrame = 500

const noLanes = { lanes: [], forgotten: [] } as const

export interface Frame extends ProgressChange {
  /** The lowest seq inside. */
  readonly firstSeq: number
  /** For everybody who watches this run (or none), made once (text-frame.ts). */
  octets(runId: RunId | undefined): Uint8Array
}

export interface ViewerSettings {
  readonly store: Pick<Store, 'lanes' | 'runEvents'>
  readonly now: () => number
  /** The frame of alerts, as they are now (text-frame.ts). */
  readonly alerts: () => Promise<Uint8Array>
  /** A frame is on its way to the page. */
  readonly sent: () => void
  /** Frames of the last moments, oldest first, for what happened between a read and its answer. */
  readonly recent: () => readonly Frame[]
}

export class ProgressViewer {
  readonly #socket: WebSocket
  /** What `socket` is on: where frames go that are the same for everybody. */
  readonly #connection: Duplex
  readonly #settings: ViewerSettings
  /** Everything up to this has been sent; undefined while the viewer is being told what it missed. */
  #laneSeq: number | undefined
  #isBehind = false
  #watched: { readonly runId: RunId; seq: number | undefined } | undefined
  /** Reads go one after another, so that frames stay in order. */
  #turn: Promise<void> = Promise.resolve()

  constructor(socket: WebSocket, connection: Duplex, settings: ViewerSettings) {
    this.#socket = socket
    this.#connection = connection
    this.#settings = settings
  }

  get socket(): WebSocket {
    return this.#socket
  }

  /** It does not take what it is sent. */
  get isBehind(): boolean {
    return this.#isBehind
  }

  /** `since` undefined: the whole picture. */
  async join(since: number | undefined): Promise<void> {
    return this.#inTurn(async () => {
      const { seq, forgottenSeq, lanes } = await this.#settings.store.lanes()
      const { now } = this.#settings
      // A cursor from the future belongs to another database. Any past one can be served, because a lane is one row; but
      // of those that were forgotten since there is none.
      if (since === undefined || since > seq || since < forgottenSeq) {
        this.#send({ kind: 'snapshot', seq, serverTimeMs: now(), lanes })
      } else {
        this.#send({ kind: 'changes', seq, lanes: lanes.filter((row) => row.seq > since), forgotten: [], events: [] })
      }
      this.#laneSeq = seq
      for (const frame of this.#settings.recent()) this.#sendLanes(frame)
      this.#write(await this.#settings.alerts())
    })
  }

  /** A frame that is the same for everybody. */
  tell(frame: Uint8Array): void {
    if (this.#laneSeq !== undefined && !this.#isTooSlow()) this.#write(frame)
  }

  async watch(runId: RunId | null, since: number): Promise<void> {
    this.#watched = runId === null ? undefined : { runId, seq: undefined }
    const watched = this.#watched
    return watched === undefined ? undefined : this.#inTurn(async () => this.#tellEvents(watched, since))
  }

  show(frame: Frame): void {
    if (this.#laneSeq === undefined || this.#isTooSlow()) return
    const watched = this.#watched
    const seq = Math.max(this.#laneSeq, watched?.seq ?? 0)
    if (frame.firstSeq > seq && (watched === undefined || watched.seq !== undefined)) {
      this.#write(frame.octets(watched?.runId))
      this.#laneSeq = frame.seq
      if (watched !== undefined) watched.seq = frame.seq
      return
    }
    this.#sendLanes(frame)
    if (watched?.seq !== undefined) this.#sendEvents(watched, frame.events)
  }

  /** What it does not take now it will not want later: catchUp() begins anew. */
  #isTooSlow(): boolean {
    if (this.#socket.bufferedAmount <= bufferedBytesMax) return false
    this.#laneSeq = undefined
    this.#isBehind = true
    return true
  }

  /** Called now and then: a slow reader whose line is free gets the picture as it is now. */
  async catchUp(): Promise<void> {
    if (!this.#isBehind || this.#socket.bufferedAmount > bufferedBytesFree) return
    this.#isBehind = false
    await this.join(undefined)
    const watched = this.#watched
    if (watched?.seq !== undefined) await this.watch(watched.runId, watched.seq)
  }

  stillHere(): void {
    if (this.#laneSeq === undefined || this.#socket.bufferedAmount > bufferedBytesMax) return
    this.#send({ kind: 'still-here', seq: this.#laneSeq, serverTimeMs: this.#settings.now() })
  }

  async #tellEvents(watched: { readonly runId: RunId; seq: number | undefined }, since: number): Promise<void> {
    const { store, recent } = this.#settings
    let last = since
    for (;;) {
      if (this.#watched !== watched || this.#socket.readyState !== this.#socket.OPEN) return
      const events = await store.runEvents(watched.runId, last, eventsPerFrame)
      last = events.at(-1)?.seq ?? last
      if (events.length > 0) this.#send({ kind: 'changes', seq: this.#laneSeq ?? 0, ...noLanes, events })
      if (events.length < eventsPerFrame) break
      await this.#lineIsFree()
    }
    if (this.#watched !== watched) return
    watched.seq = last
    for (const frame of recent()) this.#sendEvents(watched, frame.events)
  }

  /** A long history is read no faster than the page takes it. */
  async #lineIsFree(): Promise<void> {
    while (this.#socket.bufferedAmount > bufferedBytesMax && this.#socket.readyState === this.#socket.OPEN) {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  #sendLanes(frame: ProgressChange): void {
    const known = this.#laneSeq ?? 0
    const lanes = frame.lanes.filter((row) => row.seq > known)
    const forgotten = frame.forgotten.filter((one) => one.seq > known)
    if (lanes.length + forgotten.length > 0) {
      this.#send({ kind: 'changes', seq: frame.seq, lanes, forgotten, events: [] })
    }
    this.#laneSeq = Math.max(known, frame.seq)
  }

  #sendEvents(watched: { readonly runId: RunId; seq: number | undefined }, all: readonly WatchedEvent[]): void {
    const known = watched.seq ?? 0
    const events = all.filter((event) => event.runId === watched.runId && event.seq > known)
    const last = events.at(-1)
    if (last === undefined) return
    // The frame's seq is the page's cursor for lanes, so events alone do not move it.
    this.#send({ kind: 'changes', seq: this.#laneSeq ?? 0, ...noLanes, events })
    watched.seq = last.seq
  }

  #send(frame: ProgressFrame): void {
    this.#socket.send(JSON.stringify(frame))
    this.#settings.sent()
  }

  /** Between two messages of `ws`, which writes each at once, since it compresses none; and none after the closing one. */
  #write(frame: Uint8Array): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    this.#connection.write(frame)
    this.#settings.sent()
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => {})
    return turn
  }
}
