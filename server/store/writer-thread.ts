/**
 * The main thread's hold on the thread that writes (writer-worker.ts). A process has one, however many stores are open in
 * it; each store talks to it over a channel of its own. It starts with the first store and never holds up the end of the process.
 */

import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { asError } from '../caught-error.ts'
import type { OpenDatabase, WriterSettings } from './writer-messages.ts'

interface Thread {
  readonly worker: Worker
  /** Why it ended, once it has; all channels close then. */
  readonly ended: Promise<Error>
}

let thread: Thread | undefined

export interface Channel {
  readonly port: MessagePort
  readonly threadEnded: Promise<Error>
}

/** The first message that comes back says whether the database could be opened. */
export function openChannel(settings: WriterSettings): Channel {
  thread ??= startThread()
  const { port1: port, port2: far } = new MessageChannel()
  const message: OpenDatabase = { settings, port: far }
  thread.worker.postMessage(message, [far])
  return { port, threadEnded: thread.ended }
}

function startThread(): Thread {
  const worker = new Worker(new URL('./writer-worker.ts', import.meta.url))
  worker.unref()
  const ended = new Promise<Error>((resolve) => {
    worker.once('error', (error) => resolve(asError(error)))
    worker.once('exit', (code) => {
      thread = undefined
      resolve(new Error(`the writer's thread ended with ${code}`))
    })
  })
  return { worker, ended }
}
