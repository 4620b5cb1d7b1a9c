/**
 * Leases on the way to the database. A lease is acknowledged when its record is on the disk: records of all leases that came
 * while the disk worked are appended together, with one synced write (D4-27). That costs a fraction of a transaction, and a
 * hall of machines that is switched on needs one for each machine. A site may do without the disk: what is written, and not
 * synced, outlasts this process, and costs no waiting.
 *
 * Two files lie beside the database. One is written until it is long enough; then the other one takes over, and what the first
 * one holds goes to the database in the background, the newest lease of each address, before the file is emptied. At the start
 * both are read, and at the end both are empty. A record is a line of its own: checksum, number, and the leases of one write.
 * One that was cut short by a loss of power fails its checksum, and nothing in it was acknowledged; numbers tell which of two
 * records is newer. Zeros may stand behind the last one.
 * This file does not know the database; `absorb` does.
 */

import { constants, writeSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Ipv4Address } from '../address/ipv4-address.ts'
import type { Lease } from '../dhcp/lease.ts'
import { messageOf, systemErrorCode } from '../caught-error.ts'
import type { QueueLength } from './load-port.ts'
import { StoreError } from './store-error.ts'

export interface LeaseJournalOptions {
  /** Its two files add `-leases-0` and `-leases-1` to this. */
  readonly databaseFile: string
  readonly bytesMax?: number
  /** False: an acknowledged lease may be lost with the power. */
  readonly isSynced: boolean
  /** Resolves when the leases are in the database for good. Unless it is urgent, clients are being answered meanwhile. */
  readonly absorb: (leases: readonly Lease[], isUrgent: () => boolean) => Promise<void>
}

/** Some forty thousand leases: half a second of reading at a start after a loss of power. */
const defaultBytesMax = 8 * 1_048_576
/** Leases that may wait for the disk; a client that gets no answer asks again. */
const waitingMax = 10_000
/** Records are bounded: by how many leases wait, and what a client says in its host name by the option's 255 octets. */
const recordPattern = /^(?<checksum>[0-9a-f]{8}) (?<body>\[\d+,\[.*\]\])$/

/** What goes to the disk with one write, and whose clients wait for it together. */
interface Batch {
  readonly leases: Lease[]
  readonly written: PromiseWithResolvers<void>
}

interface JournalFile {
  readonly handle: FileHandle
  readonly isSynced: boolean
  /** Whole records; behind them are zeros, or the rest of a write that failed. */
  bytes: number
  /** The file's length, where it is synced. */
  allocated: number
  /** The newest lease of each address in it, which the database may not have yet. */
  readonly leases: Map<Ipv4Address, Lease>
}

export class LeaseJournal {
  readonly #options: LeaseJournalOptions
  #written: JournalFile
  #other: JournalFile
  #lastNumber = 0
  #waiting = newBatch()
  #writing: Promise<void> | undefined
  #absorbing: Promise<void> | undefined
  #dueAtBytes: number
  #closing: Promise<void> | undefined
  #refused = 0

  private constructor(options: LeaseJournalOptions, files: readonly [JournalFile, JournalFile]) {
    this.#options = options
    this.#written = files[0]
    this.#other = files[1]
    this.#dueAtBytes = this.#bytesMax
  }

  /** What an earlier process left is in the database when it resolves. */
  static async open(options: LeaseJournalOptions): Promise<LeaseJournal> {
    const paths = [0, 1].map((which) => `${options.databaseFile}-leases-${which}`)
    const left = (await Promise.all(paths.map(readRecords))).flat().sort((a, b) => a.number - b.number)
    const newest = new Map(left.flatMap(({ leases }) => leases).map((lease) => [lease.address, lease]))
    if (newest.size > 0) await options.absorb([...newest.values()], () => true)
    const [first, second] = await Promise.all(paths.map((path) => openEmpty(path, options.isSynced)))
    await syncDirectory(dirname(options.databaseFile))
    if (first === undefined || second === undefined) throw new Error('two paths make two files')
    return new LeaseJournal(options, [first, second])
  }

  /** Leases that were acknowledged, and that the database may not have yet; the newer of two comes later. */
  get leases(): readonly Lease[] {
    return [...this.#other.leases.values(), ...this.#written.leases.values()]
  }

  get work(): QueueLength {
    return { waiting: this.#waiting.leases.length, waitingMax, dropped: this.#refused }
  }

  save(lease: Lease): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(new StoreError('closed', 'the store is closed'))
    if (this.#waiting.leases.length >= waitingMax) {
      this.#refused += 1
      return Promise.reject(new StoreError('overloaded', 'too many leases are waiting for the disk'))
    }
    this.#waiting.leases.push(lease)
    this.#writing ??= this.#writeWaiting()
    return this.#waiting.written.promise
  }

  /** Everything given before is in the database afterwards. */
  close(): Promise<void> {
    this.#closing ??= this.#finish()
    return this.#closing
  }

  async #finish(): Promise<void> {
    await this.#writing
    await this.#absorbing
    for (const file of [this.#other, this.#written]) {
      await this.#empty(file)
      await file.handle.close()
    }
  }

  async #writeWaiting(): Promise<void> {
    // All leases of the datagrams that were read together share the first write, too.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#waiting.leases.length > 0) {
      const batch = this.#waiting
      this.#waiting = newBatch()
      await this.#write(batch)
      this.#absorbWhenDue()
    }
    this.#writing = undefined
  }

  async #write({ leases, written }: Batch): Promise<void> {
    const file = this.#written
    try {
      await append(file, Buffer.from(this.#print(leases)))
    } catch (error) {
      written.reject(new StoreError('not-written', `leases were not written: ${messageOf(error)}`, { cause: error }))
      return
    }
    for (const lease of leases) file.leases.set(lease.address, lease)
    written.resolve()
  }

  #print(leases: readonly Lease[]): string {
    this.#lastNumber += 1
    const body = JSON.stringify([this.#lastNumber, leases])
    return `${checksumOf(body)} ${body}\n`
  }

  /** Between two writes: the files change places only while none is being written. */
  #absorbWhenDue(): void {
    if (this.#absorbing !== undefined || this.#written.bytes < this.#dueAtBytes) return
    if (this.#other.bytes === 0) [this.#written, this.#other] = [this.#other, this.#written]
    this.#dueAtBytes = this.#bytesMax
    this.#absorbing = this.#empty(this.#other)
      // The database could not take them (its disk is full): they are kept here, and it is asked again much later.
      .catch(() => void (this.#dueAtBytes = this.#written.bytes + this.#bytesMax))
      .finally(() => (this.#absorbing = undefined))
  }

  async #empty(file: JournalFile): Promise<void> {
    if (file.leases.size > 0) await this.#options.absorb([...file.leases.values()], () => this.#closing !== undefined)
    await file.handle.truncate(0)
    file.bytes = 0
    file.allocated = 0
    file.leases.clear()
  }

  get #bytesMax(): number {
    return this.#options.bytesMax ?? defaultBytesMax
  }
}

function newBatch(): Batch {
  return { leases: [], written: Promise.withResolvers<void>() }
}

/** Where it is synced, each write is on the disk when it returns (O_DSYNC): one way to the disk where writing and syncing would be two. */
async function openEmpty(path: string, isSynced: boolean): Promise<JournalFile> {
  const flags = constants.O_WRONLY | constants.O_CREAT | (isSynced ? constants.O_DSYNC : 0)
  const handle = await open(path, flags, 0o600)
  await handle.truncate(0)
  // Numbers begin anew with this process: a record of the last one must not come back.
  await handle.sync()
  return { handle, isSynced, bytes: 0, allocated: 0, leases: new Map() }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY)
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** Memory alone is quicker than another thread; a disk is not. */
async function write({ handle, isSynced }: JournalFile, octets: Uint8Array, at: number): Promise<number> {
  return isSynced
    ? (await handle.write(octets, 0, octets.length, at)).bytesWritten
    : writeSync(handle.fd, octets, 0, octets.length, at)
}

async function append(file: JournalFile, record: Uint8Array): Promise<void> {
  const octets = withRoomForMore(file, record)
  try {
    for (let done = 0; done < octets.length; ) {
      done += await write(file, octets.subarray(done), file.bytes + done)
    }
    file.allocated = Math.max(file.allocated, file.bytes + octets.length)
    file.bytes += record.length
  } catch (error) {
    // Whole records of a failed write were not acknowledged; the next write covers what cannot be cut off now.
    await file.handle.truncate(file.bytes).catch(() => undefined)
    file.allocated = file.bytes
    throw error
  }
}

/** By so much a synced file grows at a time. */
const growthBytes = 262_144

/**
 * A synced write into what the file has already is on the disk in half the time of one that makes it longer, because the file system
 * has nothing to note. So the one write in many that needs more takes zeros along.
 */
function withRoomForMore(file: JournalFile, record: Uint8Array): Uint8Array {
  const end = file.bytes + record.length
  if (!file.isSynced || end <= file.allocated) return record
  const padded = new Uint8Array(Math.ceil(end / growthBytes) * growthBytes - file.bytes)
  padded.set(record)
  return padded
}

interface JournalRecord {
  readonly number: number
  readonly leases: readonly Lease[]
}

async function readRecords(path: string): Promise<readonly JournalRecord[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return ''
    throw error
  })
  return text.split('\n').flatMap(parseRecord)
}

/** Only records of this file's own printing have the right checksum, so what is in them is trusted. */
function parseRecord(line: string): readonly JournalRecord[] {
  const { checksum, body } = recordPattern.exec(line)?.groups ?? {}
  if (body === undefined || checksum !== checksumOf(body)) return []
  const [number, leases] = JSON.parse(body) as [number, readonly Lease[]]
  return [{ number, leases }]
}

function checksumOf(body: string): string {
  return crc32(body).toString(16).padStart(8, '0')
}
