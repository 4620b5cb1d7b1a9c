/**
 * The thread that waits for datagrams, because Node's own loop cannot wait for a socket it did not open. It only wakes
 * the thread that owns the sockets, and rests while that one looks by itself.
 */

import { parentPort, workerData } from 'node:worker_threads'
import { ReadinessSet } from './readiness-set.ts'
import { turns } from './readiness-turn.ts'
import type { ReadinessWork } from './readiness-turn.ts'

/** How long a stop of the process may have to wait for this thread. */
const waitMs = 100

const { descriptor, turn } = workerData as ReadinessWork
const ready = new ReadinessSet(descriptor)
for (;;) {
  Atomics.wait(turn, 0, turns.owner)
  if (Atomics.load(turn, 0) === turns.end) break
  if (ready.wait(waitMs).length === 0) continue
  const isOurs = Atomics.compareExchange(turn, 0, turns.worker, turns.owner) === turns.worker
  if (isOurs) parentPort?.postMessage('ready', [])
}
