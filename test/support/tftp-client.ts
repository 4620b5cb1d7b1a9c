/**
 * A TFTP client made of raw datagrams, for tests that need to see and to say exactly one packet; and a whole download
 * on top of it, which acknowledges as RFC 7440 says and repeats itself on a timer, as firmware does.
 */

import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import type { TftpOption } from '../../server/wire/tftp-options.ts'
import { decodeTftpPacket, encodeTftpPacket } from '../../server/wire/tftp-packet.ts'
import type { TftpPacket } from '../../server/wire/tftp-packet.ts'

export interface Heard {
  readonly packet: TftpPacket
  readonly bytes: Uint8Array
  readonly address: string
  readonly port: number
}

export interface Place {
  readonly port: number
  readonly address?: string
}

export interface Downloaded {
  readonly bytes: Uint8Array
  readonly options: Readonly<Record<string, string>>
  readonly error?: { readonly code: number; readonly message: string }
  readonly blocks: number
}

export interface DownloadOptions {
  readonly mode?: string
  readonly options?: Readonly<Record<string, string>>
  /** How long the client waits before it repeats itself. */
  readonly retryMs?: number
  /** Acknowledges every block that is out of order, as the firmware that caused storms. */
  readonly chatty?: boolean
  /** Goes on from the port of this client, as firmware that asks once more. */
  readonly samePort?: boolean
}

/** A test that waits longer than this has failed. */
const patienceMs = 20_000

export class TftpClient {
  readonly #socket: Socket
  readonly #heard: Heard[] = []
  readonly #waiting: ((heard: Heard) => void)[] = []
  /** Ports of servers that said something. */
  readonly portsHeard = new Set<number>()
  #sending = 0

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('message', (bytes, { address, port }) => {
      const heard = { packet: decodeTftpPacket(bytes), bytes, address, port }
      this.portsHeard.add(port)
      const waiter = this.#waiting.shift()
      if (waiter === undefined) this.#heard.push(heard)
      else waiter(heard)
    })
  }

  get port(): number {
    return this.#socket.address().port
  }

  send(packet: TftpPacket, to: Place): void {
    this.sendRaw(encodeTftpPacket(packet), to)
  }

  sendRaw(bytes: Uint8Array, { port, address = '127.0.0.1' }: Place): void {
    this.#sending += 1
    this.#socket.send(bytes, port, address, () => {
      this.#sending -= 1
    })
  }

  read(file: string, to: Place, { mode = 'octet', options = {} }: DownloadOptions = {}): void {
    this.send({ kind: 'read-request', file, mode, options: listed(options) }, to)
  }

  acknowledge(block: number, to: Place): void {
    this.send({ kind: 'acknowledgement', block }, to)
  }

  /** The next packet; undefined after `withinMs` of silence. */
  async next(withinMs?: number): Promise<Heard | undefined> {
    const heard = this.#heard.shift()
    if (heard !== undefined) return heard
    return new Promise((resolve, reject) => {
      const waiter = (arrived: Heard): void => {
        clearTimeout(timer)
        resolve(arrived)
      }
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        if (withinMs === undefined) reject(new Error(`no packet within ${patienceMs} ms`))
        else resolve(undefined)
      }, withinMs ?? patienceMs)
      this.#waiting.push(waiter)
    })
  }

  async hear(): Promise<Heard> {
    const heard = await this.next()
    if (heard === undefined) throw new Error('nothing was heard')
    return heard
  }

  /** The DATA of this number; a busy machine may hear the one before it again. */
  async hearBlock(block: number): Promise<Uint8Array> {
    for (;;) {
      const { packet } = await this.hear()
      if (packet.kind === 'data' && packet.block === block) return packet.octets
    }
  }

  /** What has arrived so far and was not asked for. */
  get unread(): readonly TftpPacket[] {
    return this.#heard.map(({ packet }) => packet)
  }

  /** From a port of its own, as RFC 1350 section 4 says: what is still on its way of an earlier transfer is not heard here. */
  async download(file: string, to: Place, how: DownloadOptions = {}): Promise<Downloaded> {
    if (how.samePort === true) return new Download(this, { file, to, how }).run()
    const own = await openTftpClient(this.#socket.address().address)
    try {
      return await new Download(own, { file, to, how }).run()
    } finally {
      await own.#sent()
      own.close()
    }
  }

  /** The last acknowledgement may still be on its way into the kernel. */
  async #sent(): Promise<void> {
    while (this.#sending > 0) await new Promise((resolve) => setImmediate(resolve))
  }

  close(): void {
    this.#socket.close()
  }
}

export async function openTftpClient(address = '127.0.0.1'): Promise<TftpClient> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1_048_576 })
  socket.bind(0, address)
  await once(socket, 'listening')
  return new TftpClient(socket)
}

/** One file, whole. Blocks may come lost, doubled and in any order. */
class Download {
  readonly #client: TftpClient
  readonly #asked: { readonly file: string; readonly to: Place; readonly how: DownloadOptions }
  readonly #parts: Uint8Array[] = []
  /** A busy machine may say something of the transfer before once more. */
  readonly #portsBefore: ReadonlySet<number>
  #options: Record<string, string> = {}
  #server: Place | undefined
  #arrived = 0
  #sinceAcknowledged = 0
  #gapTold = false

  constructor(client: TftpClient, asked: { file: string; to: Place; how: DownloadOptions }) {
    this.#client = client
    this.#asked = asked
    this.#portsBefore = new Set(client.portsHeard)
  }

  async run(): Promise<Downloaded> {
    const { retryMs = 100 } = this.#asked.how
    this.#repeat()
    for (let silences = 0; silences < patienceMs / retryMs; ) {
      const heard = await this.#client.next(retryMs)
      silences = heard === undefined ? silences + 1 : 0
      if (heard === undefined) this.#repeat()
      else if (this.#take(heard)) return this.#result(heard.packet)
    }
    throw new Error(`${this.#asked.file} stopped after block ${this.#arrived}`)
  }

  #repeat(): void {
    const { file, to, how } = this.#asked
    this.#gapTold = false
    if (this.#server === undefined) this.#client.read(file, to, how)
    else this.#acknowledge()
  }

  /** True when the download is over. */
  #take({ packet, port, address }: Heard): boolean {
    if (this.#server === undefined ? this.#portsBefore.has(port) : port !== this.#server.port) return false
    switch (packet.kind) {
      case 'error':
        return true
      case 'option-acknowledgement':
        if (this.#arrived > 0) return false
        this.#server = { port, address }
        this.#options = Object.fromEntries(packet.options.map(({ name, value }) => [name, value]))
        this.#acknowledge()
        return false
      case 'data':
        this.#server ??= { port, address }
        return this.#block(packet.block, packet.octets)
      default:
        return false
    }
  }

  #block(number: number, octets: Uint8Array): boolean {
    const blockBytes = Number(this.#options['blksize'] ?? 512)
    if (number !== (this.#arrived + 1) % 65_536) {
      if (!this.#gapTold || this.#asked.how.chatty === true) this.#acknowledge()
      this.#gapTold = true
      return false
    }
    this.#gapTold = false
    this.#arrived++
    this.#sinceAcknowledged++
    this.#parts.push(octets)
    const last = octets.length < blockBytes
    if (last || this.#sinceAcknowledged >= Number(this.#options['windowsize'] ?? 1)) this.#acknowledge()
    return last
  }

  #acknowledge(): void {
    this.#sinceAcknowledged = 0
    if (this.#server !== undefined) this.#client.acknowledge(this.#arrived % 65_536, this.#server)
  }

  #result(last: TftpPacket): Downloaded {
    const bytes = new Uint8Array(Buffer.concat(this.#parts))
    const result = { bytes, options: this.#options, blocks: this.#arrived }
    return last.kind === 'error' ? { ...result, error: { code: last.code, message: last.message } } : result
  }
}

function listed(options: Readonly<Record<string, string>>): readonly TftpOption[] {
  return Object.entries(options).map(([name, value]) => ({ name, value }))
}
