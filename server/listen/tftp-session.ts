/**
 * One transfer on its way: does what `tftp/transfer.ts` says, with the file, the socket and the clock. Reports its
 * progress at most four times a second, for the status page.
 */

import type { Ipv4Address } from '../address/ipv4-address.ts'
import { asError } from '../caught-error.ts'
import { blockNumber } from '../tftp/block-number.ts'
import type { Negotiated } from '../tftp/negotiate.ts'
import { advanceTransfer, startTransfer } from '../tftp/transfer.ts'
import type { Transfer, TransferEffect, TransferEvent, TransferOutcome, TransferStep } from '../tftp/transfer.ts'
import { dataHeaderBytes, encodeTftpPacket, tftpErrors, writeDataHeader } from '../wire/tftp-packet.ts'
import { pieceBytes } from './boot-file-cache.ts'
import type { BootFileCache } from './boot-file-cache.ts'
import type { BootFile } from './boot-file-source.ts'
import type { Deadline } from './deadlines.ts'
import type { UdpDestination, UdpSocket } from './udp-socket.ts'

/** `busy`: its machine has too many under way already. */
export type SessionOutcome = TransferOutcome | 'replaced' | 'busy' | 'read-failed' | 'stopped'

export interface TransferReport {
  readonly clientAddress: Ipv4Address
  readonly file: string
  /** Acknowledged by the client. */
  readonly bytes: number
  readonly totalBytes: number
  readonly bytesPerSecond: number
  /** Absent while it runs. `declined` and `never-started` are everyday business, not failures (T01, T02). */
  readonly outcome?: SessionOutcome
}

export interface TftpSessionOptions {
  readonly key: string
  readonly name: string
  /** The octets of the request: the same again is a repetition, not another request (TF-33). */
  readonly request: string
  readonly client: UdpDestination
  readonly socket: UdpSocket
  readonly file: BootFile
  readonly terms: Negotiated
  readonly blockAfterWrap: 0 | 1
  /** Whether the kernel may cut a window into datagrams: they must fit the interface. */
  readonly segmented: boolean
}

/** What a session needs of the listener. */
export interface TftpSessionOwner {
  readonly cache: BootFileCache
  /** Reached after every step: the deadline may have moved. */
  stepped(session: TftpSession): void
  report(report: TransferReport): void
  /** The file cannot be read, which is our side's fault. */
  fault(error: unknown): void
  ended(session: TftpSession, outcome: SessionOutcome): void
}

const reportEveryMs = 250
/** Of UDP payload in one call, and of datagrams the kernel cuts from it (udp(7)). */
const sendBytesMax = 65_507
const segmentsMax = 64

/** Packets are put together here; sending copies them. */
const scratch = new Uint8Array(sendBytesMax)

export class TftpSession implements Deadline {
  readonly options: TftpSessionOptions
  readonly startedAtMs: number
  readonly #owner: TftpSessionOwner
  readonly #destination: UdpDestination
  #transfer: Transfer
  #outcome: SessionOutcome | undefined
  #reading = false
  #reportedAtMs: number
  #reportedBytes = 0

  constructor(options: TftpSessionOptions, owner: TftpSessionOwner, nowMs: number) {
    this.options = options
    this.#owner = owner
    this.startedAtMs = nowMs
    this.#reportedAtMs = nowMs
    const packetBytes = options.terms.blockBytes + dataHeaderBytes
    this.#destination = options.segmented ? { ...options.client, segmentBytes: packetBytes } : options.client
    this.#transfer = this.#start(nowMs).transfer
  }

  get wakeAtMs(): number {
    return this.#transfer.wakeAtMs
  }

  get validated(): boolean {
    return this.#transfer.validated
  }

  /** All that is left is to hear that it arrived, which many loaders never say. */
  get everythingSent(): boolean {
    return this.#transfer.highest >= this.#transfer.lastBlock
  }

  /** Whole blocks; the status page need not be more exact than that. */
  get acknowledgedBytes(): number {
    return Math.min(this.options.file.bytes, this.#transfer.acknowledged * this.options.terms.blockBytes)
  }

  /** Sends the first packet; also when the request is repeated because that one was lost (TF-33). */
  begin(nowMs: number): void {
    this.#take(this.#start(nowMs), nowMs)
  }

  handle(event: TransferEvent, nowMs: number): void {
    if (this.#outcome === undefined) this.#take(advanceTransfer(this.#transfer, event, nowMs), nowMs)
  }

  wake(nowMs: number): void {
    this.handle({ kind: 'wake' }, nowMs)
  }

  end(outcome: SessionOutcome, nowMs: number): void {
    if (this.#outcome !== undefined) return
    this.#outcome = outcome
    this.options.file.close()
    this.#report(nowMs)
    this.#owner.ended(this, outcome)
  }

  #start(nowMs: number): TransferStep {
    const { terms, file, blockAfterWrap } = this.options
    return startTransfer(terms, { bytes: file.bytes, blockAfterWrap }, nowMs)
  }

  #take(step: TransferStep, nowMs: number): void {
    this.#transfer = step.transfer
    for (const effect of step.effects) this.#perform(effect, nowMs)
    if (this.#outcome !== undefined) return
    if (nowMs - this.#reportedAtMs >= reportEveryMs && this.validated) this.#report(nowMs)
    this.#owner.stepped(this)
  }

  #perform(effect: TransferEffect, nowMs: number): void {
    switch (effect.kind) {
      case 'send-option-acknowledgement': {
        const { acknowledged } = this.options.terms
        const packet = encodeTftpPacket({ kind: 'option-acknowledgement', options: acknowledged })
        return this.options.socket.send(packet, this.options.client)
      }
      case 'send-blocks':
        return this.#sendBlocks(effect.first, effect.count)
      case 'end':
        return this.end(effect.outcome, nowMs)
      default:
        return effect satisfies never
    }
  }

  #sendBlocks(first: number, count: number): void {
    const { cache } = this.#owner
    const { file, terms } = this.options
    const start = (first - 1) * terms.blockBytes
    const end = Math.min(file.bytes, start + count * terms.blockBytes)
    const pieces = new Map<number, Uint8Array>()
    for (let index = Math.floor(start / pieceBytes); index * pieceBytes < end; index++) {
      const piece = readPiece(cache, file, index)
      if (!(piece instanceof Uint8Array)) return this.#sendWhenRead(piece, { first, count })
      pieces.set(index, piece)
      if (start <= index * pieceBytes) cache.prefetch(file, index + 1)
    }
    this.#sendPackets(pieces, { first, count })
  }

  /** While a piece is on its way from the disk, the timer may ask for the same blocks again: once is enough. */
  #sendWhenRead(piece: Promise<Uint8Array>, { first, count }: { first: number; count: number }): void {
    if (this.#reading) {
      // If it fails, so does whoever comes to need it; nobody waits for this promise.
      piece.catch(() => undefined)
      return
    }
    this.#reading = true
    piece.then(
      () => {
        this.#reading = false
        if (this.#outcome !== undefined) return
        const { acknowledged, sent } = this.#transfer
        const current = acknowledged + 1 === first ? count : sent - acknowledged
        this.#sendBlocks(acknowledged + 1, current)
      },
      (error: unknown) => this.#readFailed(error),
    )
  }

  #readFailed(error: unknown): void {
    // Somebody else may have ended the transfer meanwhile; the disk is as broken.
    this.#owner.fault(error)
    if (this.#outcome !== undefined) return
    const packet = { kind: 'error', code: tftpErrors.notDefined, message: 'The file cannot be read' } as const
    this.options.socket.send(encodeTftpPacket(packet), this.options.client)
    this.end('read-failed', performance.now())
  }

  #sendPackets(pieces: ReadonlyMap<number, Uint8Array>, { first, count }: { first: number; count: number }): void {
    const { terms, file, socket, segmented, blockAfterWrap } = this.options
    const packetBytes = terms.blockBytes + dataHeaderBytes
    const most = segmented ? Math.min(segmentsMax, Math.floor(sendBytesMax / packetBytes)) : 1
    let filled = 0
    let packets = 0
    for (let index = first; index < first + count; index++) {
      writeDataHeader(scratch, filled, blockNumber(index, blockAfterWrap))
      const offset = (index - 1) * terms.blockBytes
      const length = Math.min(terms.blockBytes, file.bytes - offset)
      copyRange(pieces, { offset, length }, filled + dataHeaderBytes)
      filled += dataHeaderBytes + length
      packets++
      if (packets < most && index < first + count - 1) continue
      socket.send(scratch.subarray(0, filled), this.#destination)
      filled = 0
      packets = 0
    }
  }

  #report(nowMs: number): void {
    const { client, name, file } = this.options
    const bytes = this.acknowledgedBytes
    const elapsedMs = nowMs - this.#reportedAtMs
    const bytesPerSecond = elapsedMs > 0 ? Math.round(((bytes - this.#reportedBytes) * 1000) / elapsedMs) : 0
    this.#reportedAtMs = nowMs
    this.#reportedBytes = bytes
    const report = { clientAddress: client.address, file: name, bytes, totalBytes: file.bytes, bytesPerSecond }
    this.#owner.report(this.#outcome === undefined ? report : { ...report, outcome: this.#outcome })
  }
}

/** A source may fail at once or later; both come out as a rejection. */
function readPiece(cache: BootFileCache, file: BootFile, index: number): Uint8Array | Promise<Uint8Array> {
  try {
    return cache.piece(file, index)
  } catch (error) {
    return Promise.reject(asError(error))
  }
}

function copyRange(
  pieces: ReadonlyMap<number, Uint8Array>,
  range: { readonly offset: number; readonly length: number },
  target: number,
): void {
  let done = 0
  while (done < range.length) {
    const at = range.offset + done
    const within = at % pieceBytes
    const piece = pieces.get((at - within) / pieceBytes)
    if (piece === undefined) return
    const part = piece.subarray(within, within + range.length - done)
    scratch.set(part, target + done)
    done += part.length
  }
}
