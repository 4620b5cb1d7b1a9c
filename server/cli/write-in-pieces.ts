/** Octets onto a disk, in large pieces of one size, as sticks like them: one is filled while the last one is on its way. */

import { writeSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'

export const pieceBytes = 4 * 1024 * 1024

/** `write` may keep a piece until it has ended; it is not called again before. */
export async function writeInPieces(
  octets: AsyncIterable<Uint8Array>,
  write: (piece: Uint8Array) => Promise<void>,
): Promise<void> {
  let writing = Promise.resolve()
  try {
    for await (const piece of inPieces(octets)) {
      await writing
      writing = write(piece)
      // Whoever awaits it next hears of it.
      writing.catch(() => {})
    }
  } finally {
    await writing
  }
}

/** A piece is the reader's until it has asked for two more. */
async function* inPieces(octets: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let [piece, other] = [Buffer.allocUnsafeSlow(pieceBytes), Buffer.allocUnsafeSlow(pieceBytes)]
  let filled = 0
  for await (const part of octets) {
    for (let taken = 0; taken < part.length; ) {
      const count = Math.min(part.length - taken, pieceBytes - filled)
      piece.set(part.subarray(taken, taken + count), filled)
      taken += count
      filled += count
      if (filled < pieceBytes) continue
      yield piece
      filled = 0
      ;[piece, other] = [other, piece]
    }
  }
  if (filled > 0) yield piece.subarray(0, filled)
}

/**
 * `write` may write less than it was given. In small parts, which stay in the processor's cache, and in this thread: in one part, and
 * by another thread, a piece was measured to take five to ten times as long (Linux 6.18, ext4), and nobody else waits here.
 */
export function writeAll({ fd }: FileHandle, octets: Uint8Array, position: number): void {
  for (let done = 0; done < octets.length; ) {
    const count = writeSync(fd, octets, done, Math.min(writtenAtOnce, octets.length - done), position + done)
    if (count === 0) throw new Error(`nothing could be written at octet ${position + done}`)
    done += count
  }
}

const writtenAtOnce = 128 * 1024
