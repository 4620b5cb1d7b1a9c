/**
 * Files that are there whole or not at all after a power cut: written beside, flushed, renamed, folder flushed.
 * Readable by the owner alone, because a run holds a ticket and values of secret variables.
 */

import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'

export function makeOwnerOnlyFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
}

export function replaceFile(path: string, content: string | Uint8Array): void {
  const beside = `${path}.new`
  // Left by a kill, or a link that somebody planted: made anew, never written through.
  rmSync(beside, { force: true })
  const file = openSync(beside, 'wx', 0o600)
  try {
    const octets = Buffer.from(content)
    for (let written = 0; written < octets.length; ) written += writeSync(file, octets, written)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(beside, path)
  flushFolder(dirname(path))
}

function flushFolder(folder: string): void {
  const opened = openSync(folder, 'r')
  try {
    fsyncSync(opened)
  } finally {
    closeSync(opened)
  }
}

/**
 * Reads a file of a disk that somebody else may have written to: no symbolic link, a plain file, of this owner, closed
 * to others, and not larger than anything we write.
 */
export function readOwnFile(path: string, bytesMax: number): Buffer | undefined {
  let file: number
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch {
    return undefined
  }
  try {
    const status = fstatSync(file)
    const isOurs = status.isFile() && status.uid === process.getuid?.() && (status.mode & 0o077) === 0
    return isOurs && status.size <= bytesMax ? readFileSync(file) : undefined
  } finally {
    closeSync(file)
  }
}
