/**
 * Writes a medium to a disk: refuses what `disk-rules.ts` refuses, holds the disk alone, writes all, and reads all of it again from
 * the disk itself. What is on the disk after a fault is no medium.
 */

import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, realpath, stat } from 'node:fs/promises'
import { messageOf, systemErrorCode } from '../caught-error.ts'
import { CliError } from './cli-error.ts'
import { type DiskFacts, findBlockDevice, readDiskFacts, readOtherDisks } from './disk-facts.ts'
import { printDisk, whyNotErase } from './disk-rules.ts'
import { dropCachedOctets } from './drop-cached-octets.ts'
import { pieceBytes, writeAll, writeInPieces } from './write-in-pieces.ts'

export interface WriteDevice {
  readonly path: string
  readonly yesErase?: string
  /** Of the medium. */
  readonly length: number
  readonly read: (from: number, to: number) => AsyncIterable<Uint8Array>
  readonly onProgress?: (phase: 'written' | 'verified', octets: number, total: number) => void
  readonly signal?: AbortSignal
  /** Where `sys` and `proc` are. */
  readonly root?: string
}

export interface WrittenDevice {
  readonly disk: DiskFacts
  /** Of all octets of the medium, as they were read from the disk. */
  readonly sha256: string
}

/** What is written and not yet on the disk: progress that is true, and memory that stays free. */
const unsyncedBytesMax = 64 * 1024 * 1024

/** Throws a CliError that says what is the matter and what to do. */
export async function writeToDevice(wanted: WriteDevice): Promise<WrittenDevice> {
  const disk = await judgeDisk(wanted)
  const handle = await openAlone(wanted.path, disk)
  try {
    await requireSame(handle, disk, wanted)
    const pieceHashes = await writePieces(handle, disk, wanted)
    await dropCachedOctets(handle)
    const sha256 = await readBack(handle, disk, wanted, pieceHashes)
    return { disk, sha256 }
  } catch (error) {
    throw error instanceof CliError || wanted.signal?.aborted === true ? error : faultOf(error, disk)
  } finally {
    await handle.close()
  }
}

/** Before anything is asked of the site: whoever named the wrong disk knows at once. */
export async function judgeDisk({ path, yesErase, length, root = '/' }: Omit<WriteDevice, 'read'>): Promise<DiskFacts> {
  const real = await realpath(path).catch((error: unknown) => {
    throw new CliError(`${path}: ${messageOf(error)}. ./reveille media disks lists disks`, { cause: error })
  })
  const stats = await stat(real)
  if (!stats.isBlockDevice()) throw new CliError(`${path} is no disk. ./reveille media disks lists disks`)
  const found = await findBlockDevice(numbersOf(stats.rdev), root)
  if (found === undefined) throw new CliError(`${path}: the system knows nothing of this disk`)
  if (found.kind === 'partition') {
    throw new CliError(
      `${path} is a partition. A medium has a table of its own: name the whole disk, /dev/${found.disk}`,
    )
  }
  const disk = await readDiskFacts(found.name, root)
  const reason = whyNotErase(disk, { yesErase, length, others: await readOtherDisks(disk, root) })
  if (reason !== undefined) throw new CliError(reason)
  return disk
}

/** O_EXCL of a block device: the kernel refuses what is mounted or held, and nobody can mount it while it is written (open(2)). */
async function openAlone(path: string, disk: DiskFacts): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDWR | constants.O_EXCL)
  } catch (error) {
    throw faultOf(error, disk)
  }
}

/** A stick may have been pulled out, and another one plugged in, between the look and the opening. */
async function requireSame(handle: FileHandle, judged: DiskFacts, { root = '/' }: WriteDevice): Promise<void> {
  const { rdev } = await handle.stat()
  const now = await readDiskFacts(judged.name, root)
  const isSame =
    numbersOf(rdev) === judged.device &&
    now.device === judged.device &&
    now.serial === judged.serial &&
    now.bytes === judged.bytes &&
    now.sequence === judged.sequence
  if (!isSame)
    throw new CliError(`${printDisk(judged)} was exchanged while it was looked at. Nothing was written; begin again`)
}

/** Returns the hash of each piece. */
async function writePieces(handle: FileHandle, disk: DiskFacts, wanted: WriteDevice): Promise<string[]> {
  const { length, read, onProgress, signal } = wanted
  const hashes: string[] = []
  let [position, unsynced] = [0, 0]
  await writeInPieces(read(0, length), async (piece) => {
    signal?.throwIfAborted()
    if (position + piece.length > length)
      throw new CliError(`the medium has more than its ${length} octets. Begin again`)
    writeAll(handle, piece, position)
    hashes.push(hashOf(piece))
    position += piece.length
    unsynced += piece.length
    if (unsynced >= unsyncedBytesMax || position === length) {
      await handle.datasync()
      unsynced = 0
    }
    onProgress?.('written', position, length)
  })
  if (position < length) {
    throw new CliError(
      `the medium ended after ${position} of ${length} octets. ${printDisk(disk)} is no medium now; begin again`,
    )
  }
  await handle.sync()
  return hashes
}

async function readBack(
  handle: FileHandle,
  disk: DiskFacts,
  { length, onProgress, signal }: WriteDevice,
  pieceHashes: readonly string[],
): Promise<string> {
  const whole = createHash('sha256')
  const octets = Buffer.alloc(pieceBytes)
  for (const [index, expected] of pieceHashes.entries()) {
    signal?.throwIfAborted()
    const position = index * pieceBytes
    const piece = octets.subarray(0, Math.min(pieceBytes, length - position))
    await readAll(handle, piece, position)
    if (hashOf(piece) !== expected) {
      throw new CliError(
        `${printDisk(disk)} does not hold what was written to it: octets ${position} to ${position + piece.length} are others. It is broken, or smaller than it says: take another one`,
      )
    }
    whole.update(piece)
    onProgress?.('verified', position + piece.length, length)
  }
  return whole.digest('hex')
}

async function readAll(handle: FileHandle, octets: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < octets.length; ) {
    const { bytesRead } = await handle.read(octets, done, octets.length - done, position + done)
    if (bytesRead === 0) throw new Error(`it ended at octet ${position + done} when it was read again`)
    done += bytesRead
  }
}

const meanings: Readonly<Record<string, string>> = {
  EBUSY: 'somebody works with it. Unmount it, close what has it open, or take another one',
  EACCES: 'you may not write to it. Run this as root',
  EPERM: 'you may not write to it. Run this as root',
  EROFS: 'it is write-protected. Move its switch, or take another one',
  ENOMEDIUM: 'no medium is in it',
  ENOSPC: 'it ended before the medium did. It is smaller than it says: take another one',
  EIO: 'it was pulled out, or it is broken. It is no medium now; begin again, with another one if it happens again',
  ENXIO: 'it is not there any more. Plug it in and begin again',
  ENODEV: 'it is not there any more. Plug it in and begin again',
}

function faultOf(error: unknown, disk: DiskFacts): CliError {
  const meaning = meanings[systemErrorCode(error) ?? ''] ?? messageOf(error)
  return new CliError(`${printDisk(disk)}: ${meaning}`, { cause: error })
}

function hashOf(octets: Uint8Array): string {
  return createHash('sha256').update(octets).digest('hex')
}

/** Linux has 12 bits of major and 20 of minor number in the first 32 (makedev(3)). */
function numbersOf(rdev: number): string {
  return `${(rdev >>> 8) & 0xfff}:${(rdev & 0xff) | ((rdev >>> 12) & 0xf_ff00)}`
}
