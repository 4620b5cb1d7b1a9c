/** Something to read for a thread that waits for sockets, when another thread has something to say to it (eventfd(2)). */

import { Arena, checked, libc } from './libc.ts'

const closeOnExecNonBlocking = 0o2004000

export class WakeUpDescriptor {
  readonly descriptor: number
  readonly #count = new Arena(8)

  /** `descriptor`: of the same in another thread. */
  constructor(descriptor?: number) {
    this.descriptor = descriptor ?? checked('eventfd', libc().eventfd(0, closeOnExecNonBlocking))
  }

  signal(): void {
    this.#count.setUint64(0, 1)
    libc().write(this.descriptor, this.#count.address, this.#count.octets.length)
  }

  /** It has been heard. */
  clear(): void {
    libc().read(this.descriptor, this.#count.address, this.#count.octets.length)
  }

  close(): void {
    libc().close(this.descriptor)
  }
}
