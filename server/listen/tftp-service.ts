/**
 * TFTP of one thread: requests on port 69, and transfers on ports of their own (RFC 1350 section 4, TF-35). Finds the session of
 * a datagram and hands it the event; the protocol itself is in `tftp/`. Reading only: write requests are refused
 * (TF-09). Requests to a broadcast address are not answered (RFC 1123 section 4.2.3.4, TF-34). It opens no sockets and has
 * no timer: it is given datagrams, and turned while it is not idle.
 */

import { ipv4FromNumber } from '../address/ipv4-address.ts'
import { DecodeError } from '../wire/decode-error.ts'
import {
  decodeTftpPacket,
  encodeTftpPacket,
  noAcknowledgement,
  readAcknowledgement,
  tftpErrors,
} from '../wire/tftp-packet.ts'
import type { TftpPacket, TftpRequest } from '../wire/tftp-packet.ts'
import { BootFileCache } from './boot-file-cache.ts'
import type { DatagramArrival, DatagramPort, OutgoingDatagram } from './datagram-port.ts'
import { Deadlines } from './deadlines.ts'
import { EndedTransfers } from './ended-transfers.ts'
import type { GrantedFiles } from './granted-files.ts'
import { NarrowPaths } from './narrow-paths.ts'
import { NetasciiTexts } from './netascii-texts.ts'
import { PortRotation } from './port-rotation.ts'
import { RequestBudget } from './request-budget.ts'
import type { RequestBudgetLimits } from './request-budget.ts'
import { SharedTerms } from './shared-terms.ts'
import type { TftpCounters } from './tftp-counters.ts'
import { prepareTransfer } from './tftp-request.ts'
import { TftpSession, sendPacket } from './tftp-session.ts'
import type { SessionOutcome, TransferReport } from './tftp-session.ts'
import { TransfersOfSources } from './transfers-of-sources.ts'

export interface TftpServiceOptions {
  readonly files: GrantedFiles
  readonly counters: TftpCounters
  readonly observe: (report: TransferReport) => void
  readonly onFault: (error: unknown) => void
  readonly budget: RequestBudgetLimits
  readonly limits: TftpServiceLimits
  /** It is idle no longer. */
  readonly onBusy: () => void
}

/** Of all sources together. */
export interface TftpServiceLimits {
  /** The oldest leaves when a newer one comes (C10). Those of one file share it. As many requests wait for the disk, no more. */
  readonly halfOpenMax: number
  /** Machines that show that they receive are never evicted; new ones wait instead. */
  readonly transfersMax: number
  readonly cacheBytesMax: number
}

export interface TftpPorts {
  readonly request: DatagramPort
  /** In single-port mode that one alone. */
  readonly transfers: readonly DatagramPort[]
}

const busy = { code: tftpErrors.notDefined, message: 'The server is busy, try again later' } as const
/** The same request within this time was doubled on its way; later the client has started over. */
const doubledRequestMs = 2_000

/** What is kept of a request while its file is being opened. */
interface Asked {
  readonly packet: TftpRequest
  readonly key: number
  readonly request: string
  readonly client: OutgoingDatagram
  readonly interfaceIndex: number
}

export class TftpService {
  readonly #options: TftpServiceOptions
  readonly #ports: TftpPorts
  readonly #sockets: readonly DatagramPort['counters'][]
  readonly #cache: BootFileCache
  readonly #budget: RequestBudget
  readonly #deadlines: Deadlines
  readonly #narrowPaths = new NarrowPaths()
  readonly #texts = new NetasciiTexts()
  readonly #terms = new SharedTerms()
  readonly #underWay = new TransfersOfSources()
  readonly #sessions = new Map<number, TftpSession>()
  /** In the order of their requests. */
  readonly #halfOpen = new Set<TftpSession>()
  /** Requests whose file is being opened. */
  readonly #opening = new Set<number>()
  readonly #ended = new EndedTransfers<DatagramPort>()
  readonly #rotation: PortRotation<DatagramPort>
  #closed = false

  constructor(options: TftpServiceOptions, ports: TftpPorts) {
    this.#options = options
    this.#ports = ports
    this.#sockets = [...new Set([ports.request, ...ports.transfers])].map(({ counters }) => counters)
    this.#rotation = new PortRotation(ports.transfers)
    this.#cache = new BootFileCache(options.limits.cacheBytesMax)
    this.#budget = new RequestBudget(options.budget)
    this.#deadlines = new Deadlines(options.onBusy)
  }

  /** Nothing is under way: nothing will be due. */
  get idle(): boolean {
    return this.#deadlines.idle
  }

  /** Requests whose file is being opened: only Node's own loop can bring the answers. */
  get opening(): number {
    return this.#opening.size
  }

  turn(nowMs: number): void {
    this.#deadlines.turn(nowMs)
    this.#options.counters.setDatagrams(this.#sockets)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    const nowMs = performance.now()
    for (const session of this.#sessions.values()) session.end('stopped', nowMs)
  }

  receive(datagram: DatagramArrival, port: DatagramPort): void {
    if (this.#closed) return
    const block = readAcknowledgement(datagram.octets, datagram.start, datagram.length)
    const session = block === noAcknowledgement ? undefined : this.#sessions.get(keyOf(datagram))
    if (session === undefined || session.options.port !== port) return this.#receiveOther(datagram, port)
    const nowMs = performance.now()
    if (!session.validated && this.#underWay.isFull(session.address)) this.#turnAway(session, 'busy', nowMs)
    else session.handle({ kind: 'acknowledgement', block }, nowMs)
  }

  #receiveOther(datagram: DatagramArrival, port: DatagramPort): void {
    const packet = this.#decode(datagram)
    if (packet === undefined) return
    if (!isRequest(packet)) return this.#answerSession(packet, datagram, port)
    if (port === this.#ports.request) this.#request(packet, datagram)
    else this.#options.counters.count('strays')
  }

  #decode(datagram: DatagramArrival): TftpPacket | undefined {
    try {
      return decodeTftpPacket(datagram.bytes)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      this.#options.counters.count('malformed')
      return undefined
    }
  }

  #answerSession(packet: Exclude<TftpPacket, TftpRequest>, datagram: DatagramArrival, port: DatagramPort): void {
    const session = this.#sessions.get(keyOf(datagram))
    if (session === undefined || session.options.port !== port) return this.#stranger(packet, datagram, port)
    if (packet.kind === 'error') session.handle(packet, performance.now())
    else this.#options.counters.count('strays')
  }

  /** RFC 1350 section 4: a wrong transfer identifier gets error 5, and the transfer goes on (TF-22, TF-23). */
  #stranger(packet: TftpPacket, datagram: DatagramArrival, port: DatagramPort): void {
    const onRequestPort = port === this.#ports.request
    const isLate = this.#ended.portOf(keyOf(datagram), performance.now()) !== undefined
    if (onRequestPort || packet.kind === 'error' || isLate) {
      this.#options.counters.count('strays')
      return
    }
    this.#options.counters.count('strangers')
    if (!this.#mayAnswer(datagram)) return
    this.#refuse(port, clientOf(datagram), { code: tftpErrors.unknownTransferId, message: 'Unknown transfer' })
  }

  #request(packet: TftpRequest, datagram: DatagramArrival): void {
    const { counters } = this.#options
    if (isBroadcast(datagram)) return counters.count('broadcasts')
    counters.count('requests')
    const nowMs = performance.now()
    const key = keyOf(datagram)
    const request = String.fromCharCode(...datagram.bytes)
    if (this.#opening.has(key)) return counters.count('repeated-requests')
    if (!this.#mayAnswer(datagram)) return
    const client = clientOf(datagram)
    const present = this.#sessions.get(key)
    const sameAddress = present?.options.client.fromAddress === client.fromAddress
    if (present !== undefined && sameAddress && this.#repeats(present, request, nowMs)) return
    present?.end('replaced', nowMs)
    if (this.#opening.size >= this.#options.limits.halfOpenMax || this.#underWay.isFull(client.address)) {
      counters.count('busy')
      return this.#refuse(this.#rotation.next(undefined), client, busy)
    }
    this.#opening.add(key)
    this.#begin({ packet, key, request, client, interfaceIndex: datagram.interfaceIndex })
      .catch((error: unknown) => this.#options.onFault(error))
      .finally(() => this.#opening.delete(key))
  }

  /** True when the request belongs to the transfer that is there. */
  #repeats(session: TftpSession, request: string, nowMs: number): boolean {
    if (session.options.terms.request !== request) return false
    if (session.validated) {
      const doubled = nowMs - session.startedAtMs < doubledRequestMs
      if (!doubled) this.#noteNarrowPath(session, nowMs)
      if (doubled) this.#options.counters.count('repeated-requests')
      return doubled
    }
    this.#options.counters.count('repeated-requests')
    session.begin(nowMs)
    return true
  }

  async #begin(asked: Asked): Promise<void> {
    const { packet, key, request, client } = asked
    const prepared = await this.#prepare(packet, asked)
    if (this.#closed) {
      if (prepared.kind === 'transfer') prepared.file.close()
      return
    }
    const port = this.#rotation.next(this.#ended.portOf(key, performance.now()))
    if (prepared.kind === 'refused') {
      this.#options.counters.count(prepared.counter)
      this.#refuse(port, client, prepared)
      return port.flush()
    }
    const { name, terms: negotiated, segmentBytes, blockAfterWrap } = prepared
    const file = this.#cache.adopt(prepared.file)
    const nowMs = performance.now()
    const windows = segmentBytes === 0 ? client : { ...client, segmentBytes }
    const terms = this.#terms.share({ request, name, negotiated, blockAfterWrap })
    const session = new TftpSession({ key, client, windows, port, file, terms }, this, nowMs)
    this.#sessions.set(key, session)
    this.#options.counters.active = this.#sessions.size
    this.#ended.forget(key)
    this.#halfOpen.add(session)
    session.begin(nowMs)
    this.#evictHalfOpen(nowMs)
    port.flush()
  }

  /** A source that fails is our fault and is reported as such; the client hears that the file cannot be had. */
  async #prepare(packet: TftpRequest, { client, interfaceIndex }: Asked) {
    try {
      const { files } = this.#options
      const blockBytesMax = this.#narrowPaths.blockBytesMax(client.address, performance.now())
      const from = { client: ipv4FromNumber(client.address), interfaceIndex, blockBytesMax }
      return await prepareTransfer(packet, { files, texts: this.#texts, ...from })
    } catch (error) {
      this.#options.onFault(error)
      const message = 'The file cannot be read'
      return { kind: 'refused', counter: 'read-failed', code: tftpErrors.notDefined, message } as const
    }
  }

  #mayAnswer({ sourceAddress }: DatagramArrival): boolean {
    const full = this.#sessions.size - this.#halfOpen.size >= this.#options.limits.transfersMax
    if (full || !this.#budget.take(sourceAddress, performance.now())) {
      this.#options.counters.count('over-budget')
      return false
    }
    return true
  }

  #refuse(port: DatagramPort, to: OutgoingDatagram, why: { code: number; message: string }): void {
    sendPacket(port, encodeTftpPacket({ kind: 'error', code: why.code, message: why.message }), to)
  }

  #evictHalfOpen(nowMs: number): void {
    for (const oldest of this.#halfOpen) {
      if (this.#halfOpen.size <= this.#options.limits.halfOpenMax) return
      this.#options.counters.count('half-open-evicted')
      this.#turnAway(oldest, 'never-started', nowMs)
    }
  }

  #turnAway(session: TftpSession, outcome: SessionOutcome, nowMs: number): void {
    this.#refuse(session.options.port, session.options.client, busy)
    session.end(outcome, nowMs)
  }

  get counters(): TftpCounters {
    return this.#options.counters
  }

  stepped(session: TftpSession, nowMs: number): void {
    if (session.validated && this.#halfOpen.delete(session)) {
      this.#underWay.add(session)
      this.#budget.giveBack(session.address)
    }
    if (session.everythingSent) this.#underWay.delete(session)
    this.#deadlines.watch(session, nowMs)
  }

  report(report: TransferReport): void {
    this.#options.observe(report)
  }

  fault(error: unknown): void {
    this.#options.onFault(error)
  }

  ended(session: TftpSession, outcome: SessionOutcome, nowMs: number): void {
    const { key, port } = session.options
    this.#options.counters.count(outcome)
    this.#sessions.delete(key)
    this.#options.counters.active = this.#sessions.size
    this.#deadlines.forget(session)
    this.#underWay.delete(session)
    // A file of one block begins and ends with the same acknowledgement.
    const isThere = session.validated || outcome === 'declined'
    if (this.#halfOpen.delete(session) && isThere) this.#budget.giveBack(session.address)
    if (outcome === 'gave-up') this.#noteNarrowPath(session, nowMs)
    this.#ended.remember(key, port, nowMs)
  }

  #noteNarrowPath(session: TftpSession, nowMs: number): void {
    if (session.acknowledgedBytes > 0) return
    this.#narrowPaths.note(session.address, session.options.terms.negotiated.blockBytes, nowMs)
  }
}

function isRequest(packet: TftpPacket): packet is TftpRequest {
  return packet.kind === 'read-request' || packet.kind === 'write-request'
}

/** Address and port as one number, which is below 2^48. */
function keyOf({ sourceAddress, sourcePort }: DatagramArrival): number {
  return sourceAddress * 65_536 + sourcePort
}

/** The answer leaves from the address the client asked, which a server with several addresses must see to (T26). */
function clientOf({ sourceAddress, sourcePort, destinationAddress }: DatagramArrival): OutgoingDatagram {
  return {
    address: sourceAddress,
    port: sourcePort,
    fromAddress: destinationAddress,
    interfaceIndex: 0,
    segmentBytes: 0,
  }
}

function isBroadcast({ destinationAddress, interfaceAddress }: DatagramArrival): boolean {
  return interfaceAddress !== 0 && destinationAddress !== interfaceAddress
}
