/** Whether all machines get the same octets for one name: the first download of each is what the others are compared with. */

import { createHash } from 'node:crypto'
import { LoadError } from './load-error.ts'

export class SameContent {
  readonly #first = new Map<string, string>()
  bytes = 0

  /** Fetches through `get`, and compares. */
  async check(name: string, get: (take: (octets: Uint8Array) => void) => Promise<void>): Promise<void> {
    const hash = createHash('sha256')
    await get((octets) => {
      this.bytes += octets.length
      hash.update(octets)
    })
    const found = hash.digest('hex')
    const first = this.#first.get(name)
    if (first === undefined) this.#first.set(name, found)
    else if (first !== found) throw new LoadError('a file is not what another machine got')
  }
}
