/**
 * Thousands of deadlines that move with every packet. Each entry sits in a slot of a wheel at or before its deadline; moving
 * a deadline further away costs nothing, the entry is put on when its slot comes round. It has no clock of its own: whoever
 * owns it turns it while it is not idle.
 */

export interface Deadline {
  /** `performance.now()`; infinity: none. */
  readonly wakeAtMs: number
  /** The slot number it waits in; `notWaiting` at first. Only `Deadlines` changes it. */
  place: number
  wake(nowMs: number): void
}

export const notWaiting = -1
export const slotMs = 5
const slots = 1024

export class Deadlines {
  readonly #wheel: (Set<Deadline> | undefined)[] = Array.from({ length: slots }, () => undefined)
  readonly #onFirst: () => void
  #waiting = 0
  #turned = 0
  #turning = false

  /** `onFirst`: it has to be turned from now on. */
  constructor(onFirst: () => void) {
    this.#onFirst = onFirst
  }

  get idle(): boolean {
    return this.#waiting === 0
  }

  /** To be called after `wakeAtMs` has changed. */
  watch(entry: Deadline, nowMs: number): void {
    // The wheel stood still while it was empty: the present slot is counted from the clock then.
    if (this.idle && !this.#turning) this.#turned = Math.floor(nowMs / slotMs)
    const wanted = this.#slotFor(entry)
    if (entry.place !== notWaiting && entry.place <= wanted) return
    this.#remove(entry)
    if (entry.wakeAtMs === Number.POSITIVE_INFINITY) return
    entry.place = wanted
    const slot = (this.#wheel[wanted % slots] ??= new Set())
    slot.add(entry)
    if (this.#waiting++ === 0) this.#onFirst()
  }

  forget(entry: Deadline): void {
    this.#remove(entry)
  }

  #slotFor(entry: Deadline): number {
    const due = Math.ceil(entry.wakeAtMs / slotMs)
    return Math.min(Math.max(due, this.#turned + 1), this.#turned + slots - 1)
  }

  #remove(entry: Deadline): void {
    if (entry.place === notWaiting) return
    this.#wheel[entry.place % slots]?.delete(entry)
    entry.place = notWaiting
    this.#waiting--
  }

  /** Wakes what is due. */
  turn(nowMs: number): void {
    const target = Math.floor(nowMs / slotMs)
    // After a long stall one round sees every entry.
    this.#turned = Math.max(this.#turned, target - slots)
    this.#turning = true
    while (this.#turned < target && !this.idle) {
      this.#turned++
      const slot = this.#wheel[this.#turned % slots]
      if (slot === undefined || slot.size === 0) continue
      for (const entry of slot) this.#due(entry, nowMs)
    }
    this.#turning = false
  }

  #due(entry: Deadline, nowMs: number): void {
    this.#remove(entry)
    if (entry.wakeAtMs <= nowMs) entry.wake(nowMs)
    if (entry.place === notWaiting) this.watch(entry, nowMs)
  }
}
