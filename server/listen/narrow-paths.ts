/**
 * Clients behind a path that swallows large datagrams (tunnels, TF-47): they took the OACK, and then not one block
 * came through. When such a client asks again it is granted less: 1,024 octets, then 512.
 */

const steps = [1024, 512] as const
/** A machine that is moved to another network must not be slow for ever. */
const rememberMs = 30 * 60_000
const clientsMax = 4096

export class NarrowPaths {
  readonly #clients = new Map<number, { readonly blockBytesMax: number; readonly untilMs: number }>()

  blockBytesMax(client: number, nowMs: number): number {
    const known = this.#clients.get(client)
    return known !== undefined && known.untilMs > nowMs ? known.blockBytesMax : Number.POSITIVE_INFINITY
  }

  /** No block of this size has arrived. Small ones get through everywhere; then the path is not to blame. */
  note(client: number, blockBytes: number, nowMs: number): void {
    const lower = steps.find((step) => step < blockBytes)
    if (lower === undefined) return
    if (this.#clients.size >= clientsMax) this.#clients.clear()
    this.#clients.set(client, { blockBytesMax: lower, untilMs: nowMs + rememberMs })
  }
}
