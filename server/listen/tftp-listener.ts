/**
 * The TFTP server: requests on port 69, and a port of its own for each transfer (RFC 1350 section 4, TF-35). Decodes,
 * finds the session, hands it the event; the protocol itself is in `tftp/`. Reading only: write requests are refused
 * (TF-09). Requests to a broadcast address are not answered (RFC 1123 section 4.2.3.4, TF-34).
 */

import type { Ipv4Address } from '../address/ipv4-address.ts'
import type { TftpLimits } from '../tftp/negotiate.ts'
import { DecodeError } from '../wire/decode-error.ts'
import { decodeTftpPacket, encodeTftpPacket, tftpErrors } from '../wire/tftp-packet.ts'
import type { TftpPacket, TftpRequest } from '../wire/tftp-packet.ts'
import { BootFileCache } from './boot-file-cache.ts'
import type { BootFileSource } from './boot-file-source.ts'
import { Deadlines } from './deadlines.ts'
import { NarrowPaths } from './narrow-paths.ts'
import { NetasciiTexts } from './netascii-texts.ts'
import { RequestBudget, defaultRequestBudget } from './request-budget.ts'
import type { RequestBudgetLimits } from './request-budget.ts'
import { prepareTransfer } from './tftp-request.ts'
import { TftpSession } from './tftp-session.ts'
import type { SessionOutcome, TransferReport } from './tftp-session.ts'
import { TransfersOfSources } from './transfers-of-sources.ts'
import { openUdpSocket } from './udp-socket.ts'
import type { UdpDatagram, UdpDestination, UdpSocket } from './udp-socket.ts'

export interface TftpListenerOptions {
  readonly address: Ipv4Address
  /** 69 in service. */
  readonly port: number
  readonly files: BootFileSource
  readonly observe?: (report: TransferReport) => void
  /** Something is broken on our side: a file that cannot be opened or read. */
  readonly onFault?: (error: unknown) => void
  /** Answers leave from the port of the requests, for clients behind NAT and for containers (T21). */
  readonly singlePort?: boolean
  /** Firmware that fails above certain sizes (T06, T09). */
  readonly limitsFor?: (client: { readonly address: Ipv4Address }) => Partial<TftpLimits>
  readonly budget?: Partial<RequestBudgetLimits>
  readonly through?: 'system-calls' | 'node'
  readonly signal: AbortSignal
}

export interface TftpListener {
  readonly localPort: number
  readonly counters: Readonly<Record<TftpCounter, number>>
  /** Transfers under way, half-open ones included. */
  readonly active: number
  close(): Promise<void>
}

const counterNames = [
  'requests',
  'repeated-requests',
  'write-requests',
  'not-found',
  'refused-names',
  'refused-modes',
  'over-budget',
  'busy',
  'broadcasts',
  'malformed',
  'strays',
  'strangers',
  'half-open-evicted',
  'completed',
  'completed-unconfirmed',
  'declined',
  'aborted-by-client',
  'never-started',
  'gave-up',
  'replaced',
  'read-failed',
  'stopped',
] as const
export type TftpCounter = (typeof counterNames)[number]

/** Enough for every transfer of a client to have another port than the one before; few enough to read in batches. */
const transferPorts = 8
/** Each keeps a file open; the oldest leaves when a newer one comes (C10). As many requests wait for the disk, no more. */
const halfOpenMax = 1_024
const busy = { code: tftpErrors.notDefined, message: 'The server is busy, try again later' } as const
/** Machines that show that they receive are never evicted; new ones wait instead. */
const transfersMax = 20_000
const cacheBytesMax = 128 * 1_048_576
/** A client whose last acknowledgement was repeated or late is no stranger (T11). */
const rememberEndedMs = 10_000
const endedMax = 8_192
/** The same request within this time was doubled on its way; later the client has started over. */
const doubledRequestMs = 2_000

export async function openTftpListener(options: TftpListenerOptions): Promise<TftpListener> {
  const listener = new Listener(options)
  try {
    await listener.open()
  } catch (error) {
    await listener.close()
    throw error
  }
  options.signal.addEventListener('abort', () => void listener.close(), { once: true })
  return listener
}

class Listener implements TftpListener {
  readonly counters: Record<TftpCounter, number>
  readonly cache = new BootFileCache(cacheBytesMax)
  readonly #options: TftpListenerOptions
  readonly #budget: RequestBudget
  readonly #deadlines = new Deadlines()
  readonly #narrowPaths = new NarrowPaths()
  readonly #texts = new NetasciiTexts()
  readonly #underWay = new TransfersOfSources()
  readonly #sessions = new Map<string, TftpSession>()
  /** In the order of their requests. */
  readonly #halfOpen = new Set<TftpSession>()
  /** Requests whose file is being opened. */
  readonly #opening = new Set<string>()
  readonly #ended = new Map<string, number>()
  readonly #transferSockets: UdpSocket[] = []
  #requestSocket: UdpSocket | undefined
  #nextSocket = 0
  #closed = false

  constructor(options: TftpListenerOptions) {
    this.#options = options
    this.#budget = new RequestBudget({ ...defaultRequestBudget, ...options.budget })
    this.counters = Object.fromEntries(counterNames.map((name) => [name, 0])) as Record<TftpCounter, number>
  }

  get localPort(): number {
    return this.#requestSocket?.localPort ?? 0
  }

  get active(): number {
    return this.#sessions.size
  }

  async open(): Promise<void> {
    const { address, port, through, signal, singlePort = false } = this.#options
    const place = { service: 'TFTP', address, signal, ...(through !== undefined && { through }) }
    const onRequest = (datagram: UdpDatagram): void => this.#receive(datagram, this.#requestSocket)
    this.#requestSocket = await openUdpSocket({ ...place, port, onDatagram: onRequest })
    if (singlePort) {
      this.#transferSockets.push(this.#requestSocket)
      return
    }
    for (let index = 0; index < transferPorts; index++) {
      const onDatagram = (datagram: UdpDatagram): void => this.#receive(datagram, this.#transferSockets[index])
      this.#transferSockets.push(await openUdpSocket({ ...place, port: 0, onDatagram }))
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const nowMs = performance.now()
    for (const session of this.#sessions.values()) session.end('stopped', nowMs)
    const sockets = new Set([...this.#transferSockets, ...(this.#requestSocket ? [this.#requestSocket] : [])])
    await Promise.all([...sockets].map((socket) => socket.close()))
  }

  #receive(datagram: UdpDatagram, socket: UdpSocket | undefined): void {
    if (socket === undefined || this.#closed) return
    const packet = this.#decode(datagram)
    if (packet === undefined) return
    if (!isRequest(packet)) return this.#answerSession(packet, datagram, socket)
    if (socket === this.#requestSocket) this.#request(packet, datagram)
    else this.counters.strays++
  }

  #decode(datagram: UdpDatagram): TftpPacket | undefined {
    try {
      return decodeTftpPacket(datagram.bytes)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      this.counters.malformed++
      return undefined
    }
  }

  #answerSession(packet: Exclude<TftpPacket, TftpRequest>, datagram: UdpDatagram, socket: UdpSocket): void {
    const key = keyOf(datagram)
    const session = this.#sessions.get(key)
    if (session === undefined || session.options.socket !== socket) return this.#stranger(packet, datagram, socket)
    const nowMs = performance.now()
    const beyond = !session.validated && this.#underWay.isFull(datagram.sourceAddress)
    if (packet.kind === 'acknowledgement' && beyond) this.#turnAway(session, 'busy', nowMs)
    else if (packet.kind === 'acknowledgement') session.handle(packet, nowMs)
    else if (packet.kind === 'error') session.handle(packet, nowMs)
    else this.counters.strays++
  }

  /** RFC 1350 section 4: a wrong transfer identifier gets error 5, and the transfer goes on (TF-22, TF-23). */
  #stranger(packet: TftpPacket, datagram: UdpDatagram, socket: UdpSocket): void {
    const onRequestPort = socket === this.#requestSocket
    if (onRequestPort || packet.kind === 'error' || this.#endedLately(keyOf(datagram))) {
      this.counters.strays++
      return
    }
    this.counters.strangers++
    if (!this.#mayAnswer(datagram)) return
    this.#refuse(socket, destinationOf(datagram), { code: tftpErrors.unknownTransferId, message: 'Unknown transfer' })
  }

  #request(packet: TftpRequest, datagram: UdpDatagram): void {
    if (isBroadcast(datagram)) {
      this.counters.broadcasts++
      return
    }
    this.counters.requests++
    const nowMs = performance.now()
    const key = keyOf(datagram)
    const request = String.fromCharCode(...datagram.bytes)
    if (this.#opening.has(key)) {
      this.counters['repeated-requests']++
      return
    }
    if (!this.#mayAnswer(datagram)) return
    const present = this.#sessions.get(key)
    const sameAddress = present?.options.client.fromAddress === datagram.localAddress
    if (present !== undefined && sameAddress && this.#repeats(present, request, nowMs)) return
    present?.end('replaced', nowMs)
    if (this.#opening.size >= halfOpenMax || this.#underWay.isFull(datagram.sourceAddress)) {
      this.counters.busy++
      return this.#refuse(this.#nextTransferSocket(), destinationOf(datagram), busy)
    }
    this.#opening.add(key)
    this.#begin({ packet, datagram, key, request })
      .catch((error: unknown) => this.#options.onFault?.(error))
      .finally(() => this.#opening.delete(key))
  }

  /** True when the request belongs to the transfer that is there. */
  #repeats(session: TftpSession, request: string, nowMs: number): boolean {
    if (session.options.request !== request) return false
    if (session.validated) {
      const doubled = nowMs - session.startedAtMs < doubledRequestMs
      if (!doubled) this.#noteNarrowPath(session, nowMs)
      if (doubled) this.counters['repeated-requests']++
      return doubled
    }
    this.counters['repeated-requests']++
    session.begin(nowMs)
    return true
  }

  async #begin(asked: { packet: TftpRequest; datagram: UdpDatagram; key: string; request: string }): Promise<void> {
    const { packet, datagram, key, request } = asked
    const client = destinationOf(datagram)
    const limits = this.#limitsFor(client)
    const prepared = await this.#prepare(packet, { datagram, limits })
    const socket = this.#nextTransferSocket()
    if (socket === undefined || this.#closed) {
      if (prepared.kind === 'transfer') prepared.file.close()
      return
    }
    if (prepared.kind === 'refused') {
      this.counters[prepared.counter]++
      return this.#refuse(socket, client, prepared)
    }
    const { name, file, terms, segmented } = prepared
    const blockAfterWrap = limits.blockAfterWrap ?? 0
    const nowMs = performance.now()
    const session = new TftpSession(
      { key, name, request, client, socket, file, terms, segmented, blockAfterWrap },
      this,
      nowMs,
    )
    this.#sessions.set(key, session)
    this.#ended.delete(key)
    this.#halfOpen.add(session)
    session.begin(nowMs)
    this.#evictHalfOpen(nowMs)
  }

  /** A source that fails is our fault and is reported as such; the client hears that the file cannot be had. */
  async #prepare(packet: TftpRequest, asked: { datagram: UdpDatagram; limits: Partial<TftpLimits> }) {
    try {
      return await prepareTransfer(packet, { files: this.#options.files, texts: this.#texts, ...asked })
    } catch (error) {
      this.#options.onFault?.(error)
      const message = 'The file cannot be read'
      return { kind: 'refused', counter: 'read-failed', code: tftpErrors.notDefined, message } as const
    }
  }

  #limitsFor(client: UdpDestination): Partial<TftpLimits> {
    const limits = this.#options.limitsFor?.(client) ?? {}
    const narrow = this.#narrowPaths.blockBytesMax(client.address, performance.now())
    if (narrow === Number.POSITIVE_INFINITY) return limits
    return { ...limits, blockBytesMax: Math.min(narrow, limits.blockBytesMax ?? narrow) }
  }

  #nextTransferSocket(): UdpSocket | undefined {
    this.#nextSocket = (this.#nextSocket + 1) % Math.max(1, this.#transferSockets.length)
    return this.#transferSockets[this.#nextSocket]
  }

  #mayAnswer(datagram: UdpDatagram): boolean {
    const full = this.#sessions.size - this.#halfOpen.size >= transfersMax
    if (full || !this.#budget.take(datagram.sourceAddress, performance.now())) {
      this.counters['over-budget']++
      return false
    }
    return true
  }

  #refuse(socket: UdpSocket | undefined, to: UdpDestination, why: { code: number; message: string }): void {
    socket?.send(encodeTftpPacket({ kind: 'error', code: why.code, message: why.message }), to)
  }

  #evictHalfOpen(nowMs: number): void {
    for (const oldest of this.#halfOpen) {
      if (this.#halfOpen.size <= halfOpenMax) return
      this.counters['half-open-evicted']++
      this.#turnAway(oldest, 'never-started', nowMs)
    }
  }

  #turnAway(session: TftpSession, outcome: SessionOutcome, nowMs: number): void {
    this.#refuse(session.options.socket, session.options.client, busy)
    session.end(outcome, nowMs)
  }

  stepped(session: TftpSession): void {
    if (session.validated && this.#halfOpen.delete(session)) {
      this.#underWay.add(session)
      this.#budget.giveBack(session.options.client.address)
    }
    if (session.everythingSent) this.#underWay.delete(session)
    this.#deadlines.watch(session)
  }

  report(report: TransferReport): void {
    this.#options.observe?.(report)
  }

  fault(error: unknown): void {
    this.#options.onFault?.(error)
  }

  ended(session: TftpSession, outcome: SessionOutcome): void {
    const { key, client } = session.options
    this.counters[outcome]++
    this.#sessions.delete(key)
    this.#deadlines.forget(session)
    this.#underWay.delete(session)
    // A file of one block begins and ends with the same acknowledgement.
    const isThere = session.validated || outcome === 'declined'
    if (this.#halfOpen.delete(session) && isThere) this.#budget.giveBack(client.address)
    if (outcome === 'gave-up') this.#noteNarrowPath(session, performance.now())
    this.#rememberEnded(key)
  }

  #noteNarrowPath(session: TftpSession, nowMs: number): void {
    const { client, terms } = session.options
    if (session.acknowledgedBytes === 0) this.#narrowPaths.note(client.address, terms.blockBytes, nowMs)
  }

  #rememberEnded(key: string): void {
    const nowMs = performance.now()
    this.#ended.delete(key)
    this.#ended.set(key, nowMs + rememberEndedMs)
    for (const [oldest, untilMs] of this.#ended) {
      if (untilMs > nowMs && this.#ended.size <= endedMax) return
      this.#ended.delete(oldest)
    }
  }

  #endedLately(key: string): boolean {
    return (this.#ended.get(key) ?? 0) > performance.now()
  }
}

function isRequest(packet: TftpPacket): packet is TftpRequest {
  return packet.kind === 'read-request' || packet.kind === 'write-request'
}

function keyOf({ sourceAddress, sourcePort }: UdpDatagram): string {
  return `${sourceAddress}:${sourcePort}`
}

/** The answer leaves from the address the client asked, which a server with several addresses must see to (T26). */
function destinationOf({ sourceAddress, sourcePort, localAddress }: UdpDatagram): UdpDestination {
  const to = { address: sourceAddress, port: sourcePort }
  return localAddress === undefined ? to : { ...to, fromAddress: localAddress }
}

function isBroadcast({ localAddress, interfaceAddress }: UdpDatagram): boolean {
  return interfaceAddress !== undefined && localAddress !== interfaceAddress
}
