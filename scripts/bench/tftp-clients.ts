/**
 * TFTP clients, each with an address of its own and a fresh port for each download. Every octet is compared with the file.
 * Round trip and loss are made here, since the kernel may have no netem: every packet sent is held for the round trip, and
 * DATA that arrive and acknowledgements that leave are dropped with a chance, by a seed.
 */

import { readFileSync } from 'node:fs'
import { ipv4ToNumber, type Ipv4Address } from '../../server/address/ipv4-address.ts'
import { assert } from '../../server/assert.ts'
import { Download } from '../../server/cli/load/tftp-download.ts'
import { Waits } from '../../server/cli/load/waits.ts'
import { DatagramDescriptor } from '../../server/listen/datagram-descriptor.ts'
import type { ReadinessSet } from '../../server/listen/readiness-set.ts'
import { seededRandom } from '../lab/seeded-random.ts'
import { type ClientSocket, LargeDatagramSocket } from './large-datagram-socket.ts'
import { type LoadMeter, Tally } from './load-result.ts'

export interface TftpLoad {
  readonly address: string
  readonly file: string
  /** Where the same file is on this machine. */
  readonly path: string
  readonly clients: number
  /** Of the first client; the others have those after it. */
  readonly firstAddress: string
  readonly blockBytes: number
  readonly windowBlocks: number
  readonly roundTripMs: number
  readonly loss: number
  readonly seed: number
  /** Absent: each begins its next download when one is done. */
  readonly once?: boolean
}

interface Held {
  readonly dueMs: number
  readonly socket: ClientSocket
  readonly bytes: Uint8Array
  readonly port: number
}

interface Client {
  readonly token: number
  readonly socket: ClientSocket
  readonly download: Download
  readonly beganMs: number
}

const ticksEveryMs = 50
/** The server's own sockets take no more. */
const ethernetBytes = 1_500
/** Held packets that were sent are dropped from the list in one go. */
const sentMax = 4_096

export class TftpClients {
  readonly #load: TftpLoad
  readonly #ready: ReadinessSet
  readonly #server: number
  readonly #content: Buffer
  readonly #random: () => number
  readonly #clients: Client[] = []
  readonly #held: Held[] = []
  #heldFrom = 0
  #tickAtMs = 0
  #running = 0
  failed = 0
  repeats = 0
  /** What the server said last when it refused. */
  refusal = ''
  /** All that were ever taken; `bytes` are those of the measurement. */
  octets = 0
  readonly bytes: Tally
  readonly files: Tally
  /** Of whole downloads. */
  readonly waits = new Waits()

  constructor(load: TftpLoad, ready: ReadinessSet, meter: LoadMeter) {
    this.#load = load
    this.#ready = ready
    this.#server = ipv4ToNumber(load.address as Ipv4Address)
    this.#content = readFileSync(load.path)
    this.#random = seededRandom(load.seed)
    this.bytes = new Tally(meter)
    this.files = new Tally(meter)
    this.grow(load.clients)
  }

  /** Of clients that download once. */
  get unfinished(): number {
    return this.#running
  }

  /** Up to so many clients. */
  grow(clients: number): void {
    for (let token = this.#clients.length; token < clients; token++) this.#clients.push(this.#begin(token))
  }

  hear(token: number): void {
    const client = this.#clients[token]
    if (client === undefined) return
    const heardAtMs = performance.now()
    client.socket.receive(({ bytes, sourcePort }) => {
      if (bytes[1] === 3 && this.#isLost()) return
      client.download.receive(bytes, sourcePort, heardAtMs)
    })
    if (client.download.state !== 'running') this.#ended(client)
  }

  #ended(client: Client): void {
    if (client.download.state === 'refused') {
      this.failed++
      this.refusal = client.download.refusal
    } else {
      this.files.add(1)
      this.waits.add(performance.now() - client.beganMs)
    }
    this.#running--
    client.socket.close()
    if (this.#load.once !== true) this.#clients[client.token] = this.#begin(client.token)
  }

  /** Sends what is due, and lets the clients look at the clock now and then. */
  turn(nowMs: number): void {
    this.#releaseHeld(nowMs)
    if (nowMs < this.#tickAtMs) return
    this.#tickAtMs = nowMs + ticksEveryMs
    for (const { download } of this.#clients) this.repeats += download.tick(nowMs) ? 1 : 0
  }

  /** Who came once and has no file has waited until now, at least: a server that refuses most is not quick with the others. */
  endWaits(): void {
    if (this.#load.once !== true) return
    const nowMs = performance.now()
    for (const { download, beganMs } of this.#clients) {
      if (download.state !== 'complete') this.waits.add(nowMs - beganMs)
    }
  }

  /** It must not sleep: a packet is waiting for its time. */
  get isHolding(): boolean {
    return this.#held.length > this.#heldFrom
  }

  close(): void {
    for (const { socket } of this.#clients) socket.close()
  }

  #begin(token: number): Client {
    const { file, blockBytes, windowBlocks, firstAddress, roundTripMs } = this.#load
    const address = ipv4ToNumber(firstAddress as Ipv4Address) + token
    const socket = openSocket(address, blockBytes)
    this.#ready.add(socket.descriptor, token)
    const nowMs = performance.now()
    const send = (bytes: Uint8Array, port: number): void => {
      const isAcknowledgement = bytes[1] === 4
      if (isAcknowledgement && this.#isLost()) return
      if (roundTripMs === 0) return this.#transmit(socket, bytes, port)
      this.#held.push({ dueMs: performance.now() + roundTripMs, socket, bytes, port })
    }
    const take = (octets: Uint8Array, at: number): void => {
      const same = this.#content.compare(octets, 0, octets.length, at, at + octets.length) === 0
      assert(same && at + octets.length <= this.#content.length, `octets at ${at} differ`)
      this.octets += octets.length
      this.bytes.add(octets.length)
    }
    const download = new Download({ file, blockBytes, windowBlocks, send, take }, nowMs)
    this.#running++
    return { token, socket, download, beganMs: nowMs }
  }

  #transmit(socket: ClientSocket, bytes: Uint8Array, port: number): void {
    socket.queue(bytes, { address: this.#server, port, fromAddress: 0, interfaceIndex: 0, segmentBytes: 0 })
    socket.flush()
  }

  #isLost(): boolean {
    return this.#load.loss > 0 && this.#random() < this.#load.loss
  }

  #releaseHeld(nowMs: number): void {
    for (let next = this.#held[this.#heldFrom]; next !== undefined && next.dueMs <= nowMs; ) {
      this.#heldFrom++
      this.#transmit(next.socket, next.bytes, next.port)
      next = this.#held[this.#heldFrom]
    }
    if (this.#heldFrom < sentMax) return
    this.#held.splice(0, this.#heldFrom)
    this.#heldFrom = 0
  }
}

function openSocket(address: number, blockBytes: number): ClientSocket {
  if (blockBytes > ethernetBytes) return new LargeDatagramSocket(address)
  return new DatagramDescriptor({
    address,
    port: 0,
    interfaceName: undefined,
    broadcast: false,
    shareAddress: false,
  })
}
