/**
 * The main thread's side of the writer: a bounded queue of commands, one batch under way at a time. While the disk works on
 * one batch the next collects, so that the busier the site, the more commands share a commit.
 */

import { Worker } from 'node:worker_threads'
import { assert } from '../assert.ts'
import type { Observed } from '../contract/progress.ts'
import type { CommandInput, CommandName, CommandOutput } from './commands/command-table.ts'
import type { ProgressChange } from './ports.ts'
import { StoreError } from './store-error.ts'
import type { CommandResult, FromWriter, GivenCommand, ToWriter, WriterSettings } from './writer-messages.ts'

/** Commands and observations that may wait. A disk that manages 2,000 a second is five seconds behind then. */
export const waitingMax = 10_000

/**
 * Observations alone wait this long for others: nobody is waiting for their answer, and each commit and each message between
 * the threads takes a core from those who answer machines.
 */
const collectMs = 20

interface Waiting {
  readonly command: GivenCommand
  resolve(value: unknown): void
  reject(error: Error): void
}

/** Observations with no command between them are one group, and one command: each command costs a savepoint. */
interface WaitingObservations {
  observed: Observed[]
  readonly nowMs: number
  readonly done: Promise<void>
  resolve(): void
  reject(error: Error): void
}

export interface WriterOptions extends WriterSettings {
  nowMs(): number
  onChange(change: ProgressChange): void
}

export class Writer {
  readonly #worker: Worker
  readonly #options: WriterOptions
  readonly #exited: Promise<void>
  /** In the order given; observations stand in it as groups, so that they can be thinned out. */
  #queue: (Waiting | WaitingObservations)[] = []
  #waiting = 0
  #underWay: Waiting[] = []
  #collecting: NodeJS.Timeout | undefined
  #stopped: StoreError | undefined
  /** Commands done that may have changed what a machine is to boot. It moves before they are answered. */
  edits = 0
  /** Volatile observations that were dropped because the disk fell behind. */
  droppedObservations = 0

  private constructor(worker: Worker, options: WriterOptions) {
    this.#worker = worker
    this.#options = options
    worker.on('message', (message: FromWriter) => this.#onMessage(message))
    worker.on('error', (error) => this.#stop(new StoreError('not-written', 'the writer failed', { cause: error })))
    this.#exited = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#stop(new StoreError('closed', 'the store is closed'))
        resolve()
      })
    })
  }

  static async open(options: WriterOptions): Promise<Writer> {
    const { databaseFile, siteCode } = options
    const settings: WriterSettings = { databaseFile, siteCode }
    const worker = new Worker(new URL('./writer-worker.ts', import.meta.url), { workerData: settings })
    await new Promise<void>((resolve, reject) => {
      worker.once('error', reject)
      worker.once('message', (message: FromWriter) => {
        worker.off('error', reject)
        if (message.kind === 'ready') return resolve()
        assert(message.kind === 'cannot-open', `the writer began with ${message.kind}`)
        reject(new StoreError('cannot-open', `The database ${databaseFile} cannot be opened: ${message.message}`))
      })
    })
    return new Writer(worker, options)
  }

  run<Name extends CommandName>(name: Name, input: CommandInput<Name>): Promise<CommandOutput<Name>> {
    return new Promise<CommandOutput<Name>>((resolve, reject) => {
      if (this.#stopped !== undefined) return reject(this.#stopped)
      if (this.#waiting >= waitingMax) this.#thinOut()
      if (this.#waiting >= waitingMax) return reject(new StoreError('overloaded', 'too many writes are waiting'))
      const command = { name, input, nowMs: this.#options.nowMs() }
      // The writer answers each command with what the table says it returns.
      this.#queue.push({ command, resolve: (value) => resolve(value as CommandOutput<Name>), reject })
      this.#waiting += 1
      this.#send()
    })
  }

  /** Resolves too when everything in it was dropped: nobody waits for the newest of many progress values. */
  observe(observed: readonly Observed[]): Promise<void> {
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped)
    if (observed.length === 0) return Promise.resolve()
    const group = this.#lastGroup()
    group.observed.push(...observed)
    this.#waiting += observed.length
    if (this.#waiting > waitingMax) this.#thinOut()
    this.#collecting ??= setTimeout(() => this.#endCollecting(), collectMs)
    return group.done
  }

  #lastGroup(): WaitingObservations {
    const last = this.#queue.at(-1)
    if (last !== undefined && 'observed' in last) return last
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const group = { observed: [], nowMs: this.#options.nowMs(), done: promise, resolve, reject }
    this.#queue.push(group)
    return group
  }

  /** Everything given before is on the disk when it resolves. */
  async close(): Promise<void> {
    if (this.#stopped === undefined) {
      await this.#drained()
      this.#post({ kind: 'close' })
    }
    await this.#exited
  }

  #drained(): Promise<void> {
    if (this.#queue.length === 0 && this.#underWay.length === 0) return Promise.resolve()
    // A group of observations at the end is answered after all that came before it, even when it is empty.
    const { done } = this.#lastGroup()
    this.#send()
    return done
  }

  /** Drops the oldest volatile observations until the queue fits again. */
  #thinOut(): void {
    for (const entry of this.#queue) {
      if (this.#waiting <= waitingMax / 2) return
      if (!('observed' in entry)) continue
      entry.observed = entry.observed.filter((one) => {
        if (this.#waiting <= waitingMax / 2 || !isVolatile(one)) return true
        this.#waiting -= 1
        this.droppedObservations += 1
        return false
      })
    }
  }

  #endCollecting(): void {
    clearTimeout(this.#collecting)
    this.#collecting = undefined
    this.#send()
  }

  #send(): void {
    if (this.#underWay.length > 0 || this.#queue.length === 0) return
    this.#underWay = this.#queue.map(toWaiting)
    this.#queue = []
    this.#waiting = 0
    this.#post({ kind: 'run', commands: this.#underWay.map((one) => one.command) })
  }

  #post(message: ToWriter): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    this.#worker.postMessage(message)
  }

  #onMessage(message: FromWriter): void {
    if (message.kind === 'committed') {
      const done = this.#underWay.splice(0, message.results.length)
      if (done.some(({ command }) => !keepsFacts.has(command.name))) this.edits += 1
      for (const [index, result] of message.results.entries()) answer(done[index], result)
      if (message.change !== undefined) this.#options.onChange(message.change)
    } else if (message.kind === 'not-written') {
      const error = new StoreError('not-written', `nothing was written: ${message.message}`)
      for (const one of this.#underWay.splice(0, message.count)) one.reject(error)
    }
    const somebodyWaits = this.#queue.some((entry) => !('observed' in entry))
    if (somebodyWaits || this.#collecting === undefined) this.#send()
  }

  #stop(error: StoreError): void {
    if (this.#stopped !== undefined) return
    this.#stopped = error
    clearTimeout(this.#collecting)
    for (const one of [...this.#underWay, ...this.#queue]) one.reject(error)
    this.#underWay = []
    this.#queue = []
    this.#waiting = 0
  }
}

/** Another of its kind follows at once, and the newest counts. */
function isVolatile({ observation }: Observed): boolean {
  return observation.kind === 'transfer-progress' && !observation.ended
}

/** What they write is not asked for when a boot is decided. */
const keepsFacts: ReadonlySet<string> = new Set<CommandName>([
  'saveLeases',
  'observe',
  'addEvents',
  'abandonSilentRuns',
  'addSession',
  'useSession',
  'approveSession',
  'useRunToken',
  'resumeRun',
  'setAdministrator',
  'addToken',
  'useToken',
  'removeToken',
  'forgetExpired',
])

function toWaiting(entry: Waiting | WaitingObservations): Waiting {
  if (!('observed' in entry)) return entry
  const command = { name: 'observe' satisfies CommandName, input: entry.observed, nowMs: entry.nowMs }
  return { command, resolve: () => entry.resolve(), reject: (error) => entry.reject(error) }
}

function answer(waiting: Waiting | undefined, result: CommandResult): void {
  assert(waiting !== undefined, 'the writer answered what was not asked')
  if (result.kind === 'done') return waiting.resolve(result.value)
  waiting.reject(result.error instanceof Error ? result.error : new Error(String(result.error)))
}
