/**
 * The server as the agent sees it: hello, start of a run, resume, events (`server/contract/agent.ts`). What a later try
 * may cure is tried again for ever, with back-off, and said on the console with its number and the address tried; a
 * refusal that no repetition cures is thrown to the caller as a `Fault`. Requests go one at a time, because their
 * counters have to arrive in order.
 */

import { assert } from '../server/assert.ts'
import {
  hardwareDisksMax,
  headers,
  type Hello,
  type HelloAnswer,
  type ReportEvents,
  type Resume,
  type ResumeAnswer,
  type StartRun,
  type StartRunAnswer,
} from '../server/contract/agent.ts'
import { agentRoutes } from '../server/contract/routes.ts'
import { type BackOff, backOffMs, pause, serverBackOff } from './back-off.ts'
import {
  decodeHelloAnswer,
  decodeReportEventsAnswer,
  decodeResumeAnswer,
  decodeStartRunAnswer,
  isFields,
} from './decode-answer.ts'
import { type Answer, exchange } from './exchange.ts'
import { Fault, isAgentErrorCode, isWorthRetrying } from './fault.ts'
import type { Identity } from './identity.ts'
import type { ServerLocation } from './server-location.ts'

export interface ManagementPointSettings {
  readonly server: ServerLocation
  readonly identity: Identity
  /** Told of each failed try, so that a person in front of the machine sees it first. */
  readonly onFault: (fault: Fault, againInMs: number) => void
  readonly signal: AbortSignal
  readonly backOff?: BackOff
  readonly timeoutMs?: number
}

/** Lets the time before the next try pass; false: nobody wants that one. */
export type IsAwaited = (ms: number) => Promise<boolean>

interface Question<A> {
  readonly path: string
  readonly body: unknown
  readonly token: string | undefined
  readonly decode: (value: unknown) => A | undefined
}

/** Long enough for a server under a boot storm, short enough that a dead address is noticed. */
const requestTimeoutMs = 20_000

export class ManagementPoint {
  readonly #settings: ManagementPointSettings
  /** The base that answered last; another one takes over when it fails. */
  #base = 0
  #queue: Promise<unknown> = Promise.resolve()
  #runToken: string | undefined

  constructor(settings: ManagementPointSettings) {
    this.#settings = settings
  }

  get runToken(): string {
    return this.#runToken ?? ''
  }

  /** Undefined: it was not awaited to the end. */
  async hello(hello: Hello, isAwaited?: IsAwaited): Promise<HelloAnswer | undefined> {
    const body = withinLimits(hello)
    const question = { path: agentRoutes.hello, body, token: undefined, decode: decodeHelloAnswer }
    return isAwaited === undefined ? this.#askUntilHeard(question) : this.#askWhile(question, isAwaited)
  }

  /** Each address of the server once: for an agent that comes again later anyway. Rejects with a `Fault`. */
  async helloOnce(hello: Hello): Promise<HelloAnswer> {
    const question = {
      path: agentRoutes.hello,
      body: withinLimits(hello),
      token: undefined,
      decode: decodeHelloAnswer,
    }
    for (let left = this.#settings.server.length; ; left -= 1) {
      try {
        return await this.#inTurn(() => this.#askOnce(question))
      } catch (error) {
        if (left <= 1 || !(error instanceof Fault) || !isWorthRetrying(error.kind)) throw error
        this.#base += 1
      }
    }
  }

  async startRun(session: string, start: StartRun): Promise<StartRunAnswer> {
    const question = { path: agentRoutes.runs, body: start, token: session, decode: decodeStartRunAnswer }
    const answer = await this.#askUntilHeard(question)
    this.#runToken = answer.runToken
    return answer
  }

  async resume(resume: Resume): Promise<ResumeAnswer> {
    const body = { ...resume, hello: withinLimits(resume.hello) }
    const question = { path: agentRoutes.resume, body, token: undefined, decode: decodeResumeAnswer }
    const answer = await this.#askUntilHeard(question)
    this.#runToken = answer.runToken
    return answer
  }

  /** The highest sequence the server keeps. */
  async reportEvents(report: ReportEvents): Promise<number> {
    const question = { path: agentRoutes.events, body: report, token: this.runToken, decode: decodeReportEventsAnswer }
    return (await this.#askUntilHeard(question)).acknowledged
  }

  /** With the token of the run; `decode` gives undefined for an answer that is none. */
  async askForRun<A>(path: string, body: unknown, decode: (value: unknown) => A | undefined): Promise<A> {
    return this.#askUntilHeard({ path, body, token: this.runToken, decode })
  }

  async #askUntilHeard<A>(question: Question<A>): Promise<A> {
    const answer = await this.#askWhile(question, async (ms) => {
      await pause(ms, this.#settings.signal)
      return true
    })
    assert(answer !== undefined, 'nobody gives up')
    return answer
  }

  async #askWhile<A>(question: Question<A>, isAwaited: IsAwaited): Promise<A | undefined> {
    const { signal, onFault, backOff = serverBackOff } = this.#settings
    for (let failures = 1; ; failures += 1) {
      try {
        return await this.#inTurn(() => this.#askOnce(question))
      } catch (error) {
        if (!(error instanceof Fault) || !isWorthRetrying(error.kind) || signal.aborted) throw error
        this.#base += 1
        const waitMs = Math.max(error.retryAfterMs, backOffMs(backOff, failures, Math.random()))
        onFault(error, waitMs)
        if (!(await isAwaited(waitMs))) return undefined
      }
    }
  }

  async #inTurn<A>(ask: () => Promise<A>): Promise<A> {
    const turn = this.#queue.then(ask, ask)
    this.#queue = turn
    return turn
  }

  async #askOnce<A>(question: Question<A>): Promise<A> {
    const { server, identity, signal, timeoutMs = requestTimeoutMs } = this.#settings
    const base = server[this.#base % Math.max(server.length, 1)]
    if (base === undefined) throw new Fault('no-server', 'reveille.server=')
    const url = base + question.path
    const body = Buffer.from(JSON.stringify(question.body))
    const { pathname, search } = new URL(url)
    const answer = await exchange({
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, application/problem+json',
        ...(question.token === undefined ? {} : { [headers.authorization]: `Bearer ${question.token}` }),
        ...identity.sign('POST', pathname + search, body),
      },
      body,
      timeoutMs,
      signal,
    })
    if (answer.status < 200 || answer.status > 299) throw refusalOf(answer, url)
    const decoded = question.decode(parseJson(answer.body))
    if (decoded === undefined) throw new Fault('not-ours', url, `HTTP ${answer.status} without the expected answer`)
    return decoded
  }
}

/** A machine on a storage network sees more disks than the server wants to hear of. */
function withinLimits(hello: Hello): Hello {
  const { hardware } = hello
  return { ...hello, hardware: { ...hardware, disks: hardware.disks.slice(0, hardwareDisksMax) } }
}

/** RFC 9457 problem details with one of our codes, or some other server's page. */
function refusalOf(answer: Answer, url: string): Fault {
  const problem = parseJson(answer.body)
  const detail =
    isFields(problem) && typeof problem['detail'] === 'string' ? problem['detail'] : `HTTP ${answer.status}`
  if (isFields(problem) && isAgentErrorCode(problem['code'])) return new Fault(problem['code'], url, detail)
  const isBusy = answer.status >= 500 || answer.status === 429
  return isBusy
    ? new Fault('server-error', url, { detail, retryAfterMs: answer.retryAfterMs })
    : new Fault('not-ours', url, detail)
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
