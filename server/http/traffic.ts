/**
 * Connections, requests and octets, by area; never by path, which would grow without end. Octets are counted by connection, when
 * somebody asks, when it ends and before it asks for something of another area: a download of hours shows while it lasts, and no
 * answer pays for it.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Counts } from '../metrics/counts.ts'
import type { HttpReading } from '../metrics/reading.ts'
import { octetsSent } from './octets-of-connection.ts'
import type { Refusal } from './server-limits.ts'

export interface AreaTraffic {
  readonly area: string
  octets: number
  /** Answers by the first digit of their status; none begins with 0. */
  readonly answered: number[]
}

interface Connection {
  area: AreaTraffic
  counted: number
}

const namedAreas = ['boot', 'content', 'blobs', 'agent', 'distribution-point', 'api', 'healthz', 'metrics'] as const

export class Traffic {
  readonly refusals = new Counts()
  readonly #named = namedAreas.map((name) => newArea(name))
  readonly #console = newArea('console')
  readonly #connections = new Map<Socket, Connection>()
  #begun = 0
  #ended = 0
  #refused = 0

  connected(socket: Socket): void {
    // What is said to whoever asks for nothing is counted with what is asked for outside of every area.
    const connection = { area: this.#console, counted: 0 }
    this.#connections.set(socket, connection)
    socket.once('close', () => {
      settle(socket, connection)
      this.#connections.delete(socket)
    })
  }

  /** What `end` is given when the request is answered. */
  begin(request: IncomingMessage): AreaTraffic {
    this.#begun += 1
    return this.note(request)
  }

  end(area: AreaTraffic, { statusCode }: ServerResponse): void {
    this.#ended += 1
    const digit = Math.floor(statusCode / 100)
    area.answered[digit] = (area.answered[digit] ?? 0) + 1
  }

  /** From now on its connection is counted with what it asks for. */
  note({ url = '', socket }: IncomingMessage): AreaTraffic {
    const area = this.#named.find((known) => isOf(url, known.area)) ?? this.#console
    const connection = this.#connections.get(socket)
    if (connection !== undefined && connection.area !== area) {
      settle(socket, connection)
      connection.area = area
    }
    return area
  }

  refused(reason: Refusal): void {
    this.refusals.add(reason)
    this.#refused += 1
  }

  get areas(): readonly Readonly<AreaTraffic>[] {
    for (const [socket, connection] of this.#connections) settle(socket, connection)
    return [...this.#named, this.#console]
  }

  get underWay(): number {
    return this.#begun - this.#ended
  }

  get openConnections(): number {
    return this.#connections.size
  }

  get reading(): HttpReading {
    return {
      requests: this.#ended,
      octets: this.areas.reduce((sum, { octets }) => sum + octets, 0),
      underWay: this.underWay,
      connections: this.openConnections,
      refused: this.#refused,
    }
  }
}

function newArea(area: string): AreaTraffic {
  return { area, octets: 0, answered: [0, 0, 0, 0, 0, 0] }
}

function settle(socket: Socket, connection: Connection): void {
  const sent = octetsSent(socket)
  connection.area.octets += sent - connection.counted
  connection.counted = sent
}

function isOf(url: string, area: string): boolean {
  return url.startsWith(area, 1) && isEnd(url[area.length + 1])
}

function isEnd(character: string | undefined): boolean {
  return character === undefined || character === '/' || character === '?'
}
