/** The thread behind layer-compression.ts: compresses its data, says the result, ends. */

import { parentPort, workerData } from 'node:worker_threads'
import { constants, zstdCompressSync } from 'node:zlib'
import type { CompressionTask } from './layer-compression.ts'

const { data, level }: CompressionTask = workerData
const params = { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_nbWorkers]: 2 }
// eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
parentPort?.postMessage(zstdCompressSync(data, { params }))
