/**
 * One HTTP request with its answer, over `node:http`, because its limit on silence also ends a transfer that stalls in
 * the middle. Anything that goes wrong on the way is a `Fault`; a status is not.
 */

import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Readable } from 'node:stream'
import { connectionFaultKind, Fault } from './fault.ts'

export interface Asked {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** A stream is sent in chunks, as it comes. */
  readonly body?: Uint8Array | Readable
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly body: Buffer
  /** RFC 9110 section 10.2.3, in seconds as our servers say it; 0: it says nothing of that. */
  readonly retryAfterMs: number
}

/** A policy is far smaller; whatever sends more is not our server. */
const answerBytesMax = 64 * 1024 * 1024

export async function exchange(asked: Asked): Promise<Answer> {
  const message = await open(asked)
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of message) {
      const octets = Buffer.from(chunk)
      bytes += octets.length
      if (bytes > answerBytesMax) throw new Fault('not-ours', asked.url, 'the answer is too long')
      chunks.push(octets)
    }
  } catch (error) {
    throw error instanceof Fault ? error : new Fault(connectionFaultKind(error), asked.url, textOf(error))
  }
  return {
    status: message.statusCode ?? 0,
    contentType: message.headers['content-type'] ?? '',
    body: Buffer.concat(chunks),
    retryAfterMs: retryAfterMsOf(message.headers['retry-after']),
  }
}

/** Whoever answers may be no server of ours: a machine is not sent away for longer than an hour. */
const retryAfterSecondsMax = 3_600

function retryAfterMsOf(text = ''): number {
  return /^[0-9]{1,9}$/.test(text) ? Math.min(Number(text), retryAfterSecondsMax) * 1_000 : 0
}

/** The answer's head; its body is read by the caller. Silence longer than `timeoutMs` breaks the connection. */
export async function open(asked: Asked): Promise<IncomingMessage> {
  const url = new URL(asked.url)
  const { body } = asked
  const options: RequestOptions = {
    method: asked.method,
    headers: { ...asked.headers, ...(body instanceof Uint8Array ? { 'content-length': String(body.length) } : {}) },
    ...(asked.signal === undefined ? {} : { signal: asked.signal }),
  }
  return new Promise((resolve, reject) => {
    const ask = url.protocol === 'https:' ? requestHttps : requestHttp
    let message: IncomingMessage | undefined
    const sent = ask(url, options, (answer) => {
      message = answer
      resolve(answer)
    })
    // Destroyed through the answer once there is one, or its reader would see a broken connection without the reason.
    sent.setTimeout(asked.timeoutMs, () => (message ?? sent).destroy(new SilenceError()))
    sent.on('error', (error) => reject(new Fault(connectionFaultKind(error), asked.url, textOf(error))))
    if (body === undefined || body instanceof Uint8Array) sent.end(body)
    else {
      body.on('error', (error) => sent.destroy(error))
      sent.on('close', () => body.destroy())
      body.pipe(sent)
    }
  })
}

class SilenceError extends Error {
  override readonly name = 'SilenceError'
  readonly code = 'ETIMEDOUT'
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : ''
}
