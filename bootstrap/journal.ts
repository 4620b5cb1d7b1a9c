/**
 * What happened in a run and is not acknowledged yet: one event a line, appended, numbered without gaps. The first line
 * is the number up to which everything was acknowledged. It lies in memory (tmpfs) until there is a target disk, then
 * moves there. After a kill or a power cut the torn end of the file is cut off; everything flushed is still there.
 * It does not send anything.
 */

import { closeSync, fdatasync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { RunEvent, RunEventBody } from '../server/contract/agent.ts'
import { isCount, isFields } from './decode-answer.ts'
import { makeOwnerOnlyFolder, readOwnFile, replaceFile } from './durable-file.ts'

/** Past this only what the engine reports is kept: a server that is away for days must not fill the disk (E12). */
const journalBytesMax = 64 * 1024 * 1024
/** No journal of ours grows to this: what may not be left out is small. */
const journalFileBytesMax = 8 * journalBytesMax
/** The file is written anew once so much of it is acknowledged. */
const compactBytes = 256 * 1024

const flush = promisify(fdatasync)

export class Journal {
  #folder: string
  #file: number
  #acknowledged: number
  #events: RunEvent[]
  #fileBytes: number
  #isDirty = false
  #flushing: Promise<void> | undefined
  #isClosed = false

  /** Opens the journal of a folder, or begins one. */
  constructor(folder: string) {
    makeOwnerOnlyFolder(folder)
    this.#folder = folder
    const kept = readJournal(journalPath(folder))
    this.#acknowledged = kept?.acknowledged ?? 0
    this.#events = kept?.events ?? []
    this.#fileBytes = kept?.goodBytes ?? 0
    if (kept === undefined) this.#writeAnew(folder)
    this.#file = openSync(journalPath(folder), 'a', 0o600)
    ftruncateSync(this.#file, this.#fileBytes)
  }

  /** Number of the newest event, 0 before the first. */
  get last(): number {
    return this.#acknowledged + this.#events.length
  }

  /** Undefined when the journal is full and the event is one that may be left out. */
  append(body: RunEventBody, atMs: number): RunEvent | undefined {
    const mayBeLeftOut = body.kind === 'step-progress' || body.kind === 'output'
    if (mayBeLeftOut && this.#fileBytes > journalBytesMax) return undefined
    const event = { sequence: this.last + 1, atMs, body }
    const line = Buffer.from(`${JSON.stringify(event)}\n`)
    for (let written = 0; written < line.length; ) written += writeSync(this.#file, line, written)
    this.#fileBytes += line.length
    this.#events.push(event)
    this.#isDirty = true
    return event
  }

  /** The oldest events that the server does not keep yet. */
  unacknowledged(most: number): readonly RunEvent[] {
    return this.#events.slice(0, most)
  }

  /** Everything appended so far is on the disk when this resolves. A disk that cannot flush is a failure to stop at. */
  async flush(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing
    // Somebody else may have waited first, and closed it.
    if (!this.#isDirty || this.#isClosed) return
    this.#isDirty = false
    this.#flushing = flush(this.#file).finally(() => {
      this.#flushing = undefined
    })
    await this.#flushing
  }

  /** The server keeps everything up to `sequence`. A number beyond our own comes from before a crash; we go on after it. */
  acknowledge(sequence: number): void {
    if (sequence <= this.#acknowledged) return
    this.#events = this.#events.filter((event) => event.sequence > sequence)
    this.#acknowledged = sequence
    if (this.#events.length === 0 || this.#fileBytes > compactBytes) this.#switchTo(this.#folder)
  }

  /** From now on the journal lies in another folder; the old one loses it. */
  moveTo(folder: string): void {
    if (folder === this.#folder) return
    const old = journalPath(this.#folder)
    makeOwnerOnlyFolder(folder)
    this.#switchTo(folder)
    rmSync(old, { force: true })
  }

  close(): void {
    this.#isClosed = true
    this.#closeLater(this.#file)
  }

  #switchTo(folder: string): void {
    this.#writeAnew(folder)
    const old = this.#file
    this.#file = openSync(journalPath(folder), 'a', 0o600)
    this.#folder = folder
    this.#isDirty = false
    this.#closeLater(old)
  }

  #writeAnew(folder: string): void {
    const lines = [
      JSON.stringify({ acknowledged: this.#acknowledged }),
      ...this.#events.map((event) => JSON.stringify(event)),
    ]
    const content = Buffer.from(`${lines.join('\n')}\n`)
    replaceFile(journalPath(folder), content)
    this.#fileBytes = content.length
  }

  /** A flush that is under way still needs its file. */
  #closeLater(file: number): void {
    if (this.#flushing === undefined) return closeSync(file)
    const close = (): void => closeSync(file)
    void this.#flushing.then(close, close)
  }
}

export function journalPath(folder: string): string {
  return join(folder, 'events.jsonl')
}

interface Kept {
  readonly acknowledged: number
  readonly events: RunEvent[]
  readonly goodBytes: number
}

/** Reads up to the first line that is torn or out of order; undefined when not even the first line is whole. */
function readJournal(path: string): Kept | undefined {
  const content = readOwnFile(path, journalFileBytesMax)
  if (content === undefined) return undefined
  const events: RunEvent[] = []
  let acknowledged: number | undefined
  let goodBytes = 0
  for (let end = content.indexOf(10); end >= 0; end = content.indexOf(10, goodBytes)) {
    const value = parseLine(content.toString('utf8', goodBytes, end))
    if (acknowledged === undefined) {
      if (!isCount(value?.['acknowledged'])) return undefined
      acknowledged = value['acknowledged']
    } else {
      const isNext = value?.['sequence'] === acknowledged + events.length + 1 && isFields(value['body'])
      if (!isNext) break
      events.push(value as unknown as RunEvent)
    }
    goodBytes = end + 1
  }
  return acknowledged === undefined ? undefined : { acknowledged, events, goodBytes }
}

function parseLine(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isFields(value) ? value : undefined
  } catch {
    return undefined
  }
}
