/**
 * One TFTP download as a client that firmware could be (RFC 1350, 2347, 7440): asks, acknowledges, and hands over each
 * block in its turn. Asks again after a second of silence, as firmware does. Sends nothing itself: what is to be sent is
 * handed to `send`. Of `./reveille load` and of the bench.
 */

import { assert } from '../../assert.ts'
import { decodeTftpPacket, encodeTftpPacket } from '../../wire/tftp-packet.ts'

export interface DownloadOptions {
  readonly file: string
  readonly blockBytes: number
  readonly windowBlocks: number
  readonly send: (bytes: Uint8Array, port: number) => void
  /** The next octets of the file, which begin at this place. The bytes belong to the caller. */
  readonly take: (bytes: Uint8Array, at: number) => void
}

export type DownloadState = 'running' | 'complete' | 'refused'

const requestPort = 69
const askAgainMs = 1_000
const dataHeaderBytes = 4
const defaultBlockBytes = 512

export class Download {
  readonly #options: DownloadOptions
  state: DownloadState = 'running'
  /** What the server said when it refused. */
  refusal = ''
  /** The server's transfer identifier, from its first packet. */
  #port = 0
  /** `tsize` as the server told it. */
  #fileBytes: number | undefined
  #taken = 0
  #blockBytes = defaultBlockBytes
  #windowBlocks = 1
  #expected = 1
  #sinceAcknowledged = 0
  #gapTold = false
  #heardAtMs: number

  constructor(options: DownloadOptions, nowMs: number) {
    this.#options = options
    this.#heardAtMs = nowMs
    this.#ask()
  }

  #ask(): void {
    const { file, blockBytes, windowBlocks, send } = this.#options
    const options = [
      { name: 'tsize', value: '0' },
      { name: 'blksize', value: String(blockBytes) },
      ...(windowBlocks > 1 ? [{ name: 'windowsize', value: String(windowBlocks) }] : []),
    ]
    send(encodeTftpPacket({ kind: 'read-request', file, mode: 'octet', options }), requestPort)
  }

  /** True: it had to say something again. */
  tick(nowMs: number): boolean {
    if (this.state !== 'running' || nowMs - this.#heardAtMs < askAgainMs) return false
    this.#heardAtMs = nowMs
    this.#gapTold = false
    if (this.#port === 0) this.#ask()
    else this.#acknowledge()
    return true
  }

  /** The bytes belong to the caller and are not kept. */
  receive(bytes: Uint8Array, fromPort: number, nowMs: number): void {
    if (this.state !== 'running' || (this.#port !== 0 && fromPort !== this.#port)) return
    this.#heardAtMs = nowMs
    this.#port = fromPort
    if (bytes[1] === 3) return this.#takeBlock(bytes)
    const packet = decodeTftpPacket(bytes)
    if (packet.kind === 'error') {
      this.state = 'refused'
      this.refusal = packet.message
    }
    // A server may repeat it; only the first one is answered, unless the timer asks.
    if (packet.kind === 'option-acknowledgement' && this.#expected === 1) this.#agree(packet.options)
  }

  #agree(options: readonly { readonly name: string; readonly value: string }[]): void {
    const granted = new Map(options.map(({ name, value }) => [name.toLowerCase(), Number(value)]))
    const { blockBytes, windowBlocks } = this.#options
    this.#blockBytes = granted.get('blksize') ?? defaultBlockBytes
    this.#windowBlocks = granted.get('windowsize') ?? 1
    assert(this.#blockBytes <= blockBytes && this.#windowBlocks <= windowBlocks, 'a server grants no more than asked')
    this.#fileBytes = granted.get('tsize')
    this.#acknowledge()
  }

  #takeBlock(bytes: Uint8Array): void {
    const block = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0)
    const ahead = (block - this.#expected) & 0xffff
    if (ahead === 0) this.#takeExpected(bytes)
    else if (ahead < 0x8000) this.#tellGap()
    // A copy: the server did not hear the acknowledgement of the newest block.
    else if (ahead === 0xffff) this.#acknowledge()
  }

  #takeExpected(bytes: Uint8Array): void {
    const octets = bytes.subarray(dataHeaderBytes)
    assert(octets.length <= this.#blockBytes, 'a block is no longer than agreed')
    this.#options.take(octets, this.#taken)
    this.#taken += octets.length
    this.#expected++
    this.#sinceAcknowledged++
    this.#gapTold = false
    const isLast = octets.length < this.#blockBytes
    if (isLast) {
      assert((this.#fileBytes ?? this.#taken) === this.#taken, 'the size told is the size')
      this.state = 'complete'
    }
    if (isLast || this.#sinceAcknowledged >= this.#windowBlocks) this.#acknowledge()
  }

  /** RFC 7440 section 4: once for a gap, so that the sender restarts behind the last block in order. */
  #tellGap(): void {
    if (this.#gapTold) return
    this.#gapTold = true
    this.#acknowledge()
  }

  #acknowledge(): void {
    const block = this.#expected - 1
    this.#sinceAcknowledged = 0
    this.#options.send(Uint8Array.of(0, 4, (block >>> 8) & 255, block & 255), this.#port)
  }
}
