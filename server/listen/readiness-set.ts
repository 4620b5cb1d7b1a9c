/**
 * Waiting for many sockets at once (epoll(7)). The events it is told are in an arena of its own. It reads nothing from the
 * sockets and neither opens nor closes them.
 */

import { Arena, checked, libc } from './libc.ts'

const eventsMax = 64
const epollIn = 1
const closeOnExec = 0o2000000

/** A socket is reported as long as it has something to read. */
export class ReadinessSet {
  readonly descriptor: number
  readonly #events: Arena
  /** Packed on x86-64 only (epoll_ctl(2)). */
  readonly #eventBytes = process.arch === 'x64' ? 12 : 16

  /** `descriptor`: of the same set in another thread. */
  constructor(descriptor?: number) {
    this.descriptor = descriptor ?? checked('epoll_create1', libc().epoll_create1(closeOnExec))
    this.#events = new Arena(eventsMax * this.#eventBytes)
  }

  add(socketDescriptor: number, token: number): void {
    this.#events.view.setUint32(0, epollIn, true)
    this.#events.setUint64(this.#eventBytes - 8, token)
    const add = 1
    checked('epoll_ctl', libc().epoll_ctl(this.descriptor, add, socketDescriptor, this.#events.address))
  }

  /** Tokens of sockets with datagrams to read. Blocks the thread unless the time is 0. */
  wait(timeoutMs: number): readonly number[] {
    const count = libc().epoll_wait(this.descriptor, this.#events.address, eventsMax, timeoutMs)
    const tokens: number[] = []
    for (let at = 0; at < count; at++) {
      tokens.push(this.#events.view.getUint32((at + 1) * this.#eventBytes - 8, true))
    }
    return tokens
  }

  close(): void {
    libc().close(this.descriptor)
  }
}
