/**
 * A status page as far as the line goes: opens the WebSocket and takes one frame after the other (RFC 6455 section 5.2), with
 * system calls of the bench's own connection, because a thousand of them share a core. What the frames hold is the caller's.
 */

import { randomBytes } from 'node:crypto'
import { assert } from '../../server/assert.ts'
import { TcpConnection } from './tcp-connection.ts'

export interface PageOptions {
  readonly address: string
  readonly port: number
  readonly target: string
  readonly token: string
}

const bufferBytesMin = 64 * 1_024
const opcodes = { text: 1, ping: 9 } as const
const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0])

export class Page {
  readonly #connection: TcpConnection
  #buffer = Buffer.alloc(bufferBytesMin)
  #from = 0
  #until = 0
  #isOpen = false

  constructor({ address, port, target, token }: PageOptions) {
    this.#connection = new TcpConnection(address, port)
    const lines = [
      `GET ${target} HTTP/1.1`,
      `Host: ${address}:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      `Authorization: Bearer ${token}`,
    ]
    this.#connection.send(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`))
  }

  get descriptor(): number {
    return this.#connection.descriptor
  }

  /** Hands over what came; the frames are good until the callback returns. */
  read(onText: (frame: Buffer) => void): void {
    this.#makeRoom()
    const count = this.#connection.receive(this.#buffer.subarray(this.#until))
    if (count === undefined) return
    this.#until += count
    if (!this.#isOpen && !this.#takeHandshake()) return
    while (this.#takeFrame(onText));
  }

  close(): void {
    this.#connection.close()
  }

  #makeRoom(): void {
    if (this.#from > 0) this.#buffer.copyWithin(0, this.#from, this.#until)
    this.#until -= this.#from
    this.#from = 0
    if (this.#until < this.#buffer.length) return
    this.#buffer = Buffer.concat([this.#buffer, Buffer.alloc(this.#buffer.length)])
  }

  #takeHandshake(): boolean {
    const end = this.#buffer.subarray(0, this.#until).indexOf('\r\n\r\n')
    if (end < 0) return false
    const status = this.#buffer.toString('latin1', 9, 12)
    assert(status === '101', `the server opens the WebSocket: ${status}`)
    this.#from = end + 4
    this.#isOpen = true
    return true
  }

  /** Servers do not mask, and a frame of ours is whole. */
  #takeFrame(onText: (frame: Buffer) => void): boolean {
    const bytes = this.#buffer
    const left = this.#until - this.#from
    if (left < 2) return false
    const short = (bytes[this.#from + 1] ?? 0) & 0x7f
    const headBytes = short === 126 ? 4 : short === 127 ? 10 : 2
    if (left < headBytes) return false
    const length =
      short === 126
        ? bytes.readUInt16BE(this.#from + 2)
        : short === 127
          ? Number(bytes.readBigUInt64BE(this.#from + 2))
          : short
    if (left < headBytes + length) return false
    const opcode = (bytes[this.#from] ?? 0) & 0x0f
    const start = this.#from + headBytes
    this.#from = start + length
    if (opcode === opcodes.text) onText(bytes.subarray(start, start + length))
    else if (opcode === opcodes.ping) this.#connection.send(pong)
    return true
  }
}
