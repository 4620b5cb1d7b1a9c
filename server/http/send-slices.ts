/**
 * A part of a file to a connection, slice by slice: the disk fills one buffer while the network takes the other, so a
 * slow reader holds two buffers and no more. Buffers are used again, because the kernel takes three times as long for new
 * memory as for the octets in it. It neither opens nor closes the file, and does not end the answer.
 */

import type { ServerResponse } from 'node:http'
import type { ByteRange } from './byte-range.ts'
import type { OpenContent } from './content-to-send.ts'
import { readFully } from './read-fully.ts'
import { writeToClient } from './write-to-client.ts'

export interface SlicesToSend {
  readonly response: ServerResponse
  readonly open: OpenContent
  readonly range: ByteRange
  /** The client has gone. */
  readonly signal: AbortSignal
  readonly sent: (bytes: number) => void
}

/** A thousand machines at once hold half a gigabyte; 1 MiB is faster by less than a tenth. */
export const sliceBytes = 256 * 1024
/** 16 MiB; what more downloads need is given back. */
const idlePairsMax = 32

type Pair = readonly [Buffer, Buffer]

const idle: Pair[] = []

/** Also returns when the client has gone; the caller has the signal. */
export async function sendSlices({ response, open, range, signal, sent }: SlicesToSend): Promise<void> {
  const pair = idle.pop() ?? [Buffer.allocUnsafeSlow(sliceBytes), Buffer.allocUnsafeSlow(sliceBytes)]
  let [filling, sending] = pair
  let isTaken = Promise.resolve(true)
  for (let position = range.first; position <= range.last; position += sliceBytes) {
    const slice = await readSlice(open, filling.subarray(0, range.last - position + 1), position)
    if (!(await isTaken) || signal.aborted) return
    isTaken = writeToClient(response, slice, signal)
    ;[filling, sending] = [sending, filling]
    sent(slice.length)
  }
  // Of an answer that was cut off, the system may still hold a buffer: that pair is left to the collector.
  if ((await isTaken) && idle.length < idlePairsMax) idle.push(pair)
}

async function readSlice(open: OpenContent, buffer: Buffer, position: number): Promise<Uint8Array> {
  const { fileDescriptor } = open
  if (fileDescriptor === undefined) return open.read(position, buffer.length)
  await readFully(fileDescriptor, buffer, position)
  return buffer
}
