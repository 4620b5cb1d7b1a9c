/** How many answers a source may cause; the time is an argument. */

import test from 'ava'
import { ipv4ToNumber, type Ipv4Address } from '../../server/address/ipv4-address.ts'
import { RequestBudget, defaultRequestBudget } from '../../server/listen/request-budget.ts'

const address = (text: string): number => ipv4ToNumber(text as Ipv4Address)
const source = address('10.0.0.7')

test('C09: 1,000 requests a second from one source get 64 answers at first and then 20 a second', (t) => {
  const budget = new RequestBudget(defaultRequestBudget)
  const answered = [0, 0, 0]
  for (let atMs = 1; atMs < 3_000; atMs++) {
    const second = Math.floor(atMs / 1_000)
    if (budget.take(source, atMs)) answered[second] = (answered[second] ?? 0) + 1
  }
  t.true((answered[0] ?? 0) <= 84)
  t.true((answered[1] ?? 0) <= 21 && (answered[2] ?? 0) <= 21, answered.join(' '))
})

test('C09: a forged source does not use up the answers of another', (t) => {
  const budget = new RequestBudget(defaultRequestBudget)
  for (let index = 0; index < 1_000; index++) budget.take(source, 1)
  t.false(budget.take(source, 1))
  t.true(budget.take(address('10.0.0.8'), 1))
})

test('C09: what is given back can be used again, and never more than the burst', (t) => {
  const budget = new RequestBudget({ ...defaultRequestBudget, burst: 2, perSecond: 0.001 })
  for (let index = 0; index < 100; index++) {
    t.true(budget.take(source, 1))
    budget.giveBack(source)
  }
  budget.giveBack(source)
  t.deepEqual(
    [1, 1, 1].map((atMs) => budget.take(source, atMs)),
    [true, true, false],
  )
})

test('C09: the loopback interface is exempt, as no forged source can come from there', (t) => {
  const budget = new RequestBudget(defaultRequestBudget)
  let answered = 0
  for (let index = 0; index < 5_000; index++) if (budget.take(address('127.0.0.1'), 1)) answered++
  t.is(answered, 5_000)
})
