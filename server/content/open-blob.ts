/** A blob that is being read: by position for TFTP and media, as a stream of a range for HTTP. Whoever opened it closes it. */

import type { FileHandle } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { ContentError } from './content-error.ts'

interface ByteRange {
  readonly start: number
  /** The last octet, counted in. */
  readonly end: number
}

export interface OpenBlob {
  readonly bytes: number
  /** When the file, or anything about it, was changed last; nobody can set it back. */
  readonly changedAtMs: number
  /** For system calls that copy inside the kernel. */
  readonly fileDescriptor: number
  /** Shorter than `length` only at the end of the blob. */
  read(offset: number, length: number): Promise<Uint8Array>
  /** The stream does not close the blob. */
  stream(range?: ByteRange): Readable
  close(): Promise<void>
}

export async function openBlob(handle: FileHandle): Promise<OpenBlob> {
  const { size: bytes, ctimeMs: changedAtMs } = await handle.stat()
  return {
    bytes,
    changedAtMs,
    fileDescriptor: handle.fd,
    read: (offset, length) => readExactly(handle, offset, Math.max(0, Math.min(length, bytes - offset))),
    // Without a start it would go on where an earlier stream ended.
    stream: (range) => handle.createReadStream({ start: 0, ...range, autoClose: false }),
    close: () => handle.close(),
  }
}

async function readExactly(handle: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(length)
  for (let filled = 0; filled < length; ) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, offset + filled)
    if (bytesRead === 0) throw new ContentError('damaged', 'a file of the content library became shorter')
    filled += bytesRead
  }
  return buffer
}
