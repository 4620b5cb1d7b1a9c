/**
 * Transfers that ended a moment ago, and the ports they had: a client whose last acknowledgement was repeated or late is no
 * stranger (T11), and its next transfer has another port.
 */

const rememberMs = 10_000
const endedMax = 8_192

export class EndedTransfers<Port> {
  /** In the order of their ends. */
  readonly #ended = new Map<number, { readonly port: Port; readonly untilMs: number }>()

  remember(key: number, port: Port, nowMs: number): void {
    this.#ended.delete(key)
    this.#ended.set(key, { port, untilMs: nowMs + rememberMs })
    for (const [oldest, { untilMs }] of this.#ended) {
      if (untilMs > nowMs && this.#ended.size <= endedMax) return
      this.#ended.delete(oldest)
    }
  }

  /** Undefined: there was none lately. */
  portOf(key: number, nowMs: number): Port | undefined {
    const ended = this.#ended.get(key)
    return ended === undefined || ended.untilMs <= nowMs ? undefined : ended.port
  }

  forget(key: number): void {
    this.#ended.delete(key)
  }
}
