/**
 * The main thread's side of the writer: a bounded queue of commands, one batch under way at a time. While the disk works on
 * one batch the next collects, so that the busier the site, the more commands share a commit. Observations have a queue of
 * their own (observation-queue.ts) and ride along at their pace: a command does not wait for those given before it. What an
 * agent says is a command like its others: it does not come by the thousand.
 */

import type { MessagePort } from 'node:worker_threads'
import { assert } from '../assert.ts'
import { asError, messageOf } from '../caught-error.ts'
import type { Observed } from '../contract/progress.ts'
import { currentActor } from './actor.ts'
import type { CommandInput, CommandName, CommandOutput } from './commands/command-table.ts'
import type { StoreWork } from './load-port.ts'
import { ObservationQueue } from './observation-queue.ts'
import type { ProgressChange } from './ports.ts'
import { StoreError } from './store-error.ts'
import type { CommandResult, FromWriter, GivenCommand, ToWriter, WriterSettings } from './writer-messages.ts'
import { type Channel, openChannel } from './writer-thread.ts'

/** Commands that may wait. A disk that manages 2,000 a second is five seconds behind then. */
export const waitingMax = 10_000

/**
 * Observations wait this long for others, and when they are many, at most so many go at once and the rest waits longer: 2,500
 * a second, more than a thousand machines that begin to boot. Each commit and each message between the threads takes a core
 * from those who answer machines.
 */
const collectMs = 20
const collectManyMs = 100
const observationsPerBatch = 250

interface Waiting {
  readonly command: GivenCommand
  resolve(value: unknown): void
  reject(error: Error): void
}

export interface WriterOptions extends WriterSettings {
  nowMs(): number
  onChange(change: ProgressChange): void
  /** After the commit, before the command is answered. */
  onDone?(done: DoneCommand): void
}

export interface DoneCommand {
  readonly name: string
  readonly input: unknown
  readonly value: unknown
}

export class Writer {
  readonly #port: MessagePort
  readonly #options: WriterOptions
  readonly #exited: Promise<void>
  #queue: Waiting[] = []
  readonly #observations = new ObservationQueue()
  #underWay: Waiting[] = []
  /** Until it fires, observations collect. */
  #collecting: NodeJS.Timeout | undefined
  #closing = false
  #stopped: StoreError | undefined
  #refused = 0
  readonly #done = { commits: 0, commitsFailed: 0, commandsCommitted: 0, commitMs: 0 }
  /** Commands done that may have changed what a machine is to boot. It moves before they are answered. */
  edits = 0

  private constructor({ port, threadEnded }: Channel, options: WriterOptions) {
    this.#port = port
    this.#options = options
    port.on('message', (message: FromWriter) => this.#onMessage(message))
    this.#exited = new Promise((resolve) => {
      port.once('close', () => {
        if (this.#closing) return resolve(this.#stop(new StoreError('closed', 'the store is closed')))
        const failed = (cause: Error) => this.#stop(new StoreError('not-written', 'the writer failed', { cause }))
        resolve(threadEnded.then(failed))
      })
    })
  }

  static async open(options: WriterOptions): Promise<Writer> {
    const { databaseFile, siteCode } = options
    const channel = openChannel({ databaseFile, siteCode })
    const { port } = channel
    const problem = await new Promise<string | undefined>((resolve) => {
      const closed = (): void => resolve(channel.threadEnded.then(messageOf))
      port.once('close', closed)
      port.once('message', (message: FromWriter) => {
        port.off('close', closed)
        assert(message.kind === 'ready' || message.kind === 'cannot-open', `the writer began with ${message.kind}`)
        resolve(message.kind === 'ready' ? undefined : message.message)
      })
    })
    if (problem === undefined) return new Writer(channel, options)
    throw new StoreError('cannot-open', `The database ${databaseFile} cannot be opened: ${problem}`)
  }

  run<Name extends CommandName>(name: Name, input: CommandInput<Name>): Promise<CommandOutput<Name>> {
    return new Promise<CommandOutput<Name>>((resolve, reject) => {
      if (this.#stopped !== undefined) return reject(this.#stopped)
      if (this.#queue.length >= waitingMax) return reject(this.#refuse())
      const command = { name, input, nowMs: this.#options.nowMs(), actor: currentActor() }
      // The writer answers each command with what the table says it returns.
      this.#queue.push({ command, resolve: (value) => resolve(value as CommandOutput<Name>), reject })
      this.#send()
    })
  }

  observe(observed: readonly Observed[]): Promise<void> {
    // The run that the agent starts next must find it stored, or the lane would go back from its steps to the hello.
    if (observed.some(isSaidByAgent)) return this.run('observe', observed)
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped)
    const done = this.#observations.add(observed)
    this.#collect(collectMs)
    return done
  }

  get work(): Omit<StoreWork, 'queues'> & { readonly queues: Omit<StoreWork['queues'], 'leases'> } {
    const commands = { waiting: this.#queue.length, waitingMax, dropped: this.#refused }
    return { ...this.#done, queues: { commands, observations: this.#observations.work } }
  }

  /** Everything given before is on the disk when it resolves. */
  async close(): Promise<void> {
    this.#closing = true
    this.#endCollecting()
    if (this.#stopped === undefined && this.#isIdle) this.#post({ kind: 'close' })
    await this.#exited
  }

  #refuse(): StoreError {
    this.#refused += 1
    return new StoreError('overloaded', 'too many writes are waiting')
  }

  get #isIdle(): boolean {
    return this.#queue.length === 0 && this.#observations.size === 0 && this.#underWay.length === 0
  }

  #collect(forMs: number): void {
    if (this.#observations.size > 0) this.#collecting ??= setTimeout(() => this.#endCollecting(), forMs)
  }

  #endCollecting(): void {
    clearTimeout(this.#collecting)
    this.#collecting = undefined
    this.#send()
  }

  #send(): void {
    if (this.#underWay.length > 0) return
    const observations = this.#takeObservations()
    if (this.#queue.length === 0 && observations === undefined) return
    this.#underWay = observations === undefined ? this.#queue : [...this.#queue, observations]
    this.#queue = []
    this.#post({ kind: 'run', commands: this.#underWay.map((one) => one.command) })
  }

  /** One command for all of them: each command costs a savepoint. Undefined: none is due. */
  #takeObservations(): Waiting | undefined {
    if (this.#observations.size === 0 || this.#collecting !== undefined) return undefined
    const { observed, stored, failed } = this.#observations.take(this.#closing ? waitingMax : observationsPerBatch)
    if (!this.#closing) this.#collect(collectManyMs)
    const command = { name: 'observe' satisfies CommandName, input: observed, nowMs: this.#options.nowMs() }
    return { command, resolve: stored, reject: failed }
  }

  #post(message: ToWriter): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    this.#port.postMessage(message)
  }

  #onMessage(message: FromWriter): void {
    if (message.kind === 'committed') {
      const done = this.#underWay.splice(0, message.results.length)
      if (message.hasNewFacts) this.edits += 1
      this.#done.commits += 1
      this.#done.commandsCommitted += done.length
      this.#done.commitMs += message.commitMs
      for (const [index, result] of message.results.entries()) this.#count(done[index], result)
      for (const [index, result] of message.results.entries()) answer(done[index], result)
      if (message.change !== undefined) this.#options.onChange(message.change)
    } else if (message.kind === 'not-written') {
      this.#done.commitsFailed += 1
      const error = new StoreError('not-written', `nothing was written: ${message.message}`)
      for (const one of this.#underWay.splice(0, message.count)) one.reject(error)
    }
    this.#send()
    if (this.#closing && this.#isIdle) this.#post({ kind: 'close' })
  }

  #count(waiting: Waiting | undefined, result: CommandResult): void {
    if (waiting === undefined || result.kind !== 'done') return
    const { name, input } = waiting.command
    const { value } = result
    if (!keepsFacts.has(name) && value !== noEdit) this.edits += 1
    this.#options.onDone?.({ name, input, value })
  }

  #stop(error: StoreError): void {
    if (this.#stopped !== undefined) return
    this.#stopped = error
    clearTimeout(this.#collecting)
    const observations = this.#observations.take(Number.POSITIVE_INFINITY)
    observations.failed(error)
    for (const one of [...this.#underWay, ...this.#queue]) one.reject(error)
    this.#underWay = []
    this.#queue = []
  }
}

function isSaidByAgent({ observation: { kind } }: Observed): boolean {
  return kind === 'agent-hello' || kind === 'run-resumed' || kind === 'note'
}

/** What they write is not asked for when a boot is decided, unless they say so (`Changes` in commands/writing.ts). */
const keepsFacts: ReadonlySet<string> = new Set<CommandName>([
  'saveLeases',
  'observe',
  'addEvents',
  'abandonSilentRuns',
  'endOverdueRuns',
  'takeEditLock',
  'discardEditLock',
  'noteClientHeard',
  'noteWokenUp',
  'noteOccasions',
  'addSession',
  'useSession',
  'approveSession',
  'useRunToken',
  'noteRunTokenUse',
  'resumeRun',
  'setAdministrator',
  'addToken',
  'useToken',
  'removeToken',
  'forgetExpired',
  'forgetStrangers',
  'addDebugCommand',
  'settleAlerts',
  'acknowledgeAlert',
  'keepPointReport',
  'addMedium',
  'changeMedium',
  'removeMedium',
  'noteMediumUse',
])

/** What a command answers that turned out to change nothing. */
export const noEdit = 'unchanged'

function answer(waiting: Waiting | undefined, result: CommandResult): void {
  assert(waiting !== undefined, 'the writer answered what was not asked')
  if (result.kind === 'done') return waiting.resolve(result.value)
  waiting.reject(asError(result.error))
}
