/** How observations wait for the writer, and what is dropped when too many do. */

import test from 'ava'
import type { LaneId, Observation, Observed } from '../../server/contract/progress.ts'
import { ObservationQueue, observationsMax } from '../../server/store/observation-queue.ts'

const lane = '52:54:00:00:00:01' as LaneId
const observed = (atMs: number, observation: Observation): Observed => ({ lane, atMs, observation })
const request = (atMs: number): Observed =>
  observed(atMs, { kind: 'dhcp-request', platform: 'x64 UEFI', stage: 'firmware' })
const progress = (atMs: number): Observed => {
  const transfer = { protocol: 'tftp', file: 'vmlinuz', bytes: atMs, bytesPerSecond: 1 } as const
  return observed(atMs, { kind: 'transfer-progress', what: 'boot-image', ended: false, transfer })
}
const script = (atMs: number): Observed => observed(atMs, { kind: 'script-fetched' })
const many = (count: number, one: (atMs: number) => Observed) => Array.from({ length: count }, (_, at) => one(at))

test('observations leave in the order in which they came, as many at once as are asked for', (t) => {
  const queue = new ObservationQueue()
  void queue.add(many(3, request))
  void queue.add([script(3)])
  t.deepEqual(queue.take(3).observed, many(3, request))
  t.deepEqual(queue.take(3).observed, [script(3)])
  t.is(queue.size, 0)
})

test('what was given is acknowledged when the last of it is stored', async (t) => {
  const queue = new ObservationQueue()
  let isDone = false
  const done = queue.add(many(4, request)).then(() => (isDone = true))
  queue.take(2).stored()
  await Promise.resolve()
  t.false(isDone)
  queue.take(2).stored()
  t.true(await done)
  await queue.add([])
})

test('what could not be stored is said to have failed', async (t) => {
  const queue = new ObservationQueue()
  const done = queue.add([request(1)])
  queue.take(1).failed(new Error('the disk is full'))
  await t.throwsAsync(done, { message: 'the disk is full' })
})

test('when too many wait, progress of downloads is dropped first, oldest first, and is acknowledged', async (t) => {
  const queue = new ObservationQueue()
  const done = queue.add([script(0), ...many(observationsMax - 1, progress)])
  void queue.add([request(1)])
  t.is(queue.dropped, observationsMax / 2)
  const { observed: left, stored } = queue.take(observationsMax)
  t.deepEqual(left[0], script(0))
  t.deepEqual(left[1], progress(observationsMax / 2))
  t.deepEqual(left.at(-1), request(1))
  stored()
  await t.notThrowsAsync(done)
})

test('C01: a flood of requests is dropped when too many wait, what agents say is not, and memory stays bounded', (t) => {
  const queue = new ObservationQueue()
  void queue.add(many(observationsMax, request))
  void queue.add([request(observationsMax)])
  t.is(queue.dropped, 1)
  void queue.add(many(observationsMax, script))
  t.is(queue.dropped, 1)
  void queue.add([script(0)])
  t.is(queue.dropped, 2)
  t.is(queue.size, 2 * observationsMax)
})
