/** Saying and hearing UDP datagrams on another host of the private network, from the process that runs the tests. */

import { join } from 'node:path'
import { waitFor } from '../wait-for.ts'
import { startOn, type Host } from './network.ts'
import type { Program } from './program.ts'

export interface SaidDatagram {
  readonly fromPort: number
  readonly toAddress: string
  readonly toPort: number
  /** Base64. */
  readonly octets: string
}

export interface HeardDatagram {
  /** Of ours. */
  readonly port: number
  readonly fromAddress: string
  readonly fromPort: number
  readonly toAddress: string
  /** Base64. */
  readonly octets: string
}

export interface Heard extends Omit<HeardDatagram, 'octets'> {
  readonly bytes: Uint8Array
}

/** Whoever waits longer waits in vain: everything here is one switch away. */
const patienceMs = 5_000

export class Datagrams {
  readonly host: Host
  readonly #heard: Heard[] = []
  readonly #program: Program
  #linesRead = 0

  private constructor(host: Host, program: Program) {
    this.host = host
    this.#program = program
  }

  /** Ports are opened on the host's first cable. */
  static async open(host: Host, ports: readonly number[]): Promise<Datagrams> {
    const script = join(import.meta.dirname, 'datagram-host.ts')
    const program = await startOn(host, process.execPath, [script, 'eth0', ...ports.map(String)])
    await program.says(/^ready$/)
    return new Datagrams(host, program)
  }

  /** Everything heard so far, oldest first. */
  get heard(): readonly Heard[] {
    const lines = this.#program.said().split('\n').slice(0, -1)
    for (const line of lines.slice(this.#linesRead).filter((text) => text.startsWith('{'))) {
      const { octets, ...rest } = JSON.parse(line) as HeardDatagram
      this.#heard.push({ ...rest, bytes: new Uint8Array(Buffer.from(octets, 'base64')) })
    }
    this.#linesRead = lines.length
    return this.#heard
  }

  say(bytes: Uint8Array, way: Omit<SaidDatagram, 'octets'>): void {
    this.#program.input.write(`${JSON.stringify({ ...way, octets: Buffer.from(bytes).toString('base64') })}\n`)
  }

  /** The first datagram, heard already or to come, of which `read` makes something. */
  async first<T>(what: string, read: (heard: Heard) => T | undefined): Promise<T> {
    let at = 0
    const look = (saw: (value: unknown) => void): T | undefined => {
      const { heard } = this
      saw(`${heard.length} datagrams`)
      for (; at < heard.length; at++) {
        const one = heard[at]
        const found = one && read(one)
        if (found !== undefined) return found
      }
      return undefined
    }
    return waitFor(what, look, { withinMs: patienceMs })
  }

  async close(): Promise<void> {
    await this.#program.stop('SIGTERM')
  }
}
