/** Octets as they come, in large pieces of one size, as flash memory likes them; the last one is as long as it is. */

export const pieceBytes = 4 * 1024 * 1024

/** A piece is the reader's until it asks for the next one. */
export async function* inPieces(octets: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const piece = Buffer.alloc(pieceBytes)
  let filled = 0
  for await (const part of octets) {
    for (let taken = 0; taken < part.length; ) {
      const count = Math.min(part.length - taken, pieceBytes - filled)
      piece.set(part.subarray(taken, taken + count), filled)
      taken += count
      filled += count
      if (filled === pieceBytes) {
        yield piece
        filled = 0
      }
    }
  }
  if (filled > 0) yield piece.subarray(0, filled)
}
