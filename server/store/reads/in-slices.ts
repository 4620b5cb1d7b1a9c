/** Work over thousands of things, in slices between which machines are answered. */

import { setImmediate } from 'node:timers/promises'

/** A datagram waits at most this long for a slice. */
const sliceMs = 4
/** The clock is looked at this often. */
const itemsPerLook = 16

/** Work that reads takes longer, so that the clock is looked at after each item. */
export async function inSlices<T>(items: Iterable<T>, work: (item: T) => void | Promise<void>): Promise<void> {
  let until = performance.now() + sliceMs
  let done = 0
  for (const item of items) {
    const reading = work(item)
    if (reading !== undefined) await reading
    done += 1
    if ((reading === undefined && done % itemsPerLook !== 0) || performance.now() < until) continue
    await setImmediate()
    until = performance.now() + sliceMs
  }
}
