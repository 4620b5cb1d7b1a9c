/**
 * Answers that are remembered until the site is edited. Machines ask several times on the way of one boot, and when a hall
 * full of them is switched on, they all ask the same.
 */

/** When there are more, all are forgotten and read again as they are asked for. */
const rememberedMaxDefault = 10_000

/** That something is not there is not remembered: anybody can ask for names that nothing has. */
export class UntilEdit<Value> {
  readonly #edits: () => number
  readonly #rememberedMax: number
  readonly #remembered = new Map<string, Value>()
  #rememberedAtEdit = 0

  /** `edits` counts them; it has moved before an edit's promise resolves. */
  constructor(edits: () => number, rememberedMax = rememberedMaxDefault) {
    this.#edits = edits
    this.#rememberedMax = rememberedMax
  }

  async get(key: string, read: () => Promise<Value>): Promise<Value> {
    const edit = this.#edits()
    if (edit !== this.#rememberedAtEdit || this.#remembered.size >= this.#rememberedMax) this.#remembered.clear()
    this.#rememberedAtEdit = edit
    const remembered = this.#remembered.get(key)
    if (remembered !== undefined) return remembered
    const value = await read()
    // An edit that came meanwhile may or may not be in what was read.
    if (this.#edits() === edit && value !== undefined) this.#remembered.set(key, value)
    return value
  }
}
