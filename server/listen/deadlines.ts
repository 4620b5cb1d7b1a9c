/**
 * One timer for thousands of deadlines that move with every packet. Each entry sits in a slot of a wheel at or before
 * its deadline; moving a deadline further away costs nothing, the entry is put on when its slot comes round.
 */

export interface Deadline {
  /** `performance.now()`; infinity: none. */
  readonly wakeAtMs: number
  wake(nowMs: number): void
}

const slotMs = 5
const slots = 1024

export class Deadlines {
  readonly #wheel: (Set<Deadline> | undefined)[] = Array.from({ length: slots }, () => undefined)
  /** The slot number an entry waits in. */
  readonly #places = new Map<Deadline, number>()
  #timer: NodeJS.Timeout | undefined
  #turned = Math.floor(performance.now() / slotMs)

  /** To be called after `wakeAtMs` has changed. */
  watch(entry: Deadline): void {
    const place = this.#places.get(entry)
    const wanted = this.#slotFor(entry)
    if (place !== undefined && place <= wanted) return
    this.#remove(entry)
    if (entry.wakeAtMs === Number.POSITIVE_INFINITY) return
    this.#places.set(entry, wanted)
    const slot = (this.#wheel[wanted % slots] ??= new Set())
    slot.add(entry)
    this.#timer ??= setInterval(() => this.#turn(), slotMs)
  }

  forget(entry: Deadline): void {
    this.#remove(entry)
    if (this.#places.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** The wheel stood still while it was empty: the present slot is counted from the clock then. */
  #slotFor(entry: Deadline): number {
    if (this.#timer === undefined) this.#turned = Math.floor(performance.now() / slotMs)
    const due = Math.ceil(entry.wakeAtMs / slotMs)
    return Math.min(Math.max(due, this.#turned + 1), this.#turned + slots - 1)
  }

  #remove(entry: Deadline): void {
    const place = this.#places.get(entry)
    if (place === undefined) return
    this.#places.delete(entry)
    this.#wheel[place % slots]?.delete(entry)
  }

  #turn(): void {
    const nowMs = performance.now()
    const target = Math.floor(nowMs / slotMs)
    // After a long stall one round sees every entry.
    this.#turned = Math.max(this.#turned, target - slots)
    while (this.#turned < target) {
      this.#turned++
      const slot = this.#wheel[this.#turned % slots]
      if (slot === undefined || slot.size === 0) continue
      for (const entry of slot) this.#due(entry, nowMs)
    }
  }

  #due(entry: Deadline, nowMs: number): void {
    this.#remove(entry)
    if (entry.wakeAtMs <= nowMs) entry.wake(nowMs)
    if (!this.#places.has(entry)) this.watch(entry)
    if (this.#places.size === 0) this.forget(entry)
  }
}
