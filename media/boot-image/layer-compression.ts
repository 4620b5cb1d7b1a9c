/**
 * Compresses a layer with Zstandard in a thread of its own, so that a server that builds an image goes on answering.
 *
 * Only the synchronous call of node:zlib is used: with compression workers the asynchronous one of Node 24.21 ends
 * before the workers do and gives cut-off output without an error.
 */

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

export interface CompressionTask {
  readonly data: Uint8Array
  readonly level: number
}

/** Equal data and level give equal octets on every machine: the number of workers does not show in the output. */
export async function compressLayer(data: Uint8Array, level: number): Promise<Uint8Array> {
  const workerData: CompressionTask = { data, level }
  const worker = new Worker(new URL('./compression-thread.ts', import.meta.url), { workerData })
  // An error of the thread rejects the wait.
  const [result]: unknown[] = await once(worker, 'message')
  if (!(result instanceof Uint8Array)) throw new Error('the compression thread gave no octets')
  return result
}
