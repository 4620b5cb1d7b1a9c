/** Octets into a file or onto a disk, in large pieces of one size, as both like them: one is filled while the last one is written. */

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

/** `write` may write less than it was given. */
export async function writeAll(handle: FileHandle, octets: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < octets.length; ) {
    const { bytesWritten } = await handle.write(octets, done, octets.length - done, position + done)
    if (bytesWritten === 0) throw new Error(`nothing could be written at octet ${position + done}`)
    done += bytesWritten
  }
}
