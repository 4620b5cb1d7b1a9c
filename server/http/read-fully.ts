/** Reads from an open file until the buffer is full. */

import { read } from 'node:fs'
import { promisify } from 'node:util'

const readInto = promisify(read)

/** Rejects when the file ends before. */
export async function readFully(descriptor: number, buffer: Buffer, position: number): Promise<void> {
  for (let filled = 0; filled < buffer.length; ) {
    const { bytesRead } = await readInto(descriptor, buffer, filled, buffer.length - filled, position + filled)
    if (bytesRead === 0) throw new Error('a file became shorter while it was sent')
    filled += bytesRead
  }
}
