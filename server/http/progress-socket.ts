/**
 * The WebSocket of the status page, `/api/v1/progress?since=SEQ` (RFC 6455; contract/progress.ts). Only a page of this
 * very site may open it with a cookie (security D02), and a page that signed out is hung up on. What a page may say is one
 * short message: which run's events it wants.
 */

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'
import { runId } from './api/fields.ts'
import type { ProgressFrame } from '../contract/progress.ts'
import { progressPath } from '../contract/routes.ts'
import type { ServerLoad } from '../contract/server-load.ts'
import type { PagesReading } from '../metrics/reading.ts'
import type { HttpDependencies } from './dependencies.ts'
import { identify, type Principal } from './principal.ts'
import { printFault } from '../caught-error.ts'
import { Problem, problemBody, problemOf } from './problem.ts'
import { alertsFrame } from './alerts-frame.ts'
import { ProgressFrames } from './progress-frames.ts'
import { type Frame, ProgressViewer } from './progress-viewer.ts'
import { guardRequest } from './request-guard.ts'
import { textFrame } from './text-frame.ts'

export const pingEveryMs = 20_000
/** Two pings without an answer: the line is dead (WS-11). */
const missedPingsMax = 2
const catchUpEveryMs = 250
const viewersMax = 2_000
const messageBytesMax = 4_096
/** Private codes of RFC 6455 section 7.4.2: what 401 is to HTTP. */
export const signedOutCode = 4401

const watchRequest = z.strictObject({
  kind: z.literal('watch-run'),
  runId: runId.nullable(),
  since: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
})

interface Joining {
  readonly connection: Duplex
  readonly since: number | undefined
  readonly principal: Principal
}

interface Watching {
  readonly viewer: ProgressViewer
  readonly principal: Principal
  missedPings: number
}

export class ProgressSocket {
  readonly #dependencies: HttpDependencies
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: messageBytesMax,
    clientTracking: false,
  })
  readonly #watching = new Set<Watching>()
  readonly #frames = new ProgressFrames((frame) => {
    for (const { viewer } of this.#watching) viewer.show(frame)
  })
  readonly #stops: readonly (() => void)[]
  readonly #timers: readonly NodeJS.Timeout[]
  #framesSent = 0

  constructor(dependencies: HttpDependencies) {
    this.#dependencies = dependencies
    const { store, load } = dependencies
    this.#stops = [
      load.onLoad((now) => this.#tellLoad(now)),
      store.onChange((change) => this.#frames.add(change)),
      store.onAlerts(() => this.#own(this.#tellAlerts())),
    ]
    this.#timers = [
      setInterval(() => this.#own(this.#ping()), pingEveryMs),
      setInterval(() => this.#catchUp(), catchUpEveryMs),
    ]
    for (const timer of this.#timers) timer.unref()
  }

  get reading(): PagesReading {
    const behind = [...this.#watching].filter(({ viewer }) => viewer.isBehind).length
    return { open: this.#watching.size, behind, frames: this.#framesSent }
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Until ws takes the socket, its errors are ours.
    const ignore = (): void => {
      socket.destroy()
    }
    socket.on('error', ignore)
    this.#admit(request).then(
      ({ since, principal }) => {
        socket.off('error', ignore)
        this.#server.handleUpgrade(request, socket, head, (webSocket) =>
          this.#join(webSocket, { connection: socket, since, principal }),
        )
      },
      (error: unknown) => refuseUpgrade(socket, problemOf(error) ?? new Problem(500)),
    )
  }

  close(): void {
    for (const stop of this.#stops) stop()
    this.#frames.close()
    for (const timer of this.#timers) clearInterval(timer)
    // 1001: the server goes away; a page comes back by itself.
    for (const { viewer } of this.#watching) {
      viewer.socket.close(1001)
      viewer.socket.terminate()
    }
  }

  async #admit(request: IncomingMessage): Promise<{ since: number | undefined; principal: Principal }> {
    guardRequest(request)
    const [path, query = ''] = (request.url ?? '').split('?')
    if (path !== progressPath) throw new Problem(404)
    if (request.headers['sec-websocket-version'] !== '13') {
      throw new Problem(426, { headers: { 'sec-websocket-version': '13' } })
    }
    checkOrigin(request, this.#dependencies.access.origins)
    const principal = await identify(request, this.#dependencies)
    if (principal.kind === 'nobody') throw new Problem(401)
    if (this.#watching.size >= viewersMax) throw new Problem(503, { headers: { 'retry-after': '10' } })
    const since = new URLSearchParams(query).get('since')
    if (since !== null && !/^[0-9]{1,15}$/.test(since)) throw new Problem(400, { detail: 'since is a number.' })
    return { since: since === null ? undefined : Number(since), principal }
  }

  #join(socket: WebSocket, { connection, since, principal }: Joining): void {
    const { store, now } = this.#dependencies
    const alerts = async (): Promise<Uint8Array> => alertsFrame(store)
    const sent = (): void => void (this.#framesSent += 1)
    const recent = (): readonly Frame[] => this.#frames.recent
    const viewer = new ProgressViewer(socket, connection, { store, now, alerts, sent, recent })
    const watching: Watching = { viewer, principal, missedPings: 0 }
    this.#watching.add(watching)
    socket.on('close', () => this.#watching.delete(watching))
    socket.on('error', () => socket.terminate())
    socket.on('pong', () => {
      watching.missedPings = 0
    })
    socket.on('message', (data, isBinary) => this.#message(viewer, data, isBinary))
    this.#own(viewer.join(since))
  }

  #message(viewer: ProgressViewer, data: RawData, isBinary: boolean): void {
    const request = isBinary ? undefined : watchRequest.safeParse(parse(data))
    if (request?.success !== true) {
      viewer.socket.close(1008, 'not understood')
      return
    }
    this.#own(viewer.watch(request.data.runId, request.data.since))
  }

  /** A page in view is a page in use: its session does not idle out, and one that was ended is noticed here. */
  async #ping(): Promise<void> {
    const { store, now } = this.#dependencies
    const tokens = new Set([...this.#watching].map(({ principal }) => tokenOf(principal)))
    const ended = new Set<string>()
    for (const token of tokens) {
      if (token !== undefined && (await store.useToken(token, now())) === undefined) ended.add(token)
    }
    for (const watching of this.#watching) {
      const { socket } = watching.viewer
      const token = tokenOf(watching.principal)
      if (token !== undefined && ended.has(token)) socket.close(signedOutCode, 'signed out')
      else if (watching.missedPings >= missedPingsMax) socket.terminate()
      else {
        watching.missedPings += 1
        socket.ping()
        watching.viewer.stillHere()
      }
    }
  }

  async #tellAlerts(): Promise<void> {
    if (this.#watching.size === 0) return
    const frame = await alertsFrame(this.#dependencies.store)
    this.#tell(frame)
  }

  #tellLoad(load: ServerLoad): void {
    if (this.#watching.size === 0) return
    this.#tell(textFrame(JSON.stringify({ kind: 'server-load', load } satisfies ProgressFrame)))
  }

  #tell(frame: Uint8Array): void {
    for (const { viewer } of this.#watching) viewer.tell(frame)
  }

  #catchUp(): void {
    for (const { viewer } of this.#watching) this.#own(viewer.catchUp())
  }

  #own(work: Promise<void>): void {
    work.catch((error: unknown) =>
      this.#dependencies.log.error({ fault: printFault(error) }, 'the status page could not be served'),
    )
  }
}

function tokenOf(principal: Principal): string | undefined {
  return principal.kind === 'administrator' && principal.via !== 'preset-token' ? principal.tokenSha256 : undefined
}

/** Browsers always send Origin here and scripts never need one: without it only a token opens the door. */
function checkOrigin(request: IncomingMessage, allowed: readonly string[]): void {
  const { origin, authorization, host } = request.headers
  if (origin === undefined && authorization !== undefined) return
  const scheme = 'encrypted' in request.socket && request.socket.encrypted === true ? 'https' : 'http'
  if (origin === `${scheme}://${host}` || (origin !== undefined && allowed.includes(origin))) return
  throw new Problem(403, { detail: 'This page does not belong to this site.' })
}

function parse(data: RawData): unknown {
  try {
    return JSON.parse(Buffer.isBuffer(data) ? data.toString() : '')
  } catch {
    return undefined
  }
}

function refuseUpgrade(socket: Duplex, problem: Problem): void {
  const body = JSON.stringify(problemBody(problem))
  const headers = {
    connection: 'close',
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    'x-content-type-options': 'nosniff',
    ...problem.details.headers,
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.end(
    `HTTP/1.1 ${problem.status} ${statusTexts.get(problem.status) ?? 'Refused'}\r\n${lines.join('\r\n')}\r\n\r\n${body}`,
  )
}

const statusTexts: ReadonlyMap<number, string> = new Map([
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [426, 'Upgrade Required'],
  [500, 'Internal Server Error'],
  [503, 'Service Unavailable'],
])
