/** Sets of devices as bits: each device has a slot, a collection's members are one bit each. Ten thousand devices take 1,250 octets a set. */

const bitsPerWord = 32

export class SlotSet {
  #words: Uint32Array<ArrayBuffer> = new Uint32Array(0)
  #size = 0

  /** How many are in it. */
  get size(): number {
    return this.#size
  }

  has(slot: number): boolean {
    return ((this.#words[slot >>> 5] ?? 0) & (1 << (slot & 31))) !== 0
  }

  put(slot: number, isIn: boolean): void {
    if (this.has(slot) === isIn) return
    const at = slot >>> 5
    if (at >= this.#words.length) this.#grow(at)
    this.#words[at] = (this.#words[at] ?? 0) ^ (1 << (slot & 31))
    this.#size += isIn ? 1 : -1
  }

  *[Symbol.iterator](): Generator<number> {
    for (const [at, word] of this.#words.entries()) {
      if (word === 0) continue
      for (let bit = 0; bit < bitsPerWord; bit += 1) if ((word & (1 << bit)) !== 0) yield at * bitsPerWord + bit
    }
  }

  #grow(at: number): void {
    const words = new Uint32Array(Math.max(at + 1, this.#words.length * 2))
    words.set(this.#words)
    this.#words = words
  }
}
