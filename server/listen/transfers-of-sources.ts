/**
 * Transfers that show that they receive and have more to be sent, and how many of them each address has: one source must leave
 * room for others. A transfer that waits for its last acknowledgement is none of them.
 */

import type { Ipv4Address } from '../address/ipv4-address.ts'
import type { TftpSession } from './tftp-session.ts'

/** Three hundred machines behind one address translator take turns; a single machine loads a few files at once. */
const transfersOfSourceMax = 256

export class TransfersOfSources {
  readonly #sessions = new Set<TftpSession>()
  readonly #counts = new Map<Ipv4Address, number>()

  isFull(source: Ipv4Address): boolean {
    return (this.#counts.get(source) ?? 0) >= transfersOfSourceMax
  }

  add(session: TftpSession): void {
    const { address } = session.options.client
    this.#sessions.add(session)
    this.#counts.set(address, (this.#counts.get(address) ?? 0) + 1)
  }

  delete(session: TftpSession): void {
    if (!this.#sessions.delete(session)) return
    const { address } = session.options.client
    const left = (this.#counts.get(address) ?? 0) - 1
    if (left > 0) this.#counts.set(address, left)
    else this.#counts.delete(address)
  }
}
