/** A distribution point's way to its site (contract/distribution-point.ts). What comes back is checked before it is believed. */

import { z } from 'zod'
import { parsePackageId } from '../address/identifiers.ts'
import { messageOf } from '../caught-error.ts'
import {
  type AskRunToken,
  type Assignment,
  type PointReport,
  pointPaths,
  type RunTokenAnswer,
} from '../contract/distribution-point.ts'
import { isContentName, parseSha256, type Sha256 } from '../site/content.ts'

/** The site does not know the token of this point. */
export class NotAPoint extends Error {
  override readonly name = 'NotAPoint'
}

/** Of what is small; octets of content take as long as they take, as long as some come. */
const answerTimeoutMs = 20_000
const silenceMs = 30_000

function readBy<T>(parse: (text: string) => T | undefined) {
  return z.string().transform((text, context): T => {
    const value = parse(text)
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: 'is not known here' })
    return z.NEVER
  })
}

const count = z.number().int().nonnegative()
const packageId = readBy(parsePackageId)

/** Members that a newer site says are left out. */
export const contentSchema = z.object({
  contentId: packageId,
  version: count,
  validation: count,
  files: z.array(
    z.object({
      name: readBy((text) => (isContentName(text) ? text : undefined)),
      sha256: readBy(parseSha256),
      bytes: count,
      executable: z.literal(true).exactOptional(),
    }),
  ),
})
const assignmentSchema = z.object({
  contents: z.array(contentSchema),
  prestagedContentOnly: z.literal(true).exactOptional(),
})
const runTokenSchema = z.discriminatedUnion('known', [
  z.object({ known: z.literal(false) }),
  z.object({ known: z.literal(true), content: z.array(z.object({ id: packageId, version: count })) }),
])

interface Asked {
  readonly method?: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal: AbortSignal
}

export class SiteConnection {
  readonly #site: string
  readonly #token: string
  readonly #signal: AbortSignal

  constructor(options: { readonly site: string; readonly token: string; readonly signal: AbortSignal }) {
    this.#site = options.site
    this.#token = options.token
    this.#signal = options.signal
  }

  async assignment(): Promise<Assignment> {
    return assignmentSchema.parse(await this.#ask('GET', pointPaths.assignment))
  }

  async report(report: PointReport): Promise<void> {
    await this.#ask('POST', pointPaths.report, report)
  }

  async askRunToken(asked: AskRunToken): Promise<RunTokenAnswer> {
    return runTokenSchema.parse(await this.#ask('POST', pointPaths.runToken, asked))
  }

  /** From this octet on. A silence breaks it off. */
  async *octets(sha256: Sha256, position: number): AsyncGenerator<Uint8Array> {
    const silence = new AbortController()
    const timer = setTimeout(() => silence.abort(new Error(`the site was silent for ${silenceMs} ms`)), silenceMs)
    try {
      const answer = await this.#fetch(pointPaths.blobs + sha256, {
        headers: position === 0 ? {} : { range: `bytes=${position}-` },
        signal: AbortSignal.any([this.#signal, silence.signal]),
      })
      const start = answer.status === 206 ? startOf(answer.headers.get('content-range')) : 0
      if (start !== position) throw new Error('the site sent another range than the one asked for')
      for await (const chunk of answer.body ?? []) {
        timer.refresh()
        yield chunk
      }
    } finally {
      clearTimeout(timer)
    }
  }

  async #ask(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const headers = body === undefined ? {} : { 'content-type': 'application/json' }
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(answerTimeoutMs)])
    return (await this.#fetch(path, { method, headers, signal, ...sent })).json()
  }

  async #fetch(path: string, { headers: given, ...init }: Asked): Promise<Response> {
    const headers = { ...given, authorization: `Bearer ${this.#token}`, 'accept-encoding': 'identity' }
    const answer = await fetch(this.#site + path, { ...init, headers, redirect: 'error' }).catch(tellCause)
    if (answer.ok) return answer
    await answer.body?.cancel()
    if (answer.status === 401 || answer.status === 403) {
      throw new NotAPoint('the site does not know the token of this distribution point')
    }
    throw new Error(`the site answered ${answer.status}`)
  }
}

/** What fetch says of itself is that it failed. */
function tellCause(error: unknown): never {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  throw new Error(messageOf(cause), { cause: error })
}

function startOf(contentRange: string | null): number {
  return Number(/^bytes (\d+)-/.exec(contentRange ?? '')?.[1])
}
