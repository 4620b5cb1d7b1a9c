/**
 * One transfer on its way: does what `tftp/transfer.ts` says, with the file, the socket and the clock. Packets are put
 * together where they are sent from. Reports its progress at most four times a second, for the status page.
 */

import { ipv4FromNumber, type Ipv4Address } from '../address/ipv4-address.ts'
import { assert } from '../assert.ts'
import { blockNumber } from '../tftp/block-number.ts'
import { advanceTransfer, startTransfer } from '../tftp/transfer.ts'
import type { Transfer, TransferEffect, TransferEvent, TransferOutcome, TransferStep } from '../tftp/transfer.ts'
import { dataHeaderBytes, encodeTftpPacket, tftpErrors, writeDataHeader } from '../wire/tftp-packet.ts'
import { pieceBytes } from './boot-file-cache.ts'
import type { CachedBootFile } from './boot-file-cache.ts'
import { datagramBytesMax, segmentsMax, type DatagramPort, type OutgoingDatagram } from './datagram-port.ts'
import { notWaiting, type Deadline } from './deadlines.ts'
import type { TransferTerms } from './shared-terms.ts'
import type { TftpCounters } from './tftp-counters.ts'

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
  readonly key: number
  /** For one datagram. */
  readonly client: OutgoingDatagram
  /** Windows, which the kernel may cut. */
  readonly windows: OutgoingDatagram
  readonly port: DatagramPort
  readonly file: CachedBootFile
  readonly terms: TransferTerms
}

/** What a session needs of the service. */
export interface TftpSessionOwner {
  /** Reached after every step: the deadline may have moved. */
  stepped(session: TftpSession, nowMs: number): void
  report(report: TransferReport): void
  /** The file cannot be read, which is our side's fault. */
  fault(error: unknown): void
  ended(session: TftpSession, outcome: SessionOutcome, nowMs: number): void
  readonly counters: TftpCounters
}

const reportEveryMs = 250
const wake: TransferEvent = { kind: 'wake' }

export class TftpSession implements Deadline {
  readonly options: TftpSessionOptions
  readonly startedAtMs: number
  place = notWaiting
  isUnderWay = false
  readonly #owner: TftpSessionOwner
  #transfer: Transfer
  #outcome: SessionOutcome | undefined
  #reading = false
  /** The highest block that was sent. */
  #sentBlock = 0
  #reportedAtMs: number
  #reportedBytes = 0

  constructor(options: TftpSessionOptions, owner: TftpSessionOwner, nowMs: number) {
    this.options = options
    this.#owner = owner
    this.startedAtMs = nowMs
    this.#reportedAtMs = nowMs
    this.#transfer = this.#start(nowMs).transfer
  }

  get address(): number {
    return this.options.client.address
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

  get #blockBytes(): number {
    return this.options.terms.negotiated.blockBytes
  }

  /** Whole blocks; the status page need not be more exact than that. */
  get acknowledgedBytes(): number {
    return Math.min(this.options.file.bytes, this.#transfer.acknowledged * this.#blockBytes)
  }

  /** Sends the first packet; also when the request is repeated because that one was lost (TF-33). */
  begin(nowMs: number): void {
    this.#take(this.#start(nowMs), nowMs)
  }

  handle(event: TransferEvent, nowMs: number): void {
    if (this.#outcome === undefined) this.#take(advanceTransfer(this.#transfer, event, nowMs), nowMs)
  }

  wake(nowMs: number): void {
    this.handle(wake, nowMs)
    this.options.port.flush()
  }

  end(outcome: SessionOutcome, nowMs: number): void {
    if (this.#outcome !== undefined) return
    this.#outcome = outcome
    this.options.file.close()
    this.#report(nowMs)
    this.#owner.ended(this, outcome, nowMs)
  }

  #start(nowMs: number): TransferStep {
    const { terms, file } = this.options
    return startTransfer(terms.negotiated, { bytes: file.bytes, blockAfterWrap: terms.blockAfterWrap }, nowMs)
  }

  #take(step: TransferStep, nowMs: number): void {
    if (step.transfer.timeouts > this.#transfer.timeouts) this.#owner.counters.count('timeouts')
    this.#transfer = step.transfer
    for (const effect of step.effects) this.#perform(effect, nowMs)
    if (this.#outcome !== undefined) return
    if (nowMs - this.#reportedAtMs >= reportEveryMs && this.validated) this.#report(nowMs)
    this.#owner.stepped(this, nowMs)
  }

  #perform(effect: TransferEffect, nowMs: number): void {
    switch (effect.kind) {
      case 'send-option-acknowledgement': {
        const { port, client, terms } = this.options
        const packet = encodeTftpPacket({ kind: 'option-acknowledgement', options: terms.negotiated.acknowledged })
        return sendPacket(port, packet, client)
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
    const { file } = this.options
    const start = (first - 1) * this.#blockBytes
    const end = Math.min(file.bytes, start + count * this.#blockBytes)
    for (let index = Math.floor(start / pieceBytes); index * pieceBytes < end; index++) {
      const piece = file.piece(index)
      if (!(piece instanceof Uint8Array)) return this.#sendWhenRead(piece, first, count)
    }
    this.#sendPackets(first, count)
    this.#countSent(first, count, end - start)
    const entersPiece = Math.ceil(start / pieceBytes) * pieceBytes < end
    if (entersPiece) file.prefetch(Math.floor((end - 1) / pieceBytes) + 1)
  }

  #countSent(first: number, count: number, octets: number): void {
    const { counters } = this.#owner
    const last = first + count - 1
    counters.count('octets-sent', octets)
    counters.count('blocks-sent', count)
    if (first <= this.#sentBlock) counters.count('blocks-resent', Math.min(last, this.#sentBlock) - first + 1)
    this.#sentBlock = Math.max(this.#sentBlock, last)
  }

  /** While a piece is on its way from the disk, the timer may ask for the same blocks again: once is enough. */
  #sendWhenRead(piece: Promise<Uint8Array>, first: number, count: number): void {
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
        this.options.port.flush()
      },
      (error: unknown) => this.#readFailed(error),
    )
  }

  #readFailed(error: unknown): void {
    // Somebody else may have ended the transfer meanwhile; the disk is as broken.
    this.#owner.fault(error)
    if (this.#outcome !== undefined) return
    const packet = { kind: 'error', code: tftpErrors.notDefined, message: 'The file cannot be read' } as const
    sendPacket(this.options.port, encodeTftpPacket(packet), this.options.client)
    this.end('read-failed', performance.now())
    this.options.port.flush()
  }

  #sendPackets(first: number, count: number): void {
    const { port, windows } = this.options
    const packetBytes = this.#blockBytes + dataHeaderBytes
    const most = windows.segmentBytes > 0 ? Math.min(segmentsMax, Math.floor(datagramBytesMax / packetBytes)) : 1
    for (let index = first; index < first + count; index += most) {
      const start = port.room(packetBytes * Math.min(most, first + count - index))
      let at = start
      for (let block = index; block < Math.min(index + most, first + count); block++) {
        at = this.#putPacket(port.octets, at, block)
      }
      port.commit(at - start, windows)
    }
  }

  /** Returns where the next one goes. */
  #putPacket(octets: Uint8Array, at: number, block: number): number {
    const { terms, file } = this.options
    writeDataHeader(octets, at, blockNumber(block, terms.blockAfterWrap))
    const offset = (block - 1) * this.#blockBytes
    const length = Math.min(this.#blockBytes, file.bytes - offset)
    copyRange({ file, offset, length }, octets, at + dataHeaderBytes)
    return at + dataHeaderBytes + length
  }

  #report(nowMs: number): void {
    const { terms, file } = this.options
    const bytes = this.acknowledgedBytes
    const elapsedMs = nowMs - this.#reportedAtMs
    const bytesPerSecond = elapsedMs > 0 ? Math.round(((bytes - this.#reportedBytes) * 1000) / elapsedMs) : 0
    this.#reportedAtMs = nowMs
    this.#reportedBytes = bytes
    const clientAddress = ipv4FromNumber(this.address)
    const report = { clientAddress, file: terms.name, bytes, totalBytes: file.bytes, bytesPerSecond }
    this.#owner.report(this.#outcome === undefined ? report : { ...report, outcome: this.#outcome })
  }
}

export function sendPacket(port: DatagramPort, packet: Uint8Array, to: OutgoingDatagram): void {
  const start = port.room(packet.length)
  port.octets.set(packet, start)
  port.commit(packet.length, to)
}

interface FileRange {
  readonly file: CachedBootFile
  readonly offset: number
  readonly length: number
}

/** Of pieces that are here. */
function copyRange({ file, offset, length }: FileRange, octets: Uint8Array, target: number): void {
  let done = 0
  while (done < length) {
    const within = (offset + done) % pieceBytes
    const piece = file.piece((offset + done - within) / pieceBytes)
    assert(piece instanceof Uint8Array, 'what is sent is here')
    const part = piece.subarray(within, within + length - done)
    octets.set(part, target + done)
    done += part.length
  }
}
