/**
 * A bad network in user space: stands between a UDP client and a server on loopback and loses, doubles, delays,
 * reorders and corrupts datagrams by a seeded chance, the same way for the same seed and order of arrival. Ports of
 * the server are shown to the client one to one, as TFTP needs: each transfer identifier gets a port of the relay.
 */

import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import { seededRandom } from '../../scripts/lab/seeded-random.ts'

export interface Faults {
  /** Chances from 0 to 1, for each datagram in each direction. */
  readonly loss?: number
  readonly duplicate?: number
  readonly reorder?: number
  readonly corrupt?: number
  /** For every datagram, each way. */
  readonly delayMs?: number
  /** Larger datagrams vanish, as in a tunnel. Counted without IP and UDP headers. */
  readonly bytesMax?: number
}

export interface LossyRelayOptions {
  readonly server: { readonly address: string; readonly port: number }
  readonly toServer: Faults
  readonly toClient: Faults
  readonly seed: number
}

export interface LossyRelay {
  readonly port: number
  readonly counters: { passed: number; lost: number; duplicated: number; reordered: number; corrupted: number }
  close(): Promise<void>
}

interface Client {
  readonly address: string
  readonly port: number
}

/** How long a reordered datagram is held back: some others overtake it. */
const heldBackMs = 4

export async function openLossyRelay(options: LossyRelayOptions): Promise<LossyRelay> {
  const relay = new Relay(options)
  await relay.open()
  return relay
}

class Relay implements LossyRelay {
  readonly counters = { passed: 0, lost: 0, duplicated: 0, reordered: 0, corrupted: 0 }
  port = 0
  readonly #options: LossyRelayOptions
  readonly #random: () => number
  readonly #sockets: Socket[] = []
  readonly #timers = new Set<NodeJS.Timeout>()
  /** By client: the socket that the server sees as the client. */
  readonly #towardsServer = new Map<string, Promise<Socket>>()
  /** By client and server port: the socket that the client sees as that port. */
  readonly #towardsClient = new Map<string, Promise<Socket>>()
  #closed = false

  constructor(options: LossyRelayOptions) {
    this.#options = options
    this.#random = seededRandom(options.seed)
  }

  async open(): Promise<void> {
    const front = await this.#bind()
    this.port = front.address().port
    const { port } = this.#options.server
    this.#forwardToServer(front, port)
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const timer of this.#timers) clearTimeout(timer)
    for (const socket of this.#sockets) socket.close()
  }

  async #bind(): Promise<Socket> {
    const socket = createSocket('udp4')
    this.#sockets.push(socket)
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return socket
  }

  #forwardToServer(facing: Socket, serverPort: number): void {
    facing.on('message', (bytes, client) => {
      const key = `${client.address}:${client.port}`
      let opening = this.#towardsServer.get(key)
      if (opening === undefined) {
        opening = this.#openTowardsServer(client, { facing, serverPort })
        this.#towardsServer.set(key, opening)
      }
      this.#pass(bytes, this.#options.toServer, async (sent) => {
        const socket = await opening
        if (!this.#closed) socket.send(sent, serverPort, this.#options.server.address)
      })
    })
  }

  async #openTowardsServer(client: Client, first: { facing: Socket; serverPort: number }): Promise<Socket> {
    const socket = await this.#bind()
    this.#towardsClient.set(`${client.address}:${client.port}:${first.serverPort}`, Promise.resolve(first.facing))
    socket.on('message', (bytes, server) => {
      const key = `${client.address}:${client.port}:${server.port}`
      let opening = this.#towardsClient.get(key)
      if (opening === undefined) {
        opening = this.#openTowardsClient(server.port)
        this.#towardsClient.set(key, opening)
      }
      this.#pass(bytes, this.#options.toClient, async (sent) => {
        const facing = await opening
        if (!this.#closed) facing.send(sent, client.port, client.address)
      })
    })
    return socket
  }

  async #openTowardsClient(serverPort: number): Promise<Socket> {
    const socket = await this.#bind()
    this.#forwardToServer(socket, serverPort)
    return socket
  }

  #pass(bytes: Uint8Array, faults: Faults, send: (bytes: Uint8Array) => Promise<void>): void {
    const {
      loss = 0,
      duplicate = 0,
      reorder = 0,
      corrupt = 0,
      delayMs = 0,
      bytesMax = Number.POSITIVE_INFINITY,
    } = faults
    if (this.#random() < loss || bytes.length > bytesMax) {
      this.counters.lost++
      return
    }
    const corrupted = this.#random() < corrupt
    const sent = corrupted ? this.#corrupt(bytes) : bytes
    if (corrupted) this.counters.corrupted++
    const reordered = this.#random() < reorder
    if (reordered) this.counters.reordered++
    const duplicated = this.#random() < duplicate
    if (duplicated) this.counters.duplicated++
    this.counters.passed++
    this.#later(delayMs + (reordered ? heldBackMs : 0), async () => send(sent))
    if (duplicated) this.#later(delayMs, async () => send(sent))
  }

  #corrupt(bytes: Uint8Array): Uint8Array {
    const changed = Uint8Array.from(bytes)
    const at = Math.floor(this.#random() * changed.length)
    changed[at] = (changed[at] ?? 0) ^ (1 << Math.floor(this.#random() * 8))
    return changed
  }

  #later(delayMs: number, action: () => Promise<void>): void {
    if (delayMs === 0) {
      void action()
      return
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      void action()
    }, delayMs)
    this.#timers.add(timer)
  }
}
