/**
 * Answers GET and HEAD for a file of known hash: whole, one range, or several (plan-answer.ts). Firmware is the
 * strictest reader: it asks HEAD first, needs Content-Length, never follows a redirect, and resumes with If-Match
 * (peers.md H04 to H10). HEAD gives exactly the headers of GET. It does not decide who may read.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ByteRange } from './byte-range.ts'
import {
  type ContentToSend,
  type FilePlace,
  isHashed,
  type OpenContent,
  type TransferWatcher,
} from './content-to-send.ts'
import { copyInKernel, type KernelCopy } from './kernel-copy.ts'
import { type Answer, planAnswer } from './plan-answer.ts'
import { sendSlices } from './send-slices.ts'
import { writeHeadWithSecurity } from './security-headers.ts'
import { keptSmallBody, readSmallBody, smallBytesMax } from './small-bodies.ts'

const kernelCopyBytesMin = 64 * 1024

/** A reader that takes nothing for this long is gone; slow ones take something. */
export const standstillMs = 60_000

type Watch = (bytes: number) => TransferWatcher

export async function sendContent(
  request: IncomingMessage,
  response: ServerResponse,
  content: ContentToSend,
  watch?: Watch,
): Promise<void> {
  const answer = planAnswer(request, content)
  if (request.method === 'HEAD' || answer.status === 304) {
    writeHeadWithSecurity(response, answer.status, answer.headers).end()
    return
  }
  const sending = { response, content, answer, watch }
  if (!isHashed(content) || content.bytes > smallBytesMax) return sendLarge(sending)
  sendSmall(sending, keptSmallBody(content) ?? (await readSmallBody(content)))
}

interface Sending {
  readonly response: ServerResponse
  readonly content: ContentToSend
  readonly answer: Answer
  readonly watch: Watch | undefined
}

function sendSmall({ response, answer, watch }: Sending, body: Uint8Array): void {
  const parts = answer.pieces.map((piece) =>
    piece instanceof Uint8Array ? piece : body.subarray(piece.first, piece.last + 1),
  )
  const watcher = watch?.(answer.bytes)
  writeHeadWithSecurity(response, answer.status, answer.headers)
  response.end(parts.length === 1 ? parts[0] : Buffer.concat(parts))
  // The system has taken most small answers by now.
  if (response.writableLength > 0) response.setTimeout(standstillMs, () => response.destroy())
  watcher?.sent(answer.bytes)
  watcher?.ended(!response.destroyed)
}

async function sendLarge({ response, content, answer, watch }: Sending): Promise<void> {
  // The client's going away ends the read at the next slice and frees the file (HT-21).
  const gone = new AbortController()
  const { signal } = gone
  response.once('close', () => gone.abort())
  response.setTimeout(standstillMs, () => response.destroy())
  // Before anything is said: a file that is missing can still be answered with what it is.
  const open = await content.open()
  const watcher = watch?.(answer.bytes)
  const sent = (bytes: number): void => watcher?.sent(bytes)
  let complete = false
  try {
    writeHeadWithSecurity(response, answer.status, answer.headers)
    for (const piece of answer.pieces) {
      if (signal.aborted) break
      if (piece instanceof Uint8Array) response.write(piece)
      else await sendRange(open, { response, range: piece, signal, sent })
    }
    complete = !signal.aborted && !response.destroyed
  } finally {
    await open.close()
    watcher?.ended(complete)
    if (complete) response.end()
    else response.destroy()
  }
}

type RangeToSend = Pick<KernelCopy, 'response' | 'signal' | 'sent'> & { readonly range: ByteRange }

async function sendRange(open: OpenContent, sending: RangeToSend): Promise<void> {
  const { range, signal } = sending
  const { fileDescriptor: descriptor, parts } = open
  if (parts === undefined) {
    const file = descriptor === undefined ? undefined : { descriptor, offset: range.first }
    return sendPart(open, sending, file)
  }
  for await (const part of parts(range)) {
    if (signal.aborted) return
    await sendPart(open, { ...sending, range: part.range }, part.file)
  }
}

/** Slices where the kernel cannot copy, or from where it could not go on; a short part is one slice. */
async function sendPart(open: OpenContent, sending: RangeToSend, file: FilePlace | undefined): Promise<void> {
  const { range, signal } = sending
  let { first } = range
  if (file !== undefined && range.last - range.first + 1 >= kernelCopyBytesMin) {
    first = await copyInKernel({ ...sending, file })
  }
  if (!signal.aborted) await sendSlices({ ...sending, open, range: { first, last: range.last } })
}
