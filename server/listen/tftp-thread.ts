/** The main thread's side of one thread of TFTP (`tftp-worker.ts`). */

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { BindError } from './bind-error.ts'
import type { BootFileCache } from './boot-file-cache.ts'
import { FileDesk } from './file-desk.ts'
import type { GrantedFiles } from './granted-files.ts'
import { TftpCounters } from './tftp-counters.ts'
import type { TransferReport } from './tftp-session.ts'
import type { FromTftpThread, TftpThreadWork, ToTftpThread } from './tftp-thread-messages.ts'
import { WakeUpDescriptor } from './wake-up-descriptor.ts'

export interface TftpThreadOptions extends Omit<TftpThreadWork, 'counters' | 'wakeUp'> {
  readonly files: GrantedFiles
  /** One for all threads. */
  readonly cache: BootFileCache
  readonly observe: (report: TransferReport) => void
  readonly onFault: (error: unknown) => void
}

export interface TftpThread {
  readonly localPort: number
  readonly counters: TftpCounters
  close(): Promise<void>
}

/** Rejects with `BindError`. A thread that dies later is our own mistake and ends the process, as in this thread. */
export async function openTftpThread(options: TftpThreadOptions): Promise<TftpThread> {
  const { files, cache, observe, onFault, ...work } = options
  const counters = new TftpCounters()
  const wakeUp = new WakeUpDescriptor()
  const workerData: TftpThreadWork = { ...work, counters: counters.memory, wakeUp: wakeUp.descriptor }
  const worker = new Worker(new URL('./tftp-worker.ts', import.meta.url), { workerData })
  let ended = false
  const say = (message: ToTftpThread): void => {
    if (ended) return
    worker.postMessage(message, [])
    wakeUp.signal()
  }
  const desk = new FileDesk(files, cache, say)
  const started = Promise.withResolvers<number>()
  worker.on('message', (message: FromTftpThread) => {
    switch (message.kind) {
      case 'listens':
        return started.resolve(message.localPort)
      case 'cannot-bind':
        return started.reject(new BindError({ service: 'TFTP', ...work }, message.code, undefined))
      case 'reports':
        return message.reports.forEach(observe)
      case 'fault':
        return onFault(message.error)
      case 'open':
        return desk.open(message)
      case 'read':
        return desk.read(message)
      case 'close':
        return desk.close(message)
      default:
        return message satisfies never
    }
  })
  const exited = once(worker, 'exit').then(() => {
    ended = true
    desk.end()
    wakeUp.close()
  })
  try {
    const localPort = await started.promise
    const close = async (): Promise<void> => {
      say({ kind: 'end' })
      await exited
    }
    return { localPort, counters, close }
  } catch (error) {
    await exited
    throw error
  }
}
