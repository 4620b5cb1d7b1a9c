/** The wheel of deadlines; the time is an argument. */

import test from 'ava'
import { Deadlines, notWaiting, slotMs, type Deadline } from '../../server/listen/deadlines.ts'

class Entry implements Deadline {
  place = notWaiting
  wakeAtMs: number
  readonly wokenAtMs: number[] = []
  readonly #then: (entry: Entry, nowMs: number) => void

  constructor(wakeAtMs: number, then: (entry: Entry, nowMs: number) => void = () => undefined) {
    this.wakeAtMs = wakeAtMs
    this.#then = then
  }

  wake(nowMs: number): void {
    this.wokenAtMs.push(nowMs)
    this.wakeAtMs = Number.POSITIVE_INFINITY
    this.#then(this, nowMs)
  }
}

function turned(deadlines: Deadlines, fromMs: number, untilMs: number): void {
  for (let nowMs = fromMs; nowMs <= untilMs; nowMs += slotMs) deadlines.turn(nowMs)
}

test('an entry wakes once, within a slot of its deadline, and then the wheel is idle', (t) => {
  let begun = 0
  const deadlines = new Deadlines(() => begun++)
  const entry = new Entry(1_234)
  deadlines.watch(entry, 1_000)
  t.is(begun, 1)
  turned(deadlines, 1_000, 1_230)
  t.deepEqual(entry.wokenAtMs, [])
  turned(deadlines, 1_235, 2_000)
  t.is(entry.wokenAtMs.length, 1)
  t.true((entry.wokenAtMs[0] ?? 0) <= 1_234 + 2 * slotMs)
  t.true(deadlines.idle)
})

test('a deadline that moves away wakes at the new time, one that comes nearer at that time', (t) => {
  const deadlines = new Deadlines(() => undefined)
  const [away, nearer, never] = [new Entry(100), new Entry(9_000), new Entry(100)]
  for (const entry of [away, nearer, never]) deadlines.watch(entry, 0)
  away.wakeAtMs = 7_000
  nearer.wakeAtMs = 200
  deadlines.watch(away, 10)
  deadlines.watch(nearer, 10)
  deadlines.forget(never)
  turned(deadlines, 0, 10_000)
  t.deepEqual(never.wokenAtMs, [])
  t.true((away.wokenAtMs[0] ?? 0) >= 7_000 && (away.wokenAtMs[0] ?? 0) <= 7_000 + 2 * slotMs)
  t.true((nearer.wokenAtMs[0] ?? 0) >= 200 && (nearer.wokenAtMs[0] ?? 0) <= 200 + 2 * slotMs)
})

test('after a stall of any length everything due wakes once, and what it sets next waits for its time', (t) => {
  for (let stallMs = 0; stallMs < 12_000; stallMs += 7) {
    for (const nextMs of [5, 4_880, 5_000, 5_115, 5_120, 9_000]) {
      const deadlines = new Deadlines(() => undefined)
      const entry = new Entry(500, (woken, nowMs) => {
        if (woken.wokenAtMs.length === 1) woken.wakeAtMs = nowMs + nextMs
      })
      deadlines.watch(entry, 0)
      deadlines.turn(500 + stallMs)
      if (entry.wokenAtMs.length === 0) deadlines.turn(500 + stallMs + slotMs)
      t.is(entry.wokenAtMs.length, 1)
      const dueMs = entry.wakeAtMs
      turned(deadlines, 500 + stallMs, dueMs + 3 * slotMs)
      t.is(entry.wokenAtMs.length, 2)
      t.true((entry.wokenAtMs[1] ?? 0) >= dueMs)
    }
  }
})
