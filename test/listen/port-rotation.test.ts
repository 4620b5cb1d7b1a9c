/** Which port a transfer has: few at one time, all of them in the end, and never the one that its client had before. */

import test from 'ava'
import { PortRotation, portsInUse } from '../../server/listen/port-rotation.ts'

const pool = Array.from({ length: 64 }, (_, index) => index)

test('TF-35: eight transfers that begin one after the other have eight ports', (t) => {
  const rotation = new PortRotation(pool)
  for (let round = 0; round < 100; round++) {
    const ports = new Set(Array.from({ length: portsInUse }, () => rotation.next(undefined)))
    t.is(ports.size, portsInUse)
  }
})

test('a hundred transfers under way use few ports, and all are used in time', (t) => {
  const rotation = new PortRotation(pool)
  const begun = Array.from({ length: 64 * 64 }, () => rotation.next(undefined))
  t.is(new Set(begun).size, 64)
  for (let from = 0; from + 100 <= begun.length; from += 100) {
    t.true(new Set(begun.slice(from, from + 100)).size <= portsInUse + 2)
  }
})

test('TF-35: a client that asks again from its port has another one than before, whatever others did in between', (t) => {
  const rotation = new PortRotation(pool)
  let before: number | undefined
  for (let others = 0; others < 200; others++) {
    const port = rotation.next(before)
    t.not(port, before)
    before = port
    for (let other = 0; other < others; other++) rotation.next(undefined)
  }
})

test('where there is one port for all, it is that one', (t) => {
  const rotation = new PortRotation([69])
  t.is(rotation.next(69), 69)
})
