/**
 * Transfers that show that they receive and have more to be sent, and how many of them each address has: one source must leave
 * room for others. A transfer that waits for its last acknowledgement is none of them.
 */

/** Three hundred machines behind one address translator take turns; a single machine loads a few files at once. */
const transfersOfSourceMax = 256

interface OfSource {
  /** A number: nothing here is worth a text. */
  readonly address: number
  /** Whether it is counted. Only `TransfersOfSources` changes it. */
  isUnderWay: boolean
}

export class TransfersOfSources {
  readonly #counts = new Map<number, number>()

  isFull(address: number): boolean {
    return (this.#counts.get(address) ?? 0) >= transfersOfSourceMax
  }

  add(transfer: OfSource): void {
    if (transfer.isUnderWay) return
    transfer.isUnderWay = true
    this.#counts.set(transfer.address, (this.#counts.get(transfer.address) ?? 0) + 1)
  }

  delete(transfer: OfSource): void {
    if (!transfer.isUnderWay) return
    transfer.isUnderWay = false
    const left = (this.#counts.get(transfer.address) ?? 0) - 1
    if (left > 0) this.#counts.set(transfer.address, left)
    else this.#counts.delete(transfer.address)
  }
}
