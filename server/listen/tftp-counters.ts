/** What became of requests and transfers, and what was sent, counted in memory that threads may share: each thread writes its own. */

import type { DatagramCounters } from './datagram-port.ts'

const names = [
  'requests',
  'repeated-requests',
  'write-requests',
  'not-found',
  'refused-names',
  'refused-modes',
  'over-budget',
  'busy',
  'broadcasts',
  'malformed',
  'strays',
  'strangers',
  'half-open-evicted',
  'completed',
  'completed-unconfirmed',
  'declined',
  'aborted-by-client',
  'never-started',
  'gave-up',
  'replaced',
  'read-failed',
  'stopped',
  'octets-sent',
  'blocks-sent',
  'blocks-resent',
  'timeouts',
  'datagrams-received',
  'datagrams-too-long',
  'datagrams-sent',
  'datagrams-failed',
] as const
export type TftpCounter = (typeof names)[number]

const places = Object.fromEntries(names.map((name, index) => [name, index])) as Record<TftpCounter, number>
const activePlace = names.length

export class TftpCounters {
  readonly memory: SharedArrayBuffer
  readonly #values: Float64Array

  constructor(memory = new SharedArrayBuffer((names.length + 1) * Float64Array.BYTES_PER_ELEMENT)) {
    this.memory = memory
    this.#values = new Float64Array(memory)
  }

  count(name: TftpCounter, by = 1): void {
    this.#values[places[name]] = (this.#values[places[name]] ?? 0) + by
  }

  /** What its sockets have counted until now. */
  setDatagrams(all: readonly Readonly<DatagramCounters>[]): void {
    const set = (name: TftpCounter, counter: keyof DatagramCounters): void => {
      this.#values[places[name]] = all.reduce((total, counters) => total + counters[counter], 0)
    }
    set('datagrams-received', 'received')
    set('datagrams-too-long', 'receivedTooLong')
    set('datagrams-sent', 'sent')
    set('datagrams-failed', 'sendFailed')
  }

  /** Transfers under way, half-open ones included. */
  get active(): number {
    return this.#values[activePlace] ?? 0
  }

  set active(transfers: number) {
    this.#values[activePlace] = transfers
  }

  get(name: TftpCounter): number {
    return this.#values[places[name]] ?? 0
  }
}

export function sumOfCounters(all: readonly TftpCounters[]): Readonly<Record<TftpCounter, number>> {
  const sum = (name: TftpCounter): number => all.reduce((total, counters) => total + counters.get(name), 0)
  return Object.fromEntries(names.map((name) => [name, sum(name)])) as Record<TftpCounter, number>
}
