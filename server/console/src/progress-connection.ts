/**
 * The live line to the server: connects, keeps the highest `seq` it has seen, and after any break connects again with
 * `since`, so that nothing is missed and nothing comes twice. Given a listener, it owns everything else.
 */

import type { RunId } from '../../address/identifiers.ts'
import type { Lane, LaneId, ProgressFrame, WatchedEvent, WatchRequest } from '../../contract/progress.ts'
import { progressPath } from '../../contract/routes.ts'
import type { ServerLoad } from '../../contract/server-load.ts'

/** `broken` stays until the line is live again, so that what is read aloud does not change with every try. */
export type LineState = 'connecting' | 'live' | 'broken' | 'signed-out'

export type OpenAlerts = Pick<Extract<ProgressFrame, { readonly kind: 'alerts' }>, 'alerts' | 'total'>

export interface ProgressListener {
  onState(state: LineState): void
  /** `replace`: these are all lanes there are. */
  onLanes(lanes: readonly Lane[], replace: boolean): void
  onForgotten(ids: readonly LaneId[]): void
  /** Of the run that is being watched. */
  onEvents(events: readonly WatchedEvent[]): void
  /** All that are open, and how many there are besides. */
  onAlerts(alerts: OpenAlerts): void
  onLoad(load: ServerLoad): void
  /** How far the server's clock is ahead of ours, in milliseconds. */
  onClock(aheadMs: number): void
  /** Asked when the server would not open the line: a browser does not tell a page why. */
  isSignedOut(): Promise<boolean>
}

/** The server says something at least every 20 s; twice that and the line is dead. */
const silenceMsMax = 45_000
/** A server that is there answers at once. */
const openingMsMax = 10_000
const retryMsMin = 500
/** Pages are back within 5 s of a server that returned, however long it was away (WS-17). */
const retryMsMax = 4_000
/** WebSocket close codes of the server (WS-14). */
const signedOutCodes = new Set([4401, 4403])

export class ProgressConnection {
  readonly #listener: ProgressListener
  readonly #nudges = new AbortController()
  #socket: WebSocket | undefined
  #seq = 0
  #retryMs = retryMsMin
  #timer: number | undefined
  #watched: { readonly runId: RunId; since: number } | undefined
  #isClosed = false

  constructor(listener: ProgressListener) {
    this.#listener = listener
    // A laptop that wakes, or a tab that is looked at again, does not wait for a timer that the browser has slowed down.
    const nudge = (): void => this.#nudge()
    const { signal } = this.#nudges
    window.addEventListener('online', nudge, { signal })
    document.addEventListener('visibilitychange', nudge, { signal })
    listener.onState('connecting')
    this.#connect()
  }

  /** Events of one run at a time, from its beginning; undefined: none. */
  watchRun(runId: RunId | undefined): void {
    this.#watched = runId === undefined ? undefined : { runId, since: 0 }
    this.#sendWatch()
  }

  close(): void {
    this.#isClosed = true
    this.#nudges.abort()
    clearTimeout(this.#timer)
    this.#socket?.close()
    this.#socket = undefined
  }

  #connect(): void {
    const url = new URL(progressPath, location.href)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    if (this.#seq > 0) url.searchParams.set('since', String(this.#seq))
    const socket = new WebSocket(url)
    let wasOpen = false
    this.#socket = socket
    this.#expectWord(openingMsMax)
    socket.addEventListener('open', () => {
      wasOpen = true
      if (socket === this.#socket && this.#watched !== undefined) this.#sendWatch()
    })
    socket.addEventListener('message', ({ data }) => {
      if (socket === this.#socket) this.#take(JSON.parse(String(data)) as ProgressFrame)
    })
    socket.addEventListener('close', ({ code }) => {
      if (socket === this.#socket) this.#lost(signedOutCodes.has(code) ? 'signed-out' : wasOpen ? 'broken' : 'refused')
    })
  }

  #take(frame: ProgressFrame): void {
    this.#expectWord(silenceMsMax)
    this.#retryMs = retryMsMin
    this.#listener.onState('live')
    if (frame.kind === 'alerts') return this.#listener.onAlerts(frame)
    if (frame.kind === 'server-load') return this.#listener.onLoad(frame.load)
    if (frame.kind !== 'changes') this.#listener.onClock(frame.serverTimeMs - Date.now())
    // A server whose database was set back counts from below: what we hold is then worth nothing.
    if (frame.kind === 'snapshot' || frame.seq > this.#seq) this.#seq = frame.seq
    if (frame.kind === 'still-here') return
    const lanes = frame.lanes.map(({ lane }) => lane)
    if (lanes.length > 0 || frame.kind === 'snapshot') this.#listener.onLanes(lanes, frame.kind === 'snapshot')
    if (frame.kind === 'snapshot') return
    if (frame.forgotten.length > 0) this.#listener.onForgotten(frame.forgotten.map(({ id }) => id))
    this.#takeEvents(frame.events)
  }

  /** Events of the run watched before may still be on their way. */
  #takeEvents(all: readonly WatchedEvent[]): void {
    const watched = this.#watched
    if (watched === undefined) return
    const events = all.filter(({ runId, seq }) => runId === watched.runId && seq > watched.since)
    const last = events.at(-1)
    if (last === undefined) return
    watched.since = last.seq
    this.#listener.onEvents(events)
  }

  #sendWatch(): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return
    const request: WatchRequest = {
      kind: 'watch-run',
      runId: this.#watched?.runId ?? null,
      since: this.#watched?.since ?? 0,
    }
    this.#socket.send(JSON.stringify(request))
  }

  #expectWord(withinMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = window.setTimeout(() => this.#giveUp(), withinMs)
  }

  /** The closing handshake of a dead line may take minutes, so its end is not waited for. */
  #giveUp(): void {
    const socket = this.#socket
    this.#lost('broken')
    socket?.close()
  }

  #lost(how: 'signed-out' | 'refused' | 'broken'): void {
    clearTimeout(this.#timer)
    this.#socket = undefined
    if (this.#isClosed) return
    if (how === 'signed-out') return this.#end()
    this.#listener.onState('broken')
    if (how === 'refused') void this.#askWhetherSignedOut()
    // Half of the wait is chance, so that a thousand pages do not come back in one moment (WS-17).
    const waitMs = this.#retryMs / 2 + Math.random() * (this.#retryMs / 2)
    this.#retryMs = Math.min(this.#retryMs * 2, retryMsMax)
    this.#timer = window.setTimeout(() => this.#connect(), waitMs)
  }

  async #askWhetherSignedOut(): Promise<void> {
    if ((await this.#listener.isSignedOut()) && !this.#isClosed) this.#end()
  }

  /** Signing in anew makes a new connection. */
  #end(): void {
    this.close()
    this.#listener.onState('signed-out')
  }

  #nudge(): void {
    if (this.#socket !== undefined || document.visibilityState !== 'visible') return
    clearTimeout(this.#timer)
    this.#connect()
  }
}
