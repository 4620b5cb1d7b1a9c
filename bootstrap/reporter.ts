/**
 * Brings events to the server: everything is masked, goes through the journal first, and is sent in batches until the
 * server says that it keeps it. Progress is thinned to four a second, the newest counts; output lines are gathered and
 * limited for each step. While nothing happens an empty report says that the machine is alive. It never gives up; only a refusal that no repetition cures ends it, and then it says so.
 */

import {
  eventsPerReportMax,
  eventTextCharactersMax,
  optionalEventsPerRunMax,
  type RunEvent,
  type RunEventBody,
} from '../server/contract/agent.ts'
import { Fault } from './fault.ts'
import type { Journal } from './journal.ts'
import type { Redactor } from './redactor.ts'

export interface ReporterSettings {
  readonly journal: Journal
  readonly redactor: Redactor
  /**
   * Resolves with the highest sequence the server keeps; rejects with a `Fault` when it never will. Absent: there is no server,
   * and the journal keeps everything.
   */
  readonly send?: (events: readonly RunEvent[]) => Promise<number>
  readonly now: () => number
  /** Told once, when the server refuses for good. */
  readonly onRefused: (fault: Fault) => void
  readonly heartbeatMs?: number
}

export type StepProgress = Omit<Extract<RunEventBody, { kind: 'step-progress' }>, 'kind'>
type OutputStream = Extract<RunEventBody, { kind: 'output' }>['stream']

const gatherMs = 250
/** A step that prints without end must not drown the others (reliability scenario 70). */
export const outputLinesPerStepMax = 20_000
const linesPerEventMax = 200
const charactersPerEventMax = 64 * 1024
/** After so long without a report an empty one goes: a server that hears nothing for two minutes gives the machine's place away. */
const usualHeartbeatMs = 30_000
/** One request stays well below the MiB that the server accepts, whatever its characters are in UTF-8 and JSON. */
const batchBytesMax = 256 * 1024

export class Reporter {
  readonly #settings: ReporterSettings
  #progress: StepProgress | undefined
  #lines: { stream: OutputStream; text: string }[] = []
  #linesInStep = 0
  #lineCharacters = 0
  #gathering: NodeJS.Timeout | undefined
  /** Set from the first report on; before, there may be no token yet. */
  #heartbeat: NodeJS.Timeout | undefined
  #sending = false
  #isRefused = false
  #isClosed = false
  #hasSaidFull = false
  /** Resolved whenever the journal may have become empty, or will not become so. */
  #waiters: (() => void)[] = []

  constructor(settings: ReporterSettings) {
    this.#settings = settings
  }

  get isRefused(): boolean {
    return this.#isRefused
  }

  /** Journals the event behind everything that was gathered before it, and sends it. */
  record(body: RunEventBody): void {
    this.#gathered()
    if (body.kind === 'step-started') this.#linesInStep = 0
    this.#append(body)
    this.#sendSoon()
  }

  progress(progress: StepProgress): void {
    this.#progress = progress
    this.#gatherSoon()
  }

  output(stream: OutputStream, text: string): void {
    this.#linesInStep += 1
    if (this.#linesInStep > outputLinesPerStepMax + 1) return
    const isLast = this.#linesInStep > outputLinesPerStepMax
    this.#lines.push(
      isLast
        ? { stream: 'log', text: `more than ${outputLinesPerStepMax} lines; the rest is left out` }
        : { stream, text },
    )
    this.#lineCharacters += Math.min(text.length, eventTextCharactersMax)
    if (this.#lines.length >= linesPerEventMax || this.#lineCharacters > charactersPerEventMax) this.#gathered()
    this.#gatherSoon()
  }

  /** Journals what was gathered, so that the next event's number is known. */
  settle(): void {
    this.#gathered()
  }

  /** Sends what the journal of an earlier start of the agent left. */
  start(): void {
    this.#sendSoon()
  }

  /** True when the server keeps everything; false when the time is over or the server refused. */
  async allKept(timeoutMs?: number): Promise<boolean> {
    this.#gathered()
    this.#sendSoon()
    const time = new AbortController()
    const endTime = (): void => {
      time.abort()
      this.#wake()
    }
    const deadline = timeoutMs === undefined ? undefined : setTimeout(endTime, timeoutMs)
    while (!this.#isEmpty() && !this.#isRefused && !time.signal.aborted) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve))
    }
    clearTimeout(deadline)
    return this.#isEmpty()
  }

  /** The journal is about to be closed: nothing is written to it or sent from it any more. */
  close(): void {
    this.#gathered()
    this.#isClosed = true
    clearTimeout(this.#gathering)
    clearTimeout(this.#heartbeat)
  }

  #isEmpty(): boolean {
    return this.#settings.send === undefined || this.#settings.journal.unacknowledged(1).length === 0
  }

  #gatherSoon(): void {
    this.#gathering ??= setTimeout(() => {
      this.#gathered()
      this.#sendSoon()
    }, gatherMs)
  }

  #gathered(): void {
    clearTimeout(this.#gathering)
    this.#gathering = undefined
    this.#lineCharacters = 0
    while (this.#lines.length > 0) {
      const stream = this.#lines[0]?.stream ?? 'log'
      const other = this.#lines.findIndex((line) => line.stream !== stream)
      const lines = this.#lines.splice(0, other < 0 ? this.#lines.length : other)
      this.#append({ kind: 'output', stream, lines: lines.map((line) => line.text) })
    }
    if (this.#progress !== undefined) this.#append({ kind: 'step-progress', ...this.#progress })
    this.#progress = undefined
  }

  #append(body: RunEventBody): void {
    if (this.#isClosed) return
    const mayBeLeftOut = body.kind === 'step-progress' || body.kind === 'output'
    if (mayBeLeftOut && this.#settings.journal.last >= optionalEventsPerRunMax) return this.#sayFull()
    this.#settings.journal.append(maskBody(body, this.#settings.redactor), this.#settings.now())
  }

  /** A run of days must be able to tell its end. */
  #sayFull(): void {
    if (this.#hasSaidFull) return
    this.#hasSaidFull = true
    const lines = [`more than ${optionalEventsPerRunMax} events; further progress and output of this run are left out`]
    this.#settings.journal.append({ kind: 'output', stream: 'log', lines }, this.#settings.now())
  }

  #sendSoon(isHeartbeat = false): void {
    if (this.#sending || this.#isRefused || this.#isClosed) return
    if (this.#settings.send === undefined) return void this.#settings.journal.flush()
    this.#sending = true
    clearTimeout(this.#heartbeat)
    void this.#sendAll(isHeartbeat).finally(() => {
      this.#sending = false
      this.#beatLater()
      this.#wake()
      if (!this.#isEmpty() && !this.#isRefused) this.#sendSoon()
    })
  }

  #beatLater(): void {
    if (this.#isRefused || this.#isClosed) return
    const { heartbeatMs = usualHeartbeatMs } = this.#settings
    this.#heartbeat = setTimeout(() => this.#sendSoon(true), heartbeatMs).unref()
  }

  async #sendAll(isHeartbeat: boolean): Promise<void> {
    const { journal, send, onRefused } = this.#settings
    if (send === undefined) return
    let mayBeEmpty = isHeartbeat
    for (let batch = this.#nextBatch(); batch.length > 0 || mayBeEmpty; batch = this.#nextBatch()) {
      mayBeEmpty = false
      await journal.flush()
      try {
        const kept = await send(batch)
        if (this.#isClosed) return
        journal.acknowledge(kept)
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        this.#isRefused = true
        onRefused(error)
        return
      }
    }
  }

  #nextBatch(): readonly RunEvent[] {
    const batch: RunEvent[] = []
    let bytes = 0
    for (const event of this.#settings.journal.unacknowledged(eventsPerReportMax)) {
      bytes += Buffer.byteLength(JSON.stringify(event))
      if (batch.length > 0 && bytes > batchBytesMax) break
      batch.push(event)
    }
    return batch
  }

  #wake(): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const wake of waiters) wake()
  }
}

/** Masks and shortens every text of an event, wherever it stands. */
function maskBody(body: RunEventBody, redactor: Redactor): RunEventBody {
  return JSON.parse(JSON.stringify(body), (key, value: unknown) =>
    typeof value === 'string' && !eventVocabulary.has(key)
      ? redactor.redact(value).slice(0, eventTextCharactersMax)
      : value,
  )
}

/**
 * Members whose texts are the contract's own words and never a value: a secret may be one of these words, and the server would
 * refuse an event without its kind, for good.
 */
export const eventVocabulary: ReadonlySet<string> = new Set(
  'kind type id outcome reason target where opens stream unit'.split(' '),
)
