/** Saying and hearing UDP datagrams on another host of the private network, from the process that runs the tests. */

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Host } from './network.ts'

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
  /** Everything heard so far, oldest first. */
  readonly heard: Heard[] = []
  readonly #child: ChildProcess
  readonly #waiting = new Set<() => void>()

  private constructor(host: Host, child: ChildProcess) {
    this.host = host
    this.#child = child
  }

  /** Ports are opened on the host's first cable unless another is named. */
  static async open(host: Host, ports: readonly number[], cable = 'eth0'): Promise<Datagrams> {
    const [program = '', ...prefix] = host.prefix
    const script = join(import.meta.dirname, 'datagram-host.ts')
    const child = spawn(program, [...prefix, process.execPath, script, cable, ...ports.map(String)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const datagrams = new Datagrams(host, child)
    const lines = createInterface({ input: child.stdout })
    const ready = once(lines, 'line')
    await Promise.race([ready, once(child, 'exit').then(() => Promise.reject(new Error('datagram-host.ts ended')))])
    lines.on('line', (line) => datagrams.#hear(line))
    return datagrams
  }

  #hear(line: string): void {
    const { octets, ...rest } = JSON.parse(line) as HeardDatagram
    this.heard.push({ ...rest, bytes: new Uint8Array(Buffer.from(octets, 'base64')) })
    for (const look of this.#waiting) look()
  }

  say(bytes: Uint8Array, way: Omit<SaidDatagram, 'octets'>): void {
    this.#child.stdin?.write(`${JSON.stringify({ ...way, octets: Buffer.from(bytes).toString('base64') })}\n`)
  }

  /** The first datagram, heard already or to come, of which `read` makes something. */
  async first<T>(what: string, read: (heard: Heard) => T | undefined): Promise<T> {
    let at = 0
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(look)
        reject(new Error(`waited in vain for ${what}; heard ${this.heard.length} datagrams`))
      }, patienceMs)
      const look = (): void => {
        for (; at < this.heard.length; at++) {
          const heard = this.heard[at]
          const found = heard && read(heard)
          if (found === undefined) continue
          clearTimeout(timer)
          this.#waiting.delete(look)
          return resolve(found)
        }
      }
      this.#waiting.add(look)
      look()
    })
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return
    this.#child.stdin?.end()
    await once(this.#child, 'exit')
  }
}
