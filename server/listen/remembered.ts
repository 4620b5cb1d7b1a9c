/** Answers that are dear to find, such as texts of addresses: one for all who ask the same. */

const rememberedMax = 16_384

/** Remembers answers that are dear to find. Forgets all of them when full, or when they may have changed. */
export class Remembered<Key, Value> {
  readonly #values = new Map<Key, Value>()
  readonly #find: (key: Key) => Value
  readonly #forMs: number
  #sinceMs = performance.now()

  constructor(find: (key: Key) => Value, forMs = Number.POSITIVE_INFINITY) {
    this.#find = find
    this.#forMs = forMs
  }

  get(key: Key): Value {
    const known = this.#values.get(key)
    if (known !== undefined && (this.#forMs === Number.POSITIVE_INFINITY || !this.#old())) return known
    if (this.#values.size >= rememberedMax || this.#old()) {
      this.#values.clear()
      this.#sinceMs = performance.now()
    }
    const value = this.#find(key)
    this.#values.set(key, value)
    return value
  }

  #old(): boolean {
    return performance.now() - this.#sinceMs > this.#forMs
  }
}
